"""What people judged becomes a data set."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import DataError
from fer_core.home import Home
from fer_core.jobs.own_labels import folder_files, own_faces, own_labels, write_kaggle
from fer_core.jobs.training_sources import OWN_LABELS, Source, TrainSpec, data_of
from fer_core.storage import Store
from fer_core.storage.lab.labels import AddLabel, UndoLabel, Verdict
from fer_core.storage.timeline.kept_faces import forget, item_of
from fer_core.training.datasets import load
from fer_core.training.settings import TrainSettings
from tests.storage.kept import seen, write
from tests.storage.rows import record
from tests.training.sets import some_faces, write_csv


def keep(home: Home, store: Store, seconds: int = 12) -> None:
    """A session whose kept faces are of frames 0, 25, 50 … with one viewer, 0."""
    record(home, "s1", frames=25 * seconds)
    write(home, [seen(frame, 0.5) for frame in range(0, 25 * seconds, 25)])
    store.sync()


def say(store: Store, frame: int, what: str, who: str = "ann") -> str:
    emotion = None if what in ("skip", "not_a_face") else what
    return store.run(
        AddLabel(
            item=item_of("s1", frame, 0),
            source="session",
            verdict=Verdict.EMOTION if emotion else what,
            emotion=emotion,
            labeller=who,
            session_id="s1",
            frame=frame,
            viewer=0,
        )
    )


def test_a_face_counts_as_what_most_said_and_each_ones_last_word_alone(
    home: Home, store: Store
) -> None:
    keep(home, store)
    say(store, 0, "angry")
    say(store, 0, "sad")  # she changed her mind
    say(store, 25, "happy", "ann")
    say(store, 25, "sad", "bob")
    say(store, 50, "happy", "ann")
    say(store, 50, "sad", "bob")
    say(store, 50, "sad", "cyd")
    say(store, 75, "not_a_face")
    say(store, 100, "skip")
    undone = say(store, 125, "fear")
    store.run(UndoLabel(label_id=undone))
    faces = own_faces(store, home)
    assert dict(zip([one.item for one in faces.items], faces.emotions)) == {
        "s1/0/0": "sad",
        "s1/50/0": "sad",
    }
    assert faces.left_out == {"tie": 1, "not_a_face": 1, "skip": 1}


def test_the_data_set_has_the_held_out_part_apart(home: Home, store: Store) -> None:
    keep(home, store)
    for second in range(12):
        say(store, 25 * second, "sad" if second % 2 else "happy")
    data = own_labels(home)
    assert {name: len(part) for name, part in data.splits.items()} == {"train": 8, "held_out": 4}
    assert data["held_out"].images.shape == (4, 48, 48)
    assert data["held_out"].counts()["happy"] == 2
    spec = TrainSpec("mine", TrainSettings(), (Source(OWN_LABELS, 2.0),))
    ((found, weight),) = data_of(home, spec)  # what a training reads
    assert (found.own, weight, len(found["train"])) == (True, 2.0, 8)


def test_labels_whose_faces_were_forgotten_are_counted_and_left_out(
    home: Home, store: Store
) -> None:
    keep(home, store)
    say(store, 0, "sad")
    forget(home, "s1")
    assert own_faces(store, home).left_out == {"forgotten": 1}
    with pytest.raises(DataError, match="no labelled faces"):
        own_labels(home)


def test_corrected_faces_of_a_data_set_count_too_and_those_of_its_test_split_never_train(
    home: Home, store: Store, tmp_path: Path
) -> None:
    train, test = some_faces(4), some_faces(4, seed=1)
    path = write_csv(tmp_path / "faces.csv", (train, "Training"), (test, "PublicTest"))
    for item in ("train/000002", "publictest/000001", "publictest/000099"):
        store.run(AddLabel(item=item, source=str(path), verdict=Verdict.EMOTION, emotion="fear"))
    faces = own_faces(store, home)
    assert np.array_equal(faces.crops, np.stack([train.images[2], test.images[1]]))
    assert faces.held_out.tolist() == [False, True]
    assert faces.left_out == {"forgotten": 1}


def test_what_is_exported_reads_back_as_the_same_data_set(
    home: Home, store: Store, tmp_path: Path
) -> None:
    keep(home, store)
    for second in range(12):
        say(store, 25 * second, "sad" if second % 2 else "happy")
    faces = own_faces(store, home)
    assert write_kaggle(faces, tmp_path / "own.csv") == 12
    with (tmp_path / "own.csv").open() as lines:
        assert next(csv.reader(lines)) == ["emotion", "pixels", "Usage"]
    for name, content in folder_files(faces):
        target = tmp_path / "own" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    for path in (tmp_path / "own.csv", tmp_path / "own"):
        again = load(path)
        assert not again.problems
        assert sorted(again["train"].labels) == sorted(own_labels(home)["train"].labels)
        assert len(again["publictest"]) == 4
