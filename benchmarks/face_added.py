"""How often the interval of «what the face added» holds the gain that was planted.

    python -m benchmarks.face_added [--studies 400] [--respondents 40 80] [--shares 0 0.1 0.3]

Studies of ``n`` respondents are simulated: an answer that hangs on what is known without a face, on
the response (or not), and on chance. The planted gain is what the face takes away of the squared
error for respondents who were never seen, as a share of the error of the mean, by the same method
trained on as many: it is measured on 2000 more respondents of each simulated study, and averaged.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

import numpy as np

from fer_core.analytics.methods import face_added as method
from fer_core.analytics.methods.face_added import FaceAdded, face_added

KNOWN, RESPONSE, MORE = 3, 6, 2000


def study(n: int, share: float, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Answers on a scale of 1 to 7, what is known, the response; ``share`` of the variance is
    the face's."""
    known = rng.normal(size=(n, KNOWN))
    face = rng.normal(size=(n, RESPONSE)) + 0.3 * known[:, :1]
    face[:, 1] += 0.6 * face[:, 0]  # measures of one face hang together
    own = face[:, 0] - 0.3 * known[:, 0]
    latent = np.sqrt(0.2) * known[:, 1] + np.sqrt(share) * own
    latent = latent + np.sqrt(max(0.0, 0.8 - share)) * rng.normal(size=n)
    return np.clip(np.round(4 + 1.5 * latent), 1, 7), known, face


def one(n: int, share: float, seed: int) -> tuple[FaceAdded, float]:
    """The estimate from ``n`` respondents, and the gain on others, trained on those n."""
    rng = np.random.default_rng(seed)
    y, known, face = study(n + MORE, share, rng)
    found = face_added(y[:n], known[:n], face[:n], seed=seed)
    train = np.arange(n + MORE) < n
    without, with_face = method._predict(y[:n, None], known, face, train, ~train)
    errors = (y[n:] - without[:, 0]) ** 2 - (y[n:] - with_face[:, 0]) ** 2
    return found, float(errors.mean() / np.mean((y[n:] - y[:n].mean()) ** 2))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=400)
    parser.add_argument("--respondents", type=int, nargs="+", default=[40, 80])
    parser.add_argument("--shares", type=float, nargs="+", default=[0.0, 0.1, 0.3])
    given = parser.parse_args()
    for n in given.respondents:
        for share in given.shares:
            began = time.perf_counter()
            made = [one(n, share, 1000 * n + seed) for seed in range(given.studies)]
            planted = float(np.mean([gain for _, gain in made]))
            row = {
                "respondents": n,
                "share_of_the_face": share,
                "planted_gain": planted,
                "mean_estimate": np.mean([found.gain for found, _ in made]),
                "interval_holds": np.mean([f.low <= planted <= f.high for f, _ in made]),
                "misses_below": np.mean([f.high < planted for f, _ in made]),
                "misses_above": np.mean([f.low > planted for f, _ in made]),
                "mean_width": np.mean([f.high - f.low for f, _ in made]),
                "claims_a_gain": np.mean([f.claims for f, _ in made]),
                "seconds_a_study": (time.perf_counter() - began) / given.studies,
            }
            row = {name: round(float(value), 4) for name, value in row.items()}
            sys.stdout.write(json.dumps(row) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
