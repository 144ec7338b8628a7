"""The map of 30,000 faces in a browser: how soon it is drawn, and an area of it answered.

    python -m benchmarks.face_map [--faces 30000] [--data ../shared/data/fer2013]

A real server and a real Chromium; the faces are noise in groups, for time does not depend on what
they show. The server has shown the page once with nothing timed. Each round is a new tab that
opens the map by its address, and an area drawn around some faces with the mouse. Where the extra
rapt[umap] is installed, the job that lays these faces out by UMAP is timed first; and of FER2013's
PublicTest, where it is there, it is said how many neighbours each layout keeps. Writes
docs/benchmarks/face_map.md.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import textwrap
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import numpy as np
from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks.served import FLAGS, browser_path, served
from fer_core.evaluation import umap_plane
from fer_core.evaluation.face_map import FaceMap, path_of, plane
from fer_core.evaluation.trusted_weights import trusted_model
from fer_core.home import Home
from fer_core.jobs import face_cache
from fer_core.jobs.evaluation import Features, run_map_job
from fer_core.labels import EMOTIONS, PROBABILITY_COLUMNS
from fer_core.machine import stamp
from fer_core.storage import open_store
from fer_core.storage.lab.evaluations import AddEvaluation
from fer_core.text import percent
from fer_core.training.datasets import DataSet, load
from fer_core.training.samples import Samples
from fer_core.types import ReportJson
from fer_core.zoo.model_store import find_model
from tests.e2e.entry import cookie

OUT = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "face_map.md"
DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "fer2013"
ROUNDS = 7
SPLIT = "publictest"


def fill(home: Home, faces: int, data: Path) -> str:
    """An evaluation of so many faces with their map; its id."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, len(EMOTIONS), faces).astype(np.int32)
    images = rng.integers(0, 256, (faces, 48, 48)).astype(np.uint8)
    data.write_text("emotion,pixels,Usage\n")  # the copy in the cache stands for it
    face_cache.store_faces(home, data, DataSet("many", {SPLIT: Samples(images, labels)}))
    key = face_cache.fingerprint(data) or ""
    centres = rng.normal(size=(len(EMOTIONS), 64))
    features = centres[labels] + 0.7 * rng.normal(size=(faces, 64))
    p = rng.dirichlet(np.full(len(EMOTIONS), 0.4), faces)
    guess = p.argmax(axis=1)
    weights = find_model("rapt-1", home).card.files["keras"].sha256
    points, kept = plane(features.astype(np.float32))
    rows = np.arange(faces, dtype=np.int32)
    FaceMap(weights, key, SPLIT, rows, points, kept).write(path_of(home.cache, weights, key, SPLIT))
    hits = np.zeros((len(EMOTIONS), len(EMOTIONS)), int)
    np.add.at(hits, (labels, guess), 1)
    report: ReportJson = {
        "n": faces, "accuracy": float((guess == labels).mean()), "macro_f1": 0.3, "ece": 0.1,
        "top2": 0.5, "top3": 0.6, "confusion": hits.tolist(), "split": SPLIT, "model": "rapt-1",
        "labels": list(EMOTIONS), "per_class": {},
    }  # fmt: skip
    predictions = {
        "item": [f"{SPLIT}/{row:06d}" for row in rows],
        "truth": [EMOTIONS[k] for k in labels],
        "guess": [EMOTIONS[k] for k in guess],
        "confidence": p.max(axis=1).tolist(),
        **{name: p[:, k].tolist() for k, name in enumerate(PROBABILITY_COLUMNS)},
    }
    with open_store(home, look_after=False) as store:
        return store.run(
            AddEvaluation(
                model="rapt-1", data=str(data), usage=SPLIT, report=report, predictions=predictions
            )
        )


@dataclass
class Watch:
    """A job's progress, with the moment at which each of its messages was first said."""

    job_id: str = "watched"
    since: dict[str, float] = field(default_factory=dict)

    def __call__(self, done: int, total: int | None = None, message: str = "") -> None:
        self.since.setdefault(message, time.monotonic())

    def should_stop(self) -> bool:
        return False


