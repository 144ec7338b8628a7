"""What the pages Data, Label and Train are photographed with: kept faces, labels, trainings."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from playwright.sync_api import Page
from skimage.data import astronaut

from fer_core.evaluation.paired import Paired
from fer_core.files import write_json
from fer_core.home import Home
from fer_core.labels import EMOTIONS
from fer_core.storage import ShardWriter, open_store
from fer_core.storage.jobs import AddJob, UpdateJob
from fer_core.storage.lab.labels import AddLabel, Verdict
from fer_core.storage.lab.models import (
    AddEpochs,
    AddTrainingRun,
    NoteTrainingRun,
    UpdateTrainingRun,
)
from fer_core.storage.settings import SetSetting
from fer_core.storage.timeline.kept_faces import item_of, read_kept
from fer_core.training.examples import keep_examples
from fer_core.training.samples import Samples
from fer_core.training.settings import TrainSettings
from fer_core.types import JobStatus
from tests.dashboard.simulated import plant, results, timeline
from tests.training.sets import write_csv

RUN = "rapt-1-mine"
SECONDS = 90


def portraits(n: int, seed: int) -> np.ndarray:
    """The one public-domain face there is, cut and lit a little differently each time."""
    grey = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2GRAY)
    rng = np.random.default_rng(seed)
    faces = []
    for _ in range(n):
        x, y = 165 + rng.integers(-8, 8), 60 + rng.integers(-8, 8)
        side = 120 + int(rng.integers(-12, 12))
        cut = cv2.resize(grey[y : y + side, x : x + side], (48, 48), interpolation=cv2.INTER_AREA)
        lit = cut.astype(float) * rng.uniform(0.75, 1.15) + rng.normal(0, 6, cut.shape)
        face = lit.clip(0, 255).astype(np.uint8)
        faces.append(face[:, ::-1] if rng.random() < 0.5 else face)
    return np.stack(faces)


def furnish_training(home: Home) -> None:
    session = plant(home, "Ad test, respondent 07", seconds=SECONDS, viewers=2, seed=3, away=None)
    table = timeline(session, seconds=SECONDS, viewers=2, rate=5, seed=3, away=None)
    writer = ShardWriter(home, session)
    crops = portraits(2 * SECONDS * 5, 4)
    for number, one in enumerate(results(table, (np.arange(SECONDS * 5) * 1000) // 5)):
        writer.add(replace(one, crops=crops[2 * number : 2 * number + len(one)]))
    writer.flush({})
    rng = np.random.default_rng(0)
    n = 420
    labels = rng.choice(7, n, p=(0.14, 0.02, 0.14, 0.25, 0.16, 0.11, 0.18)).astype(np.int32)
    faces = Samples(portraits(n, 5), labels)
    path = write_csv(
        home.root / "faces.csv", (faces[:340], "Training"), (faces[340:], "PublicTest")
    )
    path.write_text(path.read_text() + "9,1 2 3,Training\n")
    with open_store(home, look_after=False) as store:
        store.sync()
        kept = read_kept(home, session)
        for row in range(0, len(kept), 2):
            frame, viewer = int(kept.frame[row]), int(kept.viewer[row])
            said = EMOTIONS[int(kept.probabilities[row].argmax())]
            for who in ("ann", "bob") if row < 60 else ("ann",):
                other = "surprise" if who == "bob" and row % 5 == 0 else said
                store.run(
                    AddLabel( item=item_of(session, frame, viewer), source="session",
                    verdict=Verdict.EMOTION, emotion=other, labeller=who, session_id=session,
                    frame=frame, viewer=viewer, held_out=bool(kept.held_out[row]),
                ))  # fmt: skip
        known = {"data_id": "dfaces", "name": "faces", "path": str(path), "imported": False,
                 "added": "2026-11-23T00:00:00+00:00"}  # fmt: skip
        store.run(SetSetting(name="lab.data_sets", value=[known]))
        store.run(AddJob(kind="look", title="faces",
                    spec={"path": str(path), "data_id": "dfaces"}))  # fmt: skip
        _earlier(store)
        _run(home, store, faces[340:])


def _run(home: Home, store: Any, faces: Samples) -> None:
    """A fine-tuning that is over: better on one's own faces, a little worse on public ones."""
    settings = TrainSettings(epochs=8)
    spec = {"settings": settings.as_dict(), "base": "rapt-1", "name": RUN}
    job = store.run(AddJob(kind="train", title=RUN, spec=json.loads(json.dumps(spec))))
    store.run(UpdateJob(job_id=job, status=JobStatus.DONE))
    public = {"data": "/data/fer2013", "weight": 3.0, "faces": 28561}
    own = {"data": "own-labels", "weight": 1.0, "faces": 72}
    data = {"sources": [public, own], "notes": []}
    run = store.run(AddTrainingRun(settings=settings.as_dict(), data=data, model=RUN,
                      architecture="rapt1", base_model="rapt-1"))  # fmt: skip
    epochs = [
        {"epoch": e, "val_accuracy": 0.653 - 0.004 * np.exp(-e / 2) * np.cos(2 * e),
         "loss": 0.9 + 0.6 * np.exp(-e / 2), "learning_rate": 0.0003 * (1 - e / 9), "seconds": 30.0}
        for e in range(1, 9)
    ]  # fmt: skip
    store.run(AddEpochs(run_id=run, epochs=epochs))
    found = [
        Paired("public labels", 3589, 0.653, 0.651, -0.006, 0.002, 60, 53, 0.31),
        Paired("public votes", 3579, 0.817, 0.815, -0.005, 0.001, 40, 33, 0.22),
        Paired("own labels", 18, 0.5, 0.889, 0.167, 0.611, 0, 7, 0.016),
    ]
    metrics = {"comparison": [one.as_dict() for one in found], "forgot": False}
    store.run(UpdateTrainingRun(run_id=run, status=JobStatus.DONE, metrics=metrics))
    logits = np.random.default_rng(1).normal(0, 1, (len(faces), 7)).astype(np.float32)
    logits[np.arange(len(faces)), faces.labels] += 2
    keep_examples(home.runs / RUN, settings, faces, logits, 8)
    write_json(home.runs / RUN / "run.json", {"run_id": run})


