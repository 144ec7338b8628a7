"""Faces in parts, and what trainings that were not shown them say of their recipe."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import DataError
from fer_core.labels import EMOTIONS
from fer_core.rental.judge import answers, intervals, judged, lines
from fer_core.rental.pack import Packed, write_soft_targets
from fer_core.rental.parts import left_out, shown
from fer_core.zoo.model_store import load_card
from tests.training.sets import some_faces


def packed() -> Packed:
    """Thirty faces, then sixty photographs of 25 persons from two files."""
    rng = np.random.default_rng(0)
    person = np.concatenate([np.full(30, -1), rng.integers(0, 25, 60)]).astype(np.int32)
    source = np.repeat([-1, 0, 1], [30, 40, 20]).astype(np.int32)
    return Packed(some_faces(90, votes=True), person, ("news", "films"), source)


def test_every_face_is_left_out_once_and_nobody_is_on_both_sides() -> None:
    faces = packed()
    sizes, out = set(), np.zeros(90, int)
    for part in range(4):
        away = left_out(faces, (part, 4))
        out[away] += 1
        rows, photographs = shown(faces, (part, 4))
        assert not set(away) & {*rows, *photographs}
        assert not set(faces.person[photographs]) & (set(faces.person[away]) - {-1})
        sizes.add((len(rows), len(photographs)))
    assert out.tolist() == [1] * 90
    assert len(sizes) == 1  # one compilation serves all


def test_the_answers_of_all_parts_are_one_measure_of_the_recipe(tmp_path: Path) -> None:
    faces, card = packed(), load_card("rapt-1")
    columns = [EMOTIONS[label] for label in faces.faces.labels]
    logits = np.zeros((90, 15), np.float32)
    for row, emotion in enumerate(columns):  # both outputs are sure, and right on all but row 35
        wanted = emotion if row != 35 else next(one for one in EMOTIONS if one != emotion)
        for output in card.served:
            label = next(k for k, v in card.mapping(output).items() if v == wanted)
            logits[row, card.part(output).start + card.outputs[output].index(label)] = 20
    for part in range(5):
        mine = np.full_like(logits, np.nan)
        away = left_out(faces, (part, 5))
        mine[away] = logits[away]
        write_soft_targets(tmp_path / f"check-{part}.npz", mine, faces)
    assert np.allclose(answers(faces, tmp_path, "check"), logits, atol=0.02)
    found = list(judged(faces, logits, card))
    assert [one.source for one in found] == ["FER2013, Training", "news", "films"]
    assert [one.scores.n for one in found] == [30, 40, 20]
    assert [one.scores.accuracy for one in found] == [1, pytest.approx(39 / 40), 1]
    low, high = found[1].accuracy
    assert low < 39 / 40 <= high <= 1
    assert "accuracy 0.975" in next(lines(found[1]))


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="0 of 5 parts of check"):
        answers(packed(), tmp_path, "check")


def test_persons_are_drawn_not_faces() -> None:
    truth = np.zeros(100, np.int32)
    guess = np.repeat([0, 1], 50)
    apart, _ = intervals(guess, truth, np.arange(100), 0)
    together, _ = intervals(guess, truth, np.repeat([0, 1], 50), 0)
    assert together == (0, 1)
    assert 0.38 < apart[0] < 0.45 < 0.55 < apart[1] < 0.62
