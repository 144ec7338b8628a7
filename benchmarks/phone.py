"""The chain in a browser against the server's, on the same films and the same crops.

``python -m benchmarks.phone HOME FILM...``: HOME is a home after ``rapt web install``. Both become
sessions of a store, so that what is calibrated at a session's end is so for both. Renews its rows
of docs/benchmarks/phone.md.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
import pandas as pd

from benchmarks.phone_page import Row, write
from benchmarks.phone_rig import chain_page, read_film
from fer_core.cli.main import main as rapt
from fer_core.home import Home
from fer_core.inference import Classifier
from fer_core.live.numbers import NumbersSession, device_faces
from fer_core.live.values import LiveSpec
from fer_core.measures import measure_versions
from fer_core.storage import open_store
from fer_core.web.folder import web_folder
from fer_core.zoo.model_store import find_model

CROPS: Final = 200
#: In points: from this standard deviation on a film's engagement counts as varying.
VARIES: Final = 3
SAME_ATTENTION: Final = 0.1
#: In blinks a minute: one more blink in a second is 60. A rate counts the frames whose eyes were
#: read, which differ by single ones.
SAME_BLINKS: Final = 30
COLUMNS: Final = [f"{one}{side}" for one in ("engagement", "attention", "blink")
                  for side in ("", "_web")]  # fmt: skip


def frames_of(film: Path) -> tuple[list[np.ndarray], list[int]]:
    """All pictures of a film, (h, w, 3), and their times in ms."""
    pictures, times = [], []
    with av.open(str(film)) as opened:
        for frame in opened.decode(video=0):
            pictures.append(frame.to_ndarray(format="rgb24"))
            times.append(round(1000 * float(frame.time or 0)))
    return pictures, times


def as_sent(face: dict[str, Any]) -> dict[str, Any]:
    """A face of the chain as a device sends it."""
    read = [None if one is None else one for one in face["readings"]]
    return {
        "b": face["box"], "s": min(1.0, face["score"]), "p": np.ravel(face["points"]).tolist(),
        "e": face["seven"], "w": face["whyNot"],
        "r": None if all(one is None for one in read) else read,
    }  # fmt: skip


def same_crops(page: Any, classifier: Classifier) -> tuple[float, float]:
    """How far probabilities of the same crops lie apart, by the same file: at most, of 95 %."""
    rng = np.random.default_rng(1)
    low = rng.integers(0, 256, (CROPS, 6, 6)).repeat(8, axis=1).repeat(8, axis=2)
    crops = np.clip(low + rng.normal(0, 12, (CROPS, 48, 48)), 0, 255).astype(np.uint8)
    ours = classifier.probabilities(crops)
    theirs = np.array(
        page.evaluate(
            """async (crops) => { const found = [];
            for (const one of crops)
              found.push(await reader.ask('expression', { crop: Uint8Array.from(one) }));
            return found; }""",
            crops.reshape(CROPS, -1).tolist(),
        )
    )
    apart = np.abs(theirs - ours).max(axis=1)
    return float(apart.max()), float(np.percentile(apart, 95))


def compare(home: Home, film: Path, rig: Any, page: Any) -> tuple[pd.DataFrame, float]:
    """One film's seconds by both, the browser's with the ending ``_web``; ms a picture there."""
    pictures, times = frames_of(film)
    read = read_film(rig, page, pictures, times)
    height, width = pictures[0].shape[:2]
    session = NumbersSession(home, LiveSpec(name=film.stem), measure_versions(eyes=True))
    shown = [as_sent(one["faces"][0]) if one["faces"] else None for one in read]
    session.add(times, device_faces(shown, width, height), width, height)
    session.stop()
    rapt(["analyze", str(film), "--home", str(home.root), "--json"])
    with open_store(home) as store:
        store.sync()
        theirs = store.timeline.seconds(session.session_id)
        (other,) = set(store.sessions.list()["session_id"]) - {session.session_id}
        ours = store.timeline.seconds(other)
    best = None
    # the browser follows one face: it is held against that viewer of the server's it agrees with
    for viewer in ours["viewer"].unique():
        both = ours[ours["viewer"] == viewer].merge(theirs, on="second", suffixes=("", "_web"))
        both = both.dropna(subset=["engagement", "engagement_web"])
        if len(both) and (best is None or _off(both) < _off(best)):
            best = both
    assert best is not None, f"{film.name}: no second was read by both"
    return best, float(np.median([one["tookMs"] for one in read]))


def _off(both: pd.DataFrame) -> float:
    return float((both["engagement"] - both["engagement_web"]).abs().mean())


def as_row(film: Path, both: pd.DataFrame, ms: float) -> Row:
    """A film's agreement by the second."""
    n = len(both)
    apart = (both["engagement"] - both["engagement_web"]).abs()
    r = ""
    if both["engagement"].std() > VARIES:
        r = f", r {both['engagement'].corr(both['engagement_web']):.3f}"
    attention = int(((both["attention"] - both["attention_web"]).abs() < SAME_ATTENTION).sum())
    apart_blinks = (both["blink"].fillna(0) - both["blink_web"].fillna(0)).abs()
    blinks = int((apart_blinks < SAME_BLINKS).sum())
    return Row(
        f"`{film.name}`, second by second",
        "engagement off by 3, r 0.97 where it varies; attention and blinks 95 %",
        f"{n} seconds: off by {apart.mean():.2f} on average, {apart.max():.1f} at most{r}; "
        f"attention {attention} of {n}, blinks {blinks} of {n}; {ms:.0f} ms a picture",
    )


def main(root: Path, films: list[Path]) -> None:
    stored = find_model(None, Home(root))
    folder = web_folder(Home(root))
    assert folder is not None, "run: rapt web install"
    rows = []
    for kind, aim in (("litert", "0.001 at most"), ("int8", "0.02 of 95 %")):
        one = type(stored)(replace(stored.card, default=kind), stored.folder)
        with chain_page(folder, one, where="#alone") as (rig, page):
            page.evaluate("opened")
            largest, most = same_crops(page, Classifier(one, kind))
            what = f"the same {CROPS} crops by the same file: {kind}"
            rows.append(Row(what, aim, f"{largest:.2g} at most, {most:.2g} of 95 %"))
            if kind != stored.card.default:
                continue
            for film in films:
                with tempfile.TemporaryDirectory() as name:
                    home = Home(Path(name))
                    home.cache.symlink_to((root / "cache").resolve())
                    both, ms = compare(home, film, rig, page)
                    print(both[COLUMNS].to_string(), flush=True)
                    rows.append(as_row(film, both, ms))
    write(rows, "python -m benchmarks.phone HOME FILM…")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(one) for one in sys.argv[2:]])
