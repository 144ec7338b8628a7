"""Kept faces that wait for a label, what was said of them, and how labellers agree."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from dashboard.lab.data.faces import png
from fer_core.errors import SettingsError
from fer_core.evaluation.agreement import Agreement, agreement
from fer_core.home import Home
from fer_core.jobs.own_labels import SESSION, verdicts
from fer_core.labels import DISPLAY_ORDER, EMOTIONS
from fer_core.storage import Store
from fer_core.storage.lab.labels import AddLabel, Label, UndoLabel, Verdict
from fer_core.storage.timeline.kept_faces import KeptFaces, held_out, item_of, kept_stamp, read_kept
from fer_core.text import whole_number

ME: Final = "me"
MOST_AT_ONCE: Final = 60
#: Grey levels (0 to 255): a face is dark under the first; its brightest then reaches the other.
_DARK: Final = 110
_BRIGHT: Final = 200


@dataclass(frozen=True, slots=True)
class Source:
    """A session that has kept faces."""

    session_id: str
    name: str
    faces: int


@dataclass(frozen=True, slots=True)
class Progress:
    """What was labelled so far: by this labeller, by all, by expression."""

    mine: int
    faces: int
    labellers: dict[str, int]
    emotions: dict[str, int]
    left_out: dict[str, int]
    held_out: int
    agreement: Agreement | None


@dataclass(frozen=True, slots=True)
class WaitingFace:
    """A kept face that waits for a label, as the page's script is given it."""

    item: str
    picture: str  # a data link
    session: str
    viewer: int
    t_ms: int
    held_out: bool
    guess: str
    p: dict[str, float]  # the model's, by expression


@dataclass(frozen=True, slots=True)
class Waiting:
    """The next faces, and how many wait in all."""

    left: int
    faces: tuple[WaitingFace, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What somebody said of a kept face: an expression or a verdict."""

    item: str
    say: str
    labeller: str = ME
    t_ms: int | None = None  # of the face; None: it is not held out
    label_id: str | None = None


@lru_cache(maxsize=128)
def _kept(home: Home, session_id: str, stamp: str) -> KeptFaces:
    return read_kept(home, session_id)


def kept(home: Home, session_id: str) -> KeptFaces:
    """A session's kept faces, read again only when they change."""
    return _kept(home, session_id, kept_stamp(home, session_id))


def sources(store: Store, home: Home) -> list[Source]:
    """Sessions with kept faces, the newest first."""
    folders = {p.parent.parent.name for p in (home.root / "sessions").glob("*/faces/*.npz")}
    if not folders:
        return []
    table = store.sessions.list(limit=100_000)
    table = table[table["session_id"].isin(folders)]
    found = [
        Source(str(id_), str(name), len(kept(home, str(id_))))
        for id_, name in zip(table["session_id"], table["name"])
    ]
    return [one for one in found if one.faces]


def labeller_of(given: str | None) -> str:
    """A name as the store keeps it; pages and requests can hold anything."""
    name = " ".join((given or "").split())[:40]
    return name or ME


def queue(
    store: Store,
    home: Home,
    *,
    labeller: str,
    session_id: str | None = None,
    without: frozenset[str] = frozenset(),
    limit: int = 40,
) -> Waiting:
    """The next faces for one labeller, the least certain first, and how many wait in all."""
    labels = store.labels.list(source=SESSION)
    done = {label.item for label in labels if label.labeller == labeller} | without
    waiting: list[tuple[float, str, Source, KeptFaces, int]] = []
    for source in sources(store, home):
        if session_id and source.session_id != session_id:
            continue
        faces = kept(home, source.session_id)
        sure = faces.confidence
        for row in range(len(faces)):
            item = item_of(source.session_id, int(faces.frame[row]), int(faces.viewer[row]))
            if item not in done:
                waiting.append((float(sure[row]), item, source, faces, row))
    waiting.sort(key=lambda one: one[:2])
    shown = waiting[: min(limit, MOST_AT_ONCE)]
    return Waiting(len(waiting), tuple(_face(*one) for one in shown))


def lit(face: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A dark face (h, w) spread over the grey levels, for the eye; any other as it is."""
    low, high = np.percentile(face, (1, 99))
    if high >= _DARK:
        return face
    stretched = (face - low) * (_BRIGHT / max(high - low, 16.0))
    return stretched.clip(0, 255).astype(np.uint8)


def _face(sure: float, item: str, source: Source, faces: KeptFaces, row: int) -> WaitingFace:
    p = faces.probabilities[row]
    return WaitingFace(
        item=item,
        picture=png(lit(faces.crops[row])),
        session=source.name,
        viewer=int(faces.viewer[row]),
        t_ms=int(faces.t_ms[row]),
        held_out=bool(held_out(faces.t_ms[row])),
        guess=EMOTIONS[int(p.argmax())],
        p={name: round(float(p[EMOTIONS.index(name)]), 4) for name in DISPLAY_ORDER},
    )


def keep(store: Store, judgement: Judgement) -> str:
    """Keep one judgement; its id."""
    session_id, frame, viewer = _parts(judgement.item)
    emotion = judgement.say if judgement.say in EMOTIONS else None
    return store.run(
        AddLabel(
            item=item_of(session_id, frame, viewer),
            source=SESSION,
            verdict=Verdict.EMOTION if emotion else _verdict(judgement.say),
            emotion=emotion,
            labeller=labeller_of(judgement.labeller),
            session_id=session_id,
            frame=frame,
            viewer=viewer,
            held_out=judgement.t_ms is not None and bool(held_out(judgement.t_ms)),
            label_id=judgement.label_id,
        )
    )


def take_back(store: Store, label_id: str) -> None:
    """Undo a judgement."""
    store.run(UndoLabel(label_id=label_id))


def _parts(item: str) -> tuple[str, int, int]:
    """The session, frame and viewer that a kept face's name means."""
    parts = item.split("/")
    frame, viewer = (whole_number(part) for part in parts[1:]) if len(parts) == 3 else (None, None)
    if frame is None or viewer is None:
        raise SettingsError(f"{item!r} names no kept face.", "Reload the page.")
    return parts[0], frame, viewer


def progress(store: Store, labeller: str) -> Progress:
    """Counts over the labels that stand; each labeller's last word of a face counts."""
    labels = store.labels.list()
    last = {(label.source, label.item, label.labeller): label for label in labels}
    said = [label for label in last.values() if label.verdict is not Verdict.SKIP]
    judged = verdicts(labels)
    emotions = Counter(one.emotion for one in judged if one.emotion)
    left_out = Counter(one.verdict for one in judged if one.emotion is None)
    held = {(label.source, label.item): label.held_out for label in labels}
    by_labeller = Counter(label.labeller for label in said)
    return Progress(
        mine=by_labeller[labeller],
        faces=sum(emotions.values()),
        labellers=dict(by_labeller.most_common()),
        emotions={name: emotions.get(name, 0) for name in DISPLAY_ORDER},
        left_out=dict(left_out),
        held_out=sum(held.get((one.source, one.item), False) for one in judged if one.emotion),
        agreement=agreement(_by_labeller(said)),
    )


def _by_labeller(said: list[Label]) -> dict[str, dict[str, str]]:
    """name → face → what they said of it; «not a face» is a judgement like any other."""
    found: dict[str, dict[str, str]] = {}
    for label in said:
        found.setdefault(label.labeller, {})[label.item] = label.said
    return found


def _verdict(said: str) -> Verdict:
    if said not in list(Verdict):
        raise SettingsError(f"A label cannot be {said!r}.", f"Use {', '.join(Verdict)}.")
    return Verdict(said)
