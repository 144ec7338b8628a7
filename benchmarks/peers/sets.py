"""The labelled pictures that every system reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.fairness import read
from fer_core.evaluation.runner import agreed
from fer_core.labels import EMOTIONS
from fer_core.training.datasets import load
from fer_core.zoo.model_store import load_card

#: How many pictures of each emotion a set counts, in the order of labels.EMOTIONS.
TOTALS: Mapping[str, tuple[int, ...]] = {
    "publictest": (468, 56, 495, 895, 653, 415, 607),
    "ferplus": (287, 24, 62, 865, 351, 415, 1182),
    "photo_faces": (0, 0, 0, 264, 0, 0, 236),
    "wild_faces": (122, 36, 8, 146, 98, 181, 148),
}
NOT_COUNTED = -1


@dataclass(frozen=True)
class LabelledSet:
    """n pictures, RGB; ``truth`` is NOT_COUNTED where a picture has no label of the seven."""

    name: str
    pictures: list[np.ndarray]
    truth: np.ndarray
    person: np.ndarray
    whole: bool  # photographs in which the face must be found, not crops

    def each(self, step: int) -> LabelledSet:
        """Every so many-th picture."""
        return LabelledSet(
            self.name, self.pictures[::step], self.truth[::step], self.person[::step], self.whole
        )


def fer2013(shared: Path) -> tuple[LabelledSet, LabelledSet]:
    """PublicTest with FER2013's labels, and with what most of FER+'s voters said.

    The second counts the faces on which there is a majority, by the rule of FER+'s authors, for
    one of the seven emotions: contempt, which peers do not know, is left out.
    """
    samples = next(iter(load(shared / "data" / "fer2013", usage="PublicTest").splits.values()))
    pictures = [np.repeat(face[:, :, None], 3, axis=2) for face in samples.images]
    person = np.arange(len(pictures))
    card = load_card("rapt-1")
    names = card.mapping("ferplus")
    places = [
        EMOTIONS.index(names[label]) if label in names else NOT_COUNTED
        for label in card.outputs["ferplus"]
    ]
    assert samples.votes is not None
    said = np.array(places)[samples.votes.argmax(axis=1)]
    majority = np.where(agreed(samples.votes), said, NOT_COUNTED)
    return (
        LabelledSet("publictest", pictures, samples.labels, person, False),
        LabelledSet("ferplus", pictures, majority, person, False),
    )


def photographs(name: str, shared: Path) -> LabelledSet:
    found = read(name, shared)
    truth = np.array([EMOTIONS.index(label) for label in found.labels])
    pictures = [np.ascontiguousarray(picture) for picture in found.pictures]
    return LabelledSet(name, pictures, truth, found.person, True)


def labelled_sets(shared: Path) -> dict[str, LabelledSet]:
    """All of them. Of the 4,000 neutral and happy photographs each eighth, which is enough."""
    sets = (
        *fer2013(shared),
        photographs("photo_faces", shared).each(8),
        photographs("wild_faces", shared),
    )
    return {one.name: one for one in sets}
