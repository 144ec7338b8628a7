"""What the files of a session hold: a workbook's sheets, an ELAN file's tiers, its figure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from fer_core import __version__
from fer_core.analytics.scenes import Marker, Scene
from fer_core.analytics.seconds import audience, curves, leading
from fer_core.analytics.statistics import numbers
from fer_core.analytics.study import sheets
from fer_core.errors import DataError
from fer_core.measures import MEASURES, MIXED, TIMELINE_COLUMNS, has_eyes
from fer_core.palette import EMOTION_COLOURS, MIXED_COLOUR
from fer_core.reports import figures, units
from fer_core.reports.compose import SIMULATED
from fer_core.reports.document import Figure
from fer_core.reports.elan.eaf import MOMENT_MS, Eaf, Span, Tier, runs
from fer_core.reports.elan.tiers import viewer_tiers
from fer_core.reports.figure_frame import Words
from fer_core.reports.workbook import SHEET_ROWS, Rows, Sheet
from fer_core.sentences import Label
from fer_core.storage import Store
from fer_core.storage.sessions import Session
from fer_core.storage.timeline.export import timeline_rows, timeline_stretches
from fer_core.text import clock, count


def session_mark(store: Store, session_id: str) -> str:
    """What is written across its figure: that nobody was filmed, or nothing."""
    return SIMULATED if "simulated" in store.sessions.get(session_id).tags else ""


def session_sheets(store: Store, session_id: str) -> tuple[dict[str, Sheet], int]:
    """Seconds, scenes, markers, viewers, synchrony, method, and the timeline where it fits."""
    session = store.sessions.get(session_id)
    seconds = store.timeline.seconds(session_id)
    scenes, markers = _marks(store, session)
    book: dict[str, Sheet] = {}
    if len(seconds):
        made = sheets(
            seconds, MEASURES, scenes=scenes, markers=markers, settings=_settings(session),
            recording=True, eyes=has_eyes(session.versions),
        )  # fmt: skip
        made["viewers"].insert(2, "name", made["viewers"]["viewer"].map(_names(store, session_id)))
        order = ("seconds", "scenes", "markers", "viewers", "synchrony", "key numbers")
        book |= {name: made[name] for name in order}
        book["viewer seconds"] = seconds
        method = made["method"]
    else:
        settings = _settings(session).items()
        method = pd.DataFrame(
            [("setting", key, "", str(value), "") for key, value in settings],
            columns=["version", "name", "unit", "definition", "how to read it"],
        )
    rows = timeline_rows(store, session_id)
    for name, many in (("timeline", rows), ("viewer seconds", len(seconds))):
        if many > SHEET_ROWS:
            book.pop(name, None)
            note = (
                f"The sheet «{name}» is left out: it would have {many:,} rows, and an Excel sheet "
                f"holds {SHEET_ROWS:,}. CSV and Parquet have them all."
            )
            method.loc[len(method)] = ("note", name, "", note, "")
    if rows <= SHEET_ROWS:
        book["timeline"] = Rows(tuple(TIMELINE_COLUMNS), rows, _timeline(store, session_id))
    book["method"] = method
    return book, rows


def _timeline(store: Store, session_id: str) -> Iterator[tuple[Any, ...]]:
    for table in timeline_stretches(store, session_id):
        columns = [column.to_pylist() for column in table.select(list(TIMELINE_COLUMNS)).columns]
        yield from zip(*columns)


def _marks(store: Store, session: Session) -> tuple[tuple[Scene, ...], tuple[Marker, ...]]:
    """Scenes and markers of the film and of the session itself, on the film's clock."""
    scenes, markers = [], []
    for mark in store.markers.list(session_id=session.session_id, stimulus_id=session.stimulus_id):
        # the session's own lie on the recording's clock
        shift = 0 if mark.session_id is None else -session.offset_ms
        if mark.to_ms is None:
            markers.append(Marker(mark.name, mark.from_ms + shift))
        elif mark.to_ms > mark.from_ms:
            scenes.append(Scene(mark.name, mark.from_ms + shift, mark.to_ms + shift))
    return tuple(scenes), tuple(markers)


def _names(store: Store, session_id: str) -> dict[int, str]:
    people = store.timeline.viewers(session_id)
    return {
        int(viewer): str(name) if isinstance(name, str) and name else f"Viewer {int(viewer)}"
        for viewer, name in zip(people["viewer"], people["name"])
    }


