"""One's own labels beside public faces: shares of an epoch, and what never trains."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import DataError
from fer_core.labels import EMOTIONS
from fer_core.training.batches import epoch_batches, epoch_order
from fer_core.training.datasets import DataSet, from_labels, mix
from fer_core.training.loop import train
from fer_core.training.prepare import gather
from fer_core.training.samples import FERPLUS, Samples
from fer_core.training.settings import TrainSettings
from fer_core.training.targets import build
from tests.training.sets import some_faces
from tests.training.settings import SHORT


def names(samples: Samples) -> list[str]:
    return [EMOTIONS[label] for label in samples.labels]


def public(n: int = 140) -> DataSet:
    return DataSet("public", {"train": some_faces(n), "publictest": some_faces(21, seed=1)})


def own(n: int = 12, held: int = 4) -> DataSet:
    faces = some_faces(n, seed=2, classes=2)
    return from_labels(faces.images, names(faces), np.arange(n) < held)


def test_labels_become_two_splits_and_votes_of_one_mind() -> None:
    data = own()
    assert {split: len(samples) for split, samples in data.splits.items()} == {
        "train": 8,
        "held_out": 4,
    }
    assert data["train"].counts()["angry"] == 4
    assert [FERPLUS[k] for k in data["train"].majority()] == ["anger", "disgust"] * 4
    rows = build(data["train"], ("ferplus",), smoothing=0.1, vote_weight=1.0)
    assert rows.max(axis=1).tolist() == [1.0] * 8


def test_a_face_that_is_held_out_once_never_trains() -> None:
    faces = some_faces(4, seed=2)
    twice = np.concatenate([faces.images, faces.images[:2]])
    data = from_labels(twice, [*names(faces), "sad", "fear"], [True, False, False, False, 0, 0])
    kept = {picture.tobytes() for picture in data["train"].images}
    assert faces.images[0].tobytes() not in kept
    assert len(data["train"]) == 4  # the held-out face and its copy are both gone
    mixed = gather([(public(), 1.0), (data, 1.0)])
    assert mixed.held_out is not None
    assert not kept & {picture.tobytes() for picture in mixed.held_out.images}


def test_a_held_out_face_that_also_stands_in_the_public_set_does_not_train() -> None:
    data = own()
    leaked = public()
    leaked = replace(
        leaked,
        splits={**leaked.splits, "train": mix([(public()["train"], 1), (data["held_out"], 1)])},
    )
    found = gather([(leaked, 3.0), (data, 1.0)])
    assert found.held_out is not None
    trains = {picture.tobytes() for picture in found.training.images}
    assert not trains & {picture.tobytes() for picture in found.held_out.images}
    assert any("4 faces of public left out" in note for note in found.notes)


def test_labels_of_no_use_are_refused_in_words() -> None:
    with pytest.raises(DataError, match="no labelled faces"):
        from_labels(np.zeros((0, 48, 48), np.uint8), [], [])
    with pytest.raises(DataError, match="'bored' is none of the emotions"):
        from_labels(np.zeros((1, 48, 48), np.uint8), ["bored"], [False])
    faces = some_faces(10, classes=1)
    angry = from_labels(faces.images, names(faces), np.arange(10) < 2)
    with pytest.raises(DataError, match="All 8 training faces are angry"):
        gather([(angry, 1.0)])
    with pytest.raises(DataError, match="Nothing is left to train on"):
        mix([(some_faces(7), 0.0)])


def test_faces_of_another_size_are_brought_to_48() -> None:
    data = from_labels(np.full((2, 28, 28), 7, np.uint8), ["sad", "happy"], [False, False])
    assert data["train"].images.shape == (2, 48, 48)


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
def test_each_part_gets_its_share_of_every_epoch_whatever_its_size(share: float) -> None:
    few, many = own()["train"], public()["train"]
    mixed = mix([(many, 1 - share), (few, share)])
    settings = replace(SHORT, faces_an_epoch=800)
    for epoch in range(3):
        order = epoch_order(settings, mixed, epoch)
        assert len(order) == 800
        assert (order >= len(many)).sum() == pytest.approx(share * 800, abs=1)
        times = np.bincount(order, minlength=len(mixed))[len(many) :]
        assert times.max() - times.min() <= 1  # no face more often than another
    again = epoch_order(settings, mixed, 0)
    assert (again == epoch_order(settings, mixed, 0)).all()
    assert not (again == epoch_order(settings, mixed, 1)).all()


def test_the_loop_shows_what_the_weights_say() -> None:
    many, few = some_faces(70, classes=1), some_faces(14, seed=3)
    few = few[few.labels == 6]
    mixed = mix([(many, 1.0), (few, 1.0)])
    settings = replace(SHORT, faces_an_epoch=64, smoothing=0.0)
    wanted = build(mixed, ("fer2013",), smoothing=0.0, vote_weight=1.0)
    shown = np.concatenate([y for _, y in epoch_batches(settings, mixed, wanted, 0, 32)])
    assert shown.sum(axis=0)[[0, 6]] == pytest.approx([32, 32])


def test_oversampling_holds_within_a_mixture() -> None:
    mixed = mix([(some_faces(70), 1.0), (some_faces(30, classes=1), 1.0)])
    order = epoch_order(replace(SHORT, balance="oversample", faces_an_epoch=700), mixed, 0)
    counts = np.bincount(mixed.labels[order], minlength=7)
    assert counts.max() - counts.min() <= 1


def test_an_epoch_may_show_a_part_of_the_faces(tmp_path: Path) -> None:
    settings = replace(SHORT, faces_an_epoch=32, epochs=2)
    batches: list[int] = []
    train(
        settings, some_faces(70), some_faces(21, seed=1), tmp_path,
        on_batch=lambda done, total: batches.append(total),
    )  # fmt: skip
    assert batches == [4] * 4
    first, second = (set(epoch_order(settings, some_faces(70), epoch)) for epoch in (0, 1))
    assert len(first) == 32
    assert first != second


def test_without_public_faces_the_notes_say_what_cannot_be_known() -> None:
    found = gather([(own(), 1.0)])
    assert not found.public
    assert any("forgets cannot be measured" in note for note in found.notes)
    alone = from_labels(some_faces(40).images, names(some_faces(40)), np.zeros(40, bool))
    found = gather([(alone, 1.0)])
    assert found.held_out is None
    assert len(found.validation)
    assert any("gain cannot be measured" in note for note in found.notes)


def test_weights_that_are_no_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="weights"):
        replace(some_faces(7), weights=np.full(7, -1, np.float32))
    assert TrainSettings(arch="tiny").choose == "best"
