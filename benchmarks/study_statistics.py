"""Whether the statistics keep what they promise, over simulated studies.

`python -m benchmarks.study_statistics` writes docs/benchmarks/statistics.md.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core.analytics.compare import compare
from fer_core.analytics.methods.bands import draw_viewers, mean_band, resample, sorted_quantiles
from fer_core.analytics.methods.clusters import ClusterTest, family_p, independent, paired
from fer_core.analytics.methods.synchrony import synchrony
from fer_core.analytics.seconds import Curves, audience, curves
from fer_core.analytics.simulate import SimulatedStudy, simulate_curves, simulate_study
from fer_core.machine import stamp
from tests.analytics.referee import viewer_seconds

Array = NDArray[np.float64]
Rows = list[tuple[object, ...]]

COVERED = ("engagement", "valence", "expressiveness", "p_happy", "attention")
OUT = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "statistics.md"
SIDE, SECONDS = 24, 30
#: Name; share of the variance between viewers; correlation of neighbouring seconds.
NOISE = (
    ("every second on its own", 0.0, 0.0),
    ("seconds last a little, viewers differ a little", 0.3, 0.3),
    ("seconds last, viewers differ much", 0.5, 0.5),
)


def pairs_of_groups(studies: int, own: float, lasting: float) -> Iterator[tuple[int, Array, Array]]:
    rng = np.random.default_rng(20)
    for at in range(studies):
        a, b = (
            simulate_curves(rng, SIDE, SECONDS, own_level=own, lasting=lasting) for _ in range(2)
        )
        yield at, a, b


def alarmed(test: ClusterTest) -> bool:
    return any(one.p < 0.05 for one in test.clusters)


def found_at(test: ClusterTest, start: int, stop: int) -> bool:
    return any(
        one.p < 0.05 and one.mass < 0 and one.start < stop and one.stop > start
        for one in test.clusters
    )


def rate(count: int, of: int) -> str:
    return f"{100 * count / of:.1f} % ± {100 * np.sqrt(count / of * (1 - count / of) / of):.1f}"


def alarms(studies: int) -> Rows:
    rows: Rows = []
    for name, own, lasting in NOISE:
        free = pairs = family = 0
        for at, a, b in pairs_of_groups(studies, own, lasting):
            free += alarmed(independent(a, b, seed=at))
            pairs += alarmed(paired(a - b, seed=at))
            rng = np.random.default_rng(at)
            others = [
                independent(
                    *(
                        simulate_curves(rng, SIDE, SECONDS, own_level=own, lasting=lasting)
                        for _ in range(2)
                    ),
                    seed=at,
                )
                for _ in range(2)
            ]
            together = family_p([independent(a, b, seed=at), *others])
            family += any(p < 0.05 for ps in together for p in ps)
        rows.append((name, rate(free, studies), rate(pairs, studies), rate(family, studies)))
    return rows


def power(studies: int) -> Rows:
    rows: Rows = []
    for name, own, lasting in NOISE:
        counts = {"free": 0, "pairs": 0, "family": 0}
        for at, a, b in pairs_of_groups(studies, own, lasting):
            b[:, 12:15] += 1.0
            test = independent(a, b, seed=at)
            counts["free"] += found_at(test, 12, 15)
            rng = np.random.default_rng(at)
            d = simulate_curves(rng, SIDE, SECONDS, own_level=own, lasting=lasting)
            d[:, 12:15] -= 1.0  # dz = 1
            counts["pairs"] += found_at(paired(d, seed=at), 12, 15)
            others = [independent(*rng.normal(size=(2, SIDE, SECONDS)), seed=at) for _ in "ab"]
            ps = family_p([test, *others])[0]
            counts["family"] += any(
                p < 0.05 and one.mass < 0 and one.start < 15 and one.stop > 12
                for one, p in zip(test.clusters, ps)
            )
        rows.append((name, *(rate(count, studies) for count in counts.values())))
    return rows


def by_condition(study: SimulatedStudy) -> list[pd.DataFrame]:
    return [
        pd.concat(
            [
                viewer_seconds(one.timeline, one.frames)
                for one in study.sessions
                if one.condition == condition
            ]
        )
        for condition in study.conditions
    ]


def demo_studies(studies: int) -> Rows:
    """The demo's own way, from rows to sentence, with and without its differences."""
    null_alarms = everything = beyond = 0
    for seed in range(studies):
        null = compare(*by_condition(simulate_study(planted=(), seed=seed)), draws=20, seed=seed)
        null_alarms += any(one.significant for one in null.clusters)
    with_differences = max(1, studies // 4)
    for seed in range(with_differences):
        study = simulate_study(seed=seed)
        answer = compare(*by_condition(study), draws=20, seed=seed)
        spans = [one for one in answer.clusters if one.significant]
        hits = {
            (planted, one.measure)
            for planted in study.planted
            for one in spans
            if one.measure in planted.measures
            and one.from_ms < planted.to_ms
            and one.to_ms > planted.from_ms
        }
        turned, pleased = study.planted
        everything += (turned, "attention") in hits and (pleased, "valence") in hits
        beyond += any(
            all(
                one.measure not in planted.measures
                or one.from_ms >= planted.to_ms
                or one.to_ms <= planted.from_ms
                for planted in study.planted
            )
            for one in spans
        )
    return [
        ("nothing planted: an alarm in any of three measures", studies, rate(null_alarms, studies)),
        ("both planted differences found", with_differences, rate(everything, with_differences)),
        ("a span where nothing is planted", with_differences, rate(beyond, with_differences)),
    ]


def coverage(studies: int) -> Rows:
    """30 seconds of each study against the mean of all the viewers it is drawn from."""
    population = simulate_study(viewers=600, planted=(), seed=77)
    seconds = pd.concat(by_condition(population), ignore_index=True)
    kinds = {name: curves(seconds, name).values for name in COVERED}
    normal = np.random.default_rng(3).normal(50.0, 10.0, size=(1200, SECONDS))
    rows: Rows = []
    for name, values in {"engagement, normal by itself": normal, **kinds}.items():
        values = values[~np.isnan(values).any(axis=1)]
        measure = name.split(",")[0]
        truth = values.mean(axis=0)
        for viewers in (5, 8, 12, 24, 60):
            rng = np.random.default_rng(viewers)
            ours, plain = [], []
            for at in range(studies):
                drawn = values[rng.choice(len(values), viewers, replace=False)]
                who = pd.DataFrame({"viewer": range(viewers)})
                band = audience(
                    Curves(measure, drawn, np.arange(SECONDS), who), draws=1000, seed=at
                )
                ours.append(np.mean((band["low"] <= truth) & (truth <= band["high"])))
                again = resample(drawn, draw_viewers(viewers, 1000, np.random.default_rng(at)))
                low, high = sorted_quantiles(again.mean, (0.025, 0.975))
                plain.append(np.mean((low <= truth) & (truth <= high)))
            error = np.std(ours) / np.sqrt(studies)
            rows.append(
                (
                    name,
                    viewers,
                    f"{100 * np.mean(ours):.1f} % ± {100 * error:.1f}",
                    f"{100 * np.mean(plain):.1f} %",
                )
            )
    return rows


def chance_range(studies: int) -> Rows:
    rows: Rows = []
    for name, own, lasting in NOISE:
        for viewers in (6, 24):
            rng = np.random.default_rng(viewers)
            inside = 0
            for at in range(studies):
                values = simulate_curves(rng, viewers, 60, own_level=own, lasting=lasting)
                one = synchrony(values, seed=at)
                inside += one.low <= one.value <= one.high
            rows.append((name, viewers, rate(inside, studies)))
    return rows


def speed() -> Rows:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 200, 120))
    work: dict[str, Callable[[], object]] = {
        "band, 2,000 draws": lambda: mean_band(a),
        "permutation test, 200 against 200 viewers, 2,000 shuffles": lambda: independent(a, b),
        "paired, 200 viewers": lambda: paired(a - b),
        "synchrony, 1,000 shifts": lambda: synchrony(a),
    }
    rows: Rows = []
    for name, call in work.items():
        times = []
        for _ in range(5):
            begin = time.process_time()
            call()
            times.append(time.process_time() - begin)
        rows.append((name, f"{1000 * float(np.median(times)):.0f} ms"))
    return rows