def by_umap(home: Home, evaluation: str, faces: int) -> str:
    """How long the job takes, in a sentence."""
    if not umap_plane.is_installed():
        return f"By UMAP nothing was timed: it was not installed ({umap_plane.INSTALL})."
    watch, begun, used = Watch(), time.monotonic(), time.process_time()
    run_map_job(home, {"evaluation": evaluation}, watch)
    over, used = time.monotonic(), time.process_time() - used
    laying = watch.since["Laying faces out"]
    said = umap_plane.seconds(faces)
    return (
        f"Laid out by UMAP (umap-learn {version('umap-learn')}), as the job does it, TensorFlow "
        f"and numba's compiling within: {over - begun:.0f} s by the wall, {used:.0f} s of the "
        f"processor; reading the {faces:,} faces with rapt-1 {laying - begun:.0f} s, laying them "
        f"out {over - laying:.0f} s. The page promises {said:.0f} s."
    )


def neighbours(home: Home, data: Path) -> str:
    """What each layout keeps of the neighbours among real faces, in a sentence."""
    if not umap_plane.is_installed() or not data.exists():
        return ""
    images = load(data, usage=SPLIT)[SPLIT].images
    with open_store(home, look_after=False) as store:
        stored = trusted_model(store, home, "rapt-1")
    found = Features(stored, Watch(), 0, len(images)).of(images, "")
    begun = time.monotonic()
    _, kept = umap_plane.plane(found, lambda _share: None)
    seconds = time.monotonic() - begun
    by_pca = umap_plane.neighbours_kept(found, plane(found)[0])
    return (
        f"Of FER2013's PublicTest ({len(images):,} faces, laid out in {seconds:.0f} s), by the "
        f"features of rapt-1: {percent(kept)} of a face's {umap_plane.NEIGHBOURS} nearest are "
        f"among its nearest on the plane by UMAP, {percent(by_pca)} on that by PCA."
    )


def opened(context: BrowserContext, url: str) -> tuple[Page, float, float]:
    """A new tab on the map; the seconds until it is drawn, and those of the drawing alone."""
    page = context.new_page()
    begun = time.monotonic()
    page.goto(url)
    canvas = page.locator("canvas[data-drawn]")
    canvas.wait_for()
    seconds = time.monotonic() - begun
    return page, seconds, float(canvas.get_attribute("data-drawn") or "nan") / 1000


def circled(page: Page) -> tuple[float, str]:
    """Draw around the middle; the seconds from the button's release to the faces' count."""
    canvas = page.locator("canvas[data-drawn]")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    wide = 0.3 * box["height"]
    page.mouse.move(x + wide, y)
    page.mouse.down()
    for turn in np.linspace(0, 2 * np.pi, 40):
        page.mouse.move(x + wide * np.cos(turn), y + wide * np.sin(turn))
    begun = time.monotonic()
    page.mouse.up()
    answer = page.get_by_text("in the area of the map")
    answer.wait_for()
    page.locator(".gallery .tile").first.wait_for()
    return time.monotonic() - begun, answer.inner_text()


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("--faces", type=int, default=30_000)
    ask.add_argument("--data", type=Path, default=DATA)
    given = ask.parse_args()
    faces = given.faces
    stood, drew, answered = [], [], []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        home = Home(Path(folder) / "home")
        evaluation = fill(home, faces, Path(folder) / "many.csv")
        laid_out = by_umap(home, evaluation, faces)
        laid_out = f"{laid_out} {neighbours(home, given.data)}".strip()
        with served(home, Path(folder) / "log") as (url, _):
            browser = play.chromium.launch(executable_path=browser_path(), args=FLAGS)
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            context.add_cookies([cookie(home, url)])
            address = f"{url}/mistakes?evaluation={evaluation}&view=Map"
            page = opened(context, address)[0]
            circled(page)
            page.close()
            said = ""
            for _ in range(ROUNDS):
                page, seconds, drawing = opened(context, address)
                stood.append(seconds)
                drew.append(drawing)
                seconds, said = circled(page)
                answered.append(seconds)
                page.close()
            browser.close()

    def told(values: list[float], digits: int = 2) -> str:
        middle = statistics.median(values)
        return f"{middle:.{digits}f} s ({min(values):.{digits}f} to {max(values):.{digits}f})"

    OUT.write_text(
        f"""# A map of {faces:,} faces in a browser

Written by a command; do not edit.

{stamp("python -m benchmarks.face_map")}.

By the wall, {ROUNDS} rounds, server and Chromium on the same cores, medians with the quickest and
the slowest: from a new tab's address until the map is drawn {told(stood)}, of which the
drawing on the canvas itself {told(drew, 3)}; from the mouse button's release, an
area drawn around, until its faces are counted and shown {told(answered)}
(«{said}»).

{textwrap.fill(laid_out, 100)}
""",
        encoding="utf-8",
    )
    print(OUT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
