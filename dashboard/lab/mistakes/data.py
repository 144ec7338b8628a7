"""The gallery of faces a model gets wrong: a page of them, one sheet of pictures, labels."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import pandas as pd

from dashboard.lab.data.faces import PAGE, faces_of, sheet
from dashboard.lab.models.slices import MOST_ANSWERS
from fer_core.errors import DataError, ModelError
from fer_core.evaluation import neighbours
from fer_core.evaluation.explain_process import ExplainProcess
from fer_core.evaluation.label_errors import doubts_of
from fer_core.evaluation.review import data_set_item, data_set_place
from fer_core.evaluation.runner import sized
from fer_core.evaluation.trusted_weights import trusted_model
from fer_core.home import Home
from fer_core.jobs import face_cache
from fer_core.labels import EMOTIONS
from fer_core.storage import Store
from fer_core.storage.lab.labels import AddLabel, UndoLabel, Verdict

MOST_ASKS = 500
ANY = "any"


class Where(TypedDict):
    """The same, as the store is asked."""

    truth: str | None
    guess: str | None
    wrong_only: bool
    from_confidence: float
    to_confidence: float


@dataclass(frozen=True, slots=True)
class Filter:
    """What the gallery shows of an evaluation."""

    evaluation_id: str
    truth: str | None = None
    guess: str | None = None
    low: float = 0.0
    high: float = 1.0
    wrong_only: bool = True
    doubtful: bool = False  # faces whose label is probably wrong, the most doubtful first
    area: str = ""  # of the map of faces, as an address has it
    slice: str = ""  # the key of one of evaluation.slices.TRAITS

    @property
    def where(self) -> Where:
        return {
            "truth": self.truth, "guess": self.guess, "wrong_only": self.wrong_only,
            "from_confidence": self.low, "to_confidence": self.high,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody asks of a face in the gallery: a label, or to take the last one back."""

    ask_id: str
    item: str
    say: str = ""
    undo: bool = False


@dataclass(frozen=True)
class Gallery:
    """One page of it."""

    total: int
    faces: pd.DataFrame


def gallery(store: Store, wanted: Filter, page: int = 1) -> Gallery:
    """A page of faces, the most surely wrong first; of doubtful labels the most doubtful first.

    Of doubtful ones the column ``doubt`` says how doubtful the label is, 0 to 1.
    """
    if wanted.doubtful:
        return page_of(chosen(store, wanted), page)
    total = store.evaluations.count_predictions(wanted.evaluation_id, **wanted.where)
    faces = store.evaluations.predictions(
        wanted.evaluation_id, **wanted.where, limit=PAGE, offset=(page - 1) * PAGE
    )
    return Gallery(total, faces)


def page_of(faces: pd.DataFrame, page: int) -> Gallery:
    """A page of faces that are at hand."""
    return Gallery(len(faces), faces.iloc[(page - 1) * PAGE : page * PAGE])


def chosen(store: Store, wanted: Filter, among: Collection[str] | None = None) -> pd.DataFrame:
    """All faces that the filters leave, in the gallery's order; ``among``: only of these."""
    shown = store.evaluations.predictions(wanted.evaluation_id, **wanted.where, limit=MOST_ANSWERS)
    if among is not None:
        shown = shown[shown["item"].isin(among)]
    if wanted.doubtful:
        doubts = _doubts(store, wanted.evaluation_id)
        shown = shown.merge(doubts.loc[doubts["suspect"], ["item", "doubt"]], on="item")
        shown = shown.sort_values("doubt", ascending=False, kind="stable")
    return shown


def _doubts(store: Store, evaluation_id: str) -> pd.DataFrame:
    """Doubts about the labels of all its faces: each depends on the others' answers."""
    return doubts_of(store.evaluations.predictions(evaluation_id, limit=MOST_ANSWERS))


def doubt_about(store: Store, evaluation_id: str, item: str) -> float:
    """How doubtful one face's label is, 0 to 1."""
    doubts = _doubts(store, evaluation_id)
    return float(doubts.loc[doubts["item"] == item, "doubt"].iloc[0])


# -- labels ---------------------------------------------------------------------------


def labels(store: Store, data: str) -> dict[str, str]:
    """What was said of a data set's faces, the last word on each: an emotion or a verdict."""
    return {label.item: label.said for label in store.labels.list(source=data)}


def answer(
    store: Store, data: str, evaluation_id: str, asks: Sequence[Ask], done: Collection[str]
) -> list[str]:
    """Carry out what the gallery asks; the ids of the asks that are over.

    The gallery repeats an ask until it sees it answered, so each is done once. Only faces
    that the evaluation has can be labelled.
    """
    over = []
    for ask in asks[:MOST_ASKS]:
        known = ask.ask_id not in done
        if known and store.evaluations.prediction(evaluation_id, ask.item) is not None:
            _carry_out(store, data, ask)
        over.append(ask.ask_id)
    return over


def _carry_out(store: Store, data: str, ask: Ask) -> None:
    item, say = ask.item, ask.say
    if ask.undo:
        mine = [label for label in store.labels.list(source=data) if label.item == item]
        if mine:
            store.run(UndoLabel(label_id=mine[-1].label_id))
    elif say in EMOTIONS:
        store.run(AddLabel(item=item, source=data, verdict=Verdict.EMOTION, emotion=say))
    elif say in set(Verdict) - {Verdict.EMOTION}:
        store.run(AddLabel(item=item, source=data, verdict=Verdict(say)))


# -- one face -------------------------------------------------------------------------


@dataclass(frozen=True)
class Alike:
    """The training faces that the model finds most alike, and their pictures."""

    items: tuple[str, ...]
    labels: tuple[str, ...]
    alike: tuple[float, ...]
    same: tuple[bool, ...]  # pixel for pixel the same picture
    sheet: str


NEAREST = 8


def nearest(
    home: Home, store: Store, process: ExplainProcess, model: str, data: str, item: str
) -> Alike | None:
    """Training faces nearest to one in the model's own features; None without an index."""
    stored = trusted_model(store, home, model)
    key = face_cache.fingerprint(data)
    if key is None:
        raise DataError(f"The data set is no longer at {data}.", "Put it back there.")
    weights = stored.card.files["keras"].sha256
    path = neighbours.path_of(home.cache, weights, key, "train")
    if not path.exists():
        return None
    found = neighbours.Index.read(path)
    if found.data != key or found.model != weights:
        raise ModelError("The index belongs to another model.", "Evaluate the model again.")
    face = faces_of(home, data, [item])
    feature = process.features(stored, sized(face, stored.card.crop.size))[0]
    split, row = data_set_place(item)
    near = found.nearest(feature, NEAREST, without=row if split == "train" else None)
    images, classes = face_cache.load_faces(home, data, "train")
    chosen = sized([np.asarray(images[one.row], np.uint8) for one in near], face.shape[1])
    return Alike(
        tuple(data_set_item("train", one.row) for one in near),
        tuple(EMOTIONS[int(classes[one.row])] for one in near),
        tuple(one.alike for one in near),
        tuple(bool(np.array_equal(picture, face[0])) for picture in chosen),
        sheet(chosen, NEAREST),
    )


def has_index(home: Home, weights: str, key: str) -> bool:
    return bool(key) and neighbours.path_of(home.cache, weights, key, "train").exists()