def table(head: tuple[str, ...], rows: Rows) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=400, help="simulated studies a figure")
    parser.add_argument("--demos", type=int, default=200, help="whole demo studies")
    args = parser.parse_args()
    begin = time.process_time()
    demos = demo_studies(args.demos)
    parts = [
        "# Statistics over simulated studies",
        "",
        stamp(
            f"python -m benchmarks.study_statistics --studies {args.studies} --demos {args.demos}"
        ),
        "",
        "After ± stands one standard error. One core.",
        "",
        f"## False alarms: {SIDE} viewers a side, {SECONDS} s, no difference",
        "",
        "Wanted: 5 % ± 3.",
        "",
        table(("noise", "two groups", "paired", "three measures together"), alarms(args.studies)),
        "",
        f"## Found: one standard deviation over 3 s, {SIDE} a side",
        "",
        "Wanted: 90 % where every second is a measurement of its own. Where viewers differ in "
        "level and seconds resemble their neighbours, three seconds say hardly more than one: "
        "such studies need more viewers, or pairs.",
        "",
        table(
            ("noise", "two groups", "paired, dz = 1", "among three measures"), power(args.studies)
        ),
        "",
        "## The demo, whole: from timeline rows to the sentence",
        "",
        table(("", "studies", "share"), demos),
        "",
        "## The 95 % band holds the true mean",
        "",
        "Wanted: 93 to 97 %. Seconds of simulated viewers, drawn from 1,200; `percentile` is "
        "the plain bootstrap that the band was chosen over.",
        "",
        table(("measure", "viewers", "band", "percentile"), coverage(args.studies // 2)),
        "",
        "## Synchrony's chance range holds curves that have no tie, 60 s",
        "",
        "Wanted: 95 %.",
        "",
        table(("noise", "viewers", "inside"), chance_range(args.studies)),
        "",
        "## Time on one core, 200 viewers over 120 s",
        "",
        table(("", "median processor time"), speed()),
        "",
    ]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text("\n".join(parts))
    print(OUT.read_text())
    print(f"{time.process_time() - begin:.0f} s of processor time")


if __name__ == "__main__":
    main()