def _earlier(store: Any) -> None:
    """A training from nothing that was there before, with a note."""
    settings = TrainSettings(epochs=12).as_dict()
    spec = {"settings": settings, "name": "wide-first"}
    job = store.run(AddJob(kind="train", title="wide-first", spec=json.loads(json.dumps(spec))))
    data = {"sources": [{"data": "/data/fer2013", "weight": 1.0, "faces": 28709}], "notes": []}
    run = store.run(AddTrainingRun(settings=settings, data=data, model="wide-first",
                      architecture="rapt1"))  # fmt: skip
    epochs = [
        {"epoch": e, "val_accuracy": 0.62 - 0.35 * np.exp(-e / 3), "loss": 0.9 + np.exp(-e / 3),
         "learning_rate": 0.001 * (1 - e / 13), "seconds": 210.0}
        for e in range(1, 13)
    ]  # fmt: skip
    store.run(AddEpochs(run_id=run, epochs=epochs))
    store.run(UpdateJob(job_id=job, status=JobStatus.DONE))
    store.run(UpdateTrainingRun(run_id=run, status=JobStatus.DONE))
    store.run(NoteTrainingRun(run_id=run, note="Stopped gaining after the ninth epoch"))


def at(path: str, text: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        page.goto(path)
        page.get_by_text(text).first.wait_for()

    return go


TRAINING: dict[str, Callable[[Page], None]] = {
    "data-set": at("/data", "Faces that come more than once"),
    "label": at("/label?labeller=ann", "Cohen's kappa"),
    "train": at("/train", "Trainings over one another"),
}
EMPTY_TRAINING: dict[str, Callable[[Page], None]] = {
    "empty-data": at("/data", "Drop a data set here"),
    "empty-label": at("/label", "Add a recording"),
    "empty-train": at("/train", "Add a data set"),
}
