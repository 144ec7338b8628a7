"""A photograph as its page shows it: the picture, its faces, and what the group shows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from dashboard.audience.session.data import reason, viewer_names
from fer_core.calibration.movements import MOVEMENTS
from fer_core.labels import DISPLAY_ORDER, PROBABILITY_COLUMNS
from fer_core.measures import has_eyes
from fer_core.sentences import Finding, Template
from fer_core.storage import Store
from fer_core.storage.sessions import Session
from fer_core.text import count, percent

#: Pictures that every browser shows as they are.
SHOWN_AS_THEY_ARE: Final = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".avif"}

NOBODY = Template("photograph.nobody", "No face was found")
UNREAD = Template("photograph.unread", "None of {faces} could be read")
ONE = Template("photograph.one", "The face looks {name} ({share})")
MOST = Template("photograph.most", "{some} of {faces} look {name}")
SPREAD = Template("photograph.spread", "No expression leads: {some} of {faces} look {name}")

_COLUMNS: Final = [
    "viewer", "x", "y", "w", "h", "score", "usable", "why_not", "attention", *PROBABILITY_COLUMNS,
    "emotion", "confidence", *MOVEMENTS,
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Face:
    """One face: its box as shares of the picture, and what was read of it.

    ``probabilities`` are in the order of ``DISPLAY_ORDER``; empty where it could not be read.
    """

    label: str
    left: float
    top: float
    width: float
    height: float
    emotion: str | None
    confidence: float | None
    probabilities: dict[str, float]
    attention: float | None
    movements: dict[str, float]  # 0 to 1 by measure; empty where they could not be read
    why_not: str  # as a person reads it; "" where the face is usable

    @property
    def readable(self) -> bool:
        return self.emotion is not None


@dataclass(frozen=True)
class Photograph:
    """A photograph with its faces; ``file`` is None where the picture is gone."""

    session_id: str
    session: Session
    width: int
    height: int
    file: Path | None
    faces: tuple[Face, ...]

    @property
    def readable(self) -> tuple[Face, ...]:
        return tuple(face for face in self.faces if face.readable)

    @property
    def knows_movements(self) -> bool:
        """Whether movements were asked for at all: not of earlier ones, nor without eyes."""
        return has_eyes(self.session.versions)

    @property
    def shares(self) -> pd.Series:
        """The share of the readable faces that each expression leads."""
        led = Counter(face.emotion for face in self.readable)
        total = len(self.readable)
        shares = {name: led[name] / total if total else float("nan") for name in DISPLAY_ORDER}
        return pd.Series(shares, dtype=float)


def is_photograph(session: Session) -> bool:
    return bool(session.info.get("is_picture"))


def load(store: Store, session_id: str) -> Photograph | None:
    """The photograph; None where this session is none."""
    if not store.sessions.exists(session_id):
        return None
    session = store.sessions.get(session_id)
    if not is_photograph(session):
        return None
    rows = store.timeline.rows(session_id, columns=_COLUMNS, edited=True)
    rows = rows.dropna(subset=["x", "y", "w", "h"])
    width, height = session.info.get("width") or 0, session.info.get("height") or 0
    if width <= 0 or height <= 0:  # then the boxes alone say how large it was
        width = max(1, round((rows["x"] + rows["w"]).max())) if len(rows) else 1
        height = max(1, round((rows["y"] + rows["h"]).max())) if len(rows) else 1
    path = Path(session.path) if session.path else None
    names = viewer_names(store, session_id)
    faces = [_face(row, width, height, names) for row in rows.itertuples(index=False)]
    return Photograph(
        session_id,
        session,
        width,
        height,
        path if path is not None and path.is_file() else None,
        tuple(faces),
    )


def _face(row: Any, width: int, height: int, names: dict[int, str]) -> Face:
    known = bool(row.usable) and isinstance(row.emotion, str)
    number = int(row.viewer)
    why = str(row.why_not or "")
    return Face(
        label=names.get(number) or (str(number) if number >= 0 else "–"),
        left=float(row.x) / width,
        top=float(row.y) / height,
        width=float(row.w) / width,
        height=float(row.h) / height,
        emotion=row.emotion if known else None,
        confidence=float(row.confidence) if known else None,
        probabilities={name: float(getattr(row, f"p_{name}")) for name in DISPLAY_ORDER}
        if known
        else {},
        attention=None if pd.isna(row.attention) else float(row.attention),
        movements={
            key: float(getattr(row, key)) for key in MOVEMENTS if not pd.isna(getattr(row, key))
        },
        why_not="" if known else " and ".join(map(reason, (why or "unusable").split(","))),
    )


def finding(page: Photograph) -> Finding:
    """What the faces show together: «3 of 4 faces look happy»."""
    faces = page.readable
    if not page.faces:
        return NOBODY()
    if not faces:
        return UNREAD(faces=count(len(page.faces), "face"))
    if len(faces) == 1:
        return ONE(name=faces[0].emotion, share=percent(faces[0].confidence))
    led = Counter(face.emotion for face in faces)
    name, some = max(led.items(), key=lambda one: (one[1], -_place(one[0])))
    template = MOST if 2 * some > len(faces) else SPREAD
    return template(some=some, faces=count(len(faces), "face"), name=name)


def _place(name: str | None) -> int:
    return DISPLAY_ORDER.index(name) if name in DISPLAY_ORDER else len(DISPLAY_ORDER)
