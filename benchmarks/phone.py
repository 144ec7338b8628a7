"""The chain in a browser against the server's, on the same films and the same crops.

``python -m benchmarks.phone HOME FILM...``: HOME is a home after ``rapt web install``. Both become
sessions of a store, so that what is calibrated at a session's end is so for both.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np

from benchmarks.phone_rig import chain_page, read_film
from fer_core.cli.main import main as rapt
from fer_core.home import Home
from fer_core.inference import Classifier
from fer_core.live.numbers import NumbersSession, device_face
from fer_core.live.values import LiveSpec
from fer_core.measures import measure_versions
from fer_core.storage import open_store
from fer_core.web.folder import web_folder
from fer_core.zoo.model_store import find_model

CROPS = 200


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


def same_crops(page: Any, classifier: Classifier) -> dict[str, float]:
    """Probabilities of the same crops, by the same file."""
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
    return {"largest": float(apart.max()), "95 %": float(np.percentile(apart, 95))}


def compare(home: Home, film: Path, rig: Any, page: Any) -> dict[str, Any]:
    """One film's seconds, read by both."""
    pictures, times = frames_of(film)
    read = read_film(rig, page, pictures, times)
    height, width = pictures[0].shape[:2]
    session = NumbersSession(home, LiveSpec(name=film.stem), measure_versions(eyes=True))
    session.add(
        [
            (t, device_face(as_sent(one["faces"][0]), width, height) if one["faces"] else None)
            for t, one in zip(times, read, strict=True)
        ],
        width,
        height,
    )
    session.stop()
    rapt(["analyze", str(film), "--home", str(home.root), "--json"])
    with open_store(home) as store:
        store.sync()
        rows = store.sessions.list()
        theirs = store.timeline.seconds(session.session_id)
        (other,) = [
            one for one in rows["session_id"]
            if one != session.session_id and film.stem in store.sessions.get(one).name
        ]  # fmt: skip
        ours = store.timeline.seconds(other)
    best: dict[str, Any] = {}
    for viewer in ours["viewer"].unique():
        both = ours[ours["viewer"] == viewer].merge(theirs, on="second", suffixes=("", "_web"))
        both = both.dropna(subset=["engagement", "engagement_web"])
        if not len(both):
            continue
        apart = (both["engagement"] - both["engagement_web"]).abs()
        varies = both["engagement"].std() > 3
        found = {
            "seconds": len(both), "off": round(float(apart.mean()), 2),
            "worst": round(float(apart.max()), 1),
            "r": round(float(both["engagement"].corr(both["engagement_web"])), 3)
            if varies else None,
            "attention agrees": round(
                float(((both["attention"] - both["attention_web"]).abs() < 0.1).mean()), 3
            ),
            "ms a picture": round(float(np.median([one["tookMs"] for one in read])), 1),
        }  # fmt: skip
        for column in ("blink",):
            if column in both:
                found["blinks agree"] = round(
                    float((both[column].fillna(0) == both[f"{column}_web"].fillna(0)).mean()), 3
                )
        if not best or found["off"] < best["off"]:
            best = found
    return best


def main(root: Path, films: list[Path]) -> None:
    stored = find_model(None, Home(root))
    for kind in ("litert", "int8"):
        card = replace(stored.card, default=kind)
        one = type(stored)(card, stored.folder)
        folder = web_folder(Home(root))
        assert folder is not None
        with chain_page(folder, one, where="#alone") as (rig, page):
            page.evaluate("opened")
            print(kind, "same crops:", same_crops(page, Classifier(one, kind)), flush=True)
            if kind != stored.card.default:
                continue
            for film in films:
                with tempfile.TemporaryDirectory() as name:
                    home = Home(Path(name))
                    shutil.copytree(root / "cache", home.cache)
                    print(film.name, json.dumps(compare(home, film, rig, page)), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(one) for one in sys.argv[2:]])
