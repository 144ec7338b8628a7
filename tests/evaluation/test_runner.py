"""What is scored against what."""

from __future__ import annotations

import numpy as np
import pytest

from fer_core.errors import DataError, ModelError
from fer_core.evaluation import agreed, milliseconds_per_face, run_model, score_labels, score_votes
from fer_core.evaluation.whole_pictures import bordered, crop_of
from fer_core.labels import EMOTIONS
from fer_core.training.samples import FERPLUS
from fer_core.types import CropSpec, Faces, Frame
from fer_core.zoo.card import Card


class Known:
    """A network whose answer is its picture's grey level: 10 a class of the first output."""

    crop = CropSpec(size=8)

    def __init__(self, card: Card) -> None:
        self.card = card

    def logits(self, crops: np.ndarray) -> np.ndarray:
        width = sum(len(labels) for labels in self.card.outputs.values())
        rows = np.zeros((len(crops), width), np.float32)
        rows[np.arange(len(crops)), crops[:, 0, 0] // 10 % width] = 9
        return rows

    def probabilities(self, crops: np.ndarray, output: str | None = None) -> np.ndarray:
        return self.logits(crops)[:, :7]


def card(**changes: object) -> Card:
    values: dict[str, object] = {
        "name": "known",
        "about": "",
        "arch": "tiny",
        "outputs": {"fer2013": EMOTIONS, "ferplus": FERPLUS},
        "serves": "ferplus",
    }
    return Card(**(values | changes))  # type: ignore[arg-type]


def faces(*classes: int) -> np.ndarray:
    return np.stack([np.full((8, 8), 10 * k, np.uint8) for k in classes])


def test_labels_are_scored_with_the_output_that_learned_them() -> None:
    network = Known(card())
    logits = run_model(network, faces(0, 3, 6, 6))
    found = score_labels(network.card, logits, np.array([0, 3, 6, 5], np.int32))
    assert found.output == "fer2013"
    assert found.scores.accuracy == 0.75
    assert found.scores.confusion[5, 6] == 1


def test_votes_are_scored_over_their_own_eight_classes() -> None:
    network = Known(card())
    logits = run_model(network, faces(7, 8, 14))
    votes = np.zeros((3, 8), np.int32)
    votes[0, 0], votes[2, 7] = 10, 6  # nobody voted on the second face
    found = score_votes(network.card, logits, votes)
    assert found.rows.tolist() == [0, 2]
    assert found.scores.accuracy == 1
    with pytest.raises(DataError, match="has votes"):
        score_votes(network.card, logits, np.zeros((3, 8), np.int32))


def test_a_majority_is_what_the_authors_of_the_votes_call_one() -> None:
    votes = np.zeros((6, 8), np.int32)
    votes[0, 0] = 10  # all
    votes[1, :2] = 5, 5  # as many on each side
    votes[2, :5] = 5, 1, 1, 1, 1  # lone answers are slips; one «unknown» is too
    votes[3, :2] = 4, 2  # four said «unknown»: 4 of 10
    votes[4, :2] = 6, 4
    assert agreed(votes).tolist() == [True, False, True, False, True, False]
    network = Known(card())
    logits = run_model(network, faces(7, 8, 14, 7, 7, 7))
    found = score_votes(network.card, logits, votes, clear=True)
    assert found.rows.tolist() == [0, 2, 4]
    assert found.scores.accuracy == pytest.approx(2 / 3)
    with pytest.raises(DataError, match="has votes"):
        score_votes(network.card, logits[1:2], votes[1:2], clear=True)


def test_a_model_of_three_emotions_is_judged_on_those_alone() -> None:
    network = Known(card(outputs={"three": ("happy", "sad", "neutral")}, serves="three"))
    labels = np.array([EMOTIONS.index(n) for n in ("happy", "fear", "neutral")], np.int32)
    found = score_labels(network.card, run_model(network, faces(0, 1, 1)), labels)
    assert found.rows.tolist() == [0, 2]
    assert found.scores.labels == ("happy", "sad", "neutral")
    assert found.scores.accuracy == 0.5
    with pytest.raises(DataError, match="happy, sad, neutral"):
        score_labels(network.card, run_model(network, faces(1)), np.array([2], np.int32))
    with pytest.raises(ModelError, match="votes"):
        score_votes(network.card, run_model(network, faces(1)), np.ones((1, 8), np.int32))


def test_where_disgust_counts_as_angry_such_faces_are_judged_so() -> None:
    six = tuple(name for name in EMOTIONS if name != "disgust")
    network = Known(card(outputs={"six": six}, serves="six", counts_as={"disgust": "angry"}))
    logits = run_model(network, faces(0))
    assert score_labels(network.card, logits, np.array([1], np.int32)).scores.accuracy == 1


def test_pictures_of_any_size_are_brought_to_the_models() -> None:
    pictures = [np.full((20, 30), 30, np.uint8), np.full((5, 5), 0, np.uint8)]
    assert run_model(Known(card()), pictures)[:, :7].argmax(axis=1).tolist() == [3, 0]


def test_time_is_given_a_face_alone_and_in_eights() -> None:
    found = milliseconds_per_face(Known(card()), seconds=0.01)
    assert set(found) == {"1", "8"}
    assert all(value > 0 for value in found.values())


class OneFace:
    """Finds two squares; the second is the larger."""

    def detect(self, frame: Frame) -> Faces:
        boxes = np.array([[0, 0, 10, 10], [20, 20, 40, 40]], np.float32)
        return Faces(boxes, np.ones(2, np.float32), np.full((2, 5, 2), np.nan, np.float32))


class NoFace:
    def detect(self, frame: Frame) -> Faces:
        return Faces.empty()


def test_of_a_whole_picture_the_largest_face_is_read_behind_its_border() -> None:
    picture = np.zeros((80, 80, 3), np.uint8)
    picture[10:50, 10:50] = 200
    crop = crop_of(OneFace(), picture, CropSpec(size=8), border=0.125)
    assert crop is not None
    assert (crop[1:-1, 1:-1] == 200).all()  # its rim is smoothed with what lies around
    assert crop_of(NoFace(), picture, CropSpec(size=8)) is None
    assert bordered(picture, 0.125).shape == (100, 100, 3)