def _settings(session: Session) -> dict[str, object]:
    about = {
        "session": session.name,
        "session id": session.session_id,
        "kind": session.kind,
        "study": session.study,
        "stimulus": session.stimulus,
        "condition": session.condition,
        "respondent": session.respondent,
        "offset of second 0 in the recording, ms": session.offset_ms,
        "model": session.model,
        "quality": session.quality,
        "rapt": __version__,
    }
    settings = {f"setting {key}": value for key, value in session.settings.items()}
    versions = {f"made by {key}": value for key, value in session.versions.items()}
    return {key: value for key, value in {**about, **settings, **versions}.items() if value != ""}


def session_eaf(store: Store, session_id: str) -> Eaf:
    """The session on its recording's clock: expressions, engagement, scenes, gaps."""
    session = store.sessions.get(session_id)
    seconds = _known(store, session)
    offset = session.offset_ms
    table = audience(curves(seconds, "engagement", recording=True))
    mean = [None if one != one else units.say("engagement", one) for one in table["mean"]]
    readable = seconds[seconds["n"] > 0].groupby("second").size()
    unread = ["no face could be read" if int(readable.get(s, 0)) == 0 else None
              for s in table["second"]]  # fmt: skip
    scenes, markers = _marks(store, session)
    names = {(session_id, viewer): name for viewer, name in _names(store, session_id).items()}
    for viewer in seconds["viewer"].unique():
        names.setdefault((session_id, int(viewer)), f"Viewer {int(viewer)}")
    at = table["second"].tolist()
    tiers = [
        *viewer_tiers(seconds, names, offset_ms=offset),
        Tier("Engagement", runs(at, mean, offset_ms=offset)),
        Tier("No readable face", runs(at, unread, offset_ms=offset)),
        Tier("Scenes", [Span(s.from_ms + offset, s.to_ms + offset, s.name) for s in scenes]),
        Tier(
            "Markers",
            [Span(m.t_ms + offset, m.t_ms + offset + MOMENT_MS, m.name) for m in markers],
        ),
    ]
    notes = {"session": session.name, "made by": f"Rapt {__version__}"}
    if "simulated" in session.tags:
        notes["viewers"] = f"{SIMULATED}: nobody was filmed"
    path = Path(session.path) if session.path else None
    return Eaf([tier for tier in tiers if tier.spans], path, notes)


def session_figure(store: Store, session_id: str) -> Figure:
    """Engagement with its band, and the leading expression as a ribbon."""
    session = store.sessions.get(session_id)
    seconds = _known(store, session)
    lines = curves(seconds, "engagement", recording=True)
    found, curve = numbers(lines), audience(lines)
    led = leading(seconds)["emotion"].reindex(curve["second"])
    names = [str(one) if known else None for one, known in zip(led, led.notna())]
    viewers = lines.n
    colours = EMOTION_COLOURS | {MIXED: MIXED_COLOUR}
    seen = [name for name in colours if name in names]
    # drawn on the recording's clock, as on the session's page
    curve["second"] += session.offset_ms / 1000
    top, said = found["peak"], partial(units.say, "engagement")
    at = clock(1000 * top.second + session.offset_ms) if top.second is not None else ""
    mean = f"mean {said(found['mean'].value)} of 100"
    mean += f", highest {said(top.value)} at {at}" if at else ""
    band = " with its 95 % band" if viewers > 1 else ""
    words = Words(
        Label(session.name),
        f"Engagement of {count(viewers, 'viewer')}{band}: {mean}; below, the leading expression",
        f"Engagement of {session.name} over time: {mean}.",
        tuple((name, colours[name]) for name in seen),
    )
    length_ms = round(1000 * (float(curve["second"].max()) + 1))
    return Figure(
        "engagement",
        words,
        lambda sheet: figures.session(curve, names, words, sheet, length_ms=length_ms),
    )


def _known(store: Store, session: Session) -> pd.DataFrame:
    seconds = store.timeline.seconds(session.session_id)
    if seconds.empty:
        raise DataError(
            f"In {session.name!r} no second of any viewer is known.",
            "Its timeline can be taken as CSV.",
        )
    return seconds
