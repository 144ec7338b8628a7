"""Where a film begins in each recording, found from a marker that was set there.

«Ad starts», pressed while the recording was replayed or made, lies on the recording's
clock. Put on the film's beginning, or on a marker of the film, it gives the offset.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from fer_core.errors import DataError
from fer_core.storage import Store
from fer_core.storage.sessions import AssignSession
from fer_core.studies.membership import Study

#: What a marker is put on where no marker of the film is named.
BEGINNING = "The film's beginning"


@dataclass(frozen=True, slots=True)
class Offset:
    """A session's offset as it is, and as the marker says. None: it has no such marker."""

    session_id: str
    name: str
    now_ms: int
    then_ms: int | None
    why_not: str = ""

    @property
    def changes(self) -> bool:
        return self.then_ms is not None and self.then_ms != self.now_ms


def marker_names(store: Store, study: Study) -> dict[str, int]:
    """Names of the markers in the study's recordings, with in how many sessions each is."""
    sessions: dict[str, set[str | None]] = defaultdict(set)
    for mark in sorted(store.markers.in_recordings(study.study_id), key=lambda one: one.name):
        sessions[mark.name].add(mark.session_id)
    most_first = sorted(sessions.items(), key=lambda one: -len(one[1]))
    return {name: len(found) for name, found in most_first}


def film_markers(study: Study) -> list[str]:
    """What a marker can be put on: the beginning, and every name in the study's films."""
    in_order = sorted(study.markers, key=lambda one: one.from_ms)
    return [BEGINNING, *dict.fromkeys(one.name for one in in_order)]


def offsets(store: Store, study: Study, marker: str, onto: str = BEGINNING) -> list[Offset]:
    """Each session's offset if its ``marker`` is where the film has ``onto``.

    Where a recording has several markers of the name, the first counts.
    """
    marks = [one for one in store.markers.in_recordings(study.study_id) if one.name == marker]
    if not marks:
        raise DataError(f"No recording of this study has a marker {marker!r}.")
    first = _earliest((one.session_id, one.from_ms) for one in marks)
    places = _earliest((one.stimulus_id, one.from_ms) for one in study.markers if one.name == onto)
    found = []
    for row in study.sessions.to_dict("records"):
        session_id, stimulus = str(row["session_id"]), row["stimulus_id"]
        then, why_not = None, ""
        if session_id not in first:
            why_not = f"no marker {marker!r}"
        elif onto == BEGINNING:
            then = first[session_id]
        elif pd.isna(stimulus) or stimulus not in places:
            why_not = f"its film has no {onto!r}"
        else:
            then = first[session_id] - places[stimulus]
        found.append(
            Offset(session_id, str(row["name"]), int(row["offset_ms"] or 0), then, why_not)
        )
    return found


def _earliest(times: Iterable[tuple[str | None, int]]) -> dict[str | None, int]:
    found: dict[str | None, int] = {}
    for whose, ms in times:
        found[whose] = min(ms, found.get(whose, ms))
    return found


def align(store: Store, found: list[Offset]) -> int:
    """Set the offsets that differ; how many did. Seconds are made anew from the kept rows."""
    wanted = [one for one in found if one.changes]
    for one in wanted:
        store.run(AssignSession(session_id=one.session_id, offset_ms=one.then_ms))
    return len(wanted)
