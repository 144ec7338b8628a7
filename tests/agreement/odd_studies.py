"""Ten odd studies in a real store, and their numbers worked out from what was put in.

A viewer's engagement is given by the second; NaN: a face that could not be read. ``expected``
knows the definitions and numpy, and nothing of the project's own statistics.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from fer_core.home import Home
from fer_core.labels import EMOTIONS
from fer_core.measures import FACE_MEASURES
from fer_core.storage import ShardWriter, Store
from fer_core.storage.sessions import IncludeSession
from fer_core.storage.studies import AddStimulus, AddStudy
from fer_core.storage.timeline.session_file import SessionFile, SessionSummary, write_session
from fer_core.storage.timeline.viewers import EditKind, EditViewer
from fer_core.types import Faces, FrameResult, Measures, SessionStatus

RATE: Final = 2  # pictures a second
Values = np.ndarray  # (viewers, seconds)
unknown = np.nan


@dataclass(frozen=True)
class Recording:
    """A session: its viewers' engagement by the second, and which film they watched.

    ``excluded``: a viewer whom a person left out. ``left_out``: the whole session was.
    """

    values: Values
    film: str = ""
    picture: bool = False
    excluded: int | None = None
    left_out: bool = False

    @property
    def counted(self) -> Values:
        if self.excluded is None:
            return self.values
        return np.delete(self.values, self.excluded, axis=0)


class Expected(NamedTuple):
    """The numbers of one audience; NaN and None: not known."""

    viewers: int
    mean: float
    hook: float
    peak: float
    peak_s: int | None
    end: float


@dataclass(frozen=True)
class OddStudy:
    name: str
    recordings: tuple[Recording, ...]

    @property
    def films(self) -> dict[str, list[Values]]:
        """The values of the recordings that count, by film."""
        found: dict[str, list[Values]] = {}
        for one in self.recordings:
            readable = (~np.isnan(one.values)).any(axis=0).mean()
            if not one.left_out and readable >= 0.6:
                found.setdefault(one.film, []).append(one.counted)
        return found

    def expected(self) -> dict[str, Expected]:
        """By the name of the audience that the page shows."""
        films = self.films
        several = len(films) > 1
        return {film if several else "All viewers": numbers(v) for film, v in films.items()}


def numbers(parts: Sequence[Values]) -> Expected:
    """A study's headline numbers, written once more from their definitions."""
    length = max(part.shape[1] for part in parts)
    rows = [np.append(row, [unknown] * (length - len(row))) for part in parts for row in part]
    values = np.array([row for row in rows if not np.isnan(row).all()]).reshape(-1, length)
    n = (~np.isnan(values)).sum(axis=0)
    line = np.array([v[~np.isnan(v)].mean() if k else unknown for v, k in zip(values.T, n)])
    people = len(values)
    line[n < (people / 2 if people >= 5 else 1)] = unknown
    best = None if np.isnan(line).all() else int(np.nanargmax(line))
    return Expected(
        people,
        _mean(line),
        _mean(line[:8]),
        unknown if best is None else float(line[best]),
        best,
        _mean(line[-5:]),
    )


def _mean(line: Values) -> float:
    known = line[~np.isnan(line)]
    return float(known.mean()) if len(known) else unknown


def _steps(*rows: Sequence[float]) -> Values:
    return np.array(rows, float)


def _random(viewers: int, seconds: int, seed: int) -> Values:
    return np.round(np.random.default_rng(seed).uniform(20, 95, (viewers, seconds)), 1)


def _gaps() -> Values:
    """Eight viewers, never all at once, of whom one is left for a while, and is moved: 100 stands
    in the curve."""
    values = _random(8, 14, 4)
    values[6, 4:] = values[7, :4] = unknown
    values[1:, 5:7] = unknown
    values[0, 5:7] = 100.0
    values[4:, 12:] = unknown
    return values


STUDIES: Final = (
    OddStudy("One viewer", (Recording(_steps([51, 40, 30, 45, 50, 51, 71, 20, 33, 47, 52])),)),
    OddStudy("Two viewers", tuple(Recording(_random(1, 12, seed)) for seed in (1, 2))),
    OddStudy("Nobody", (Recording(np.full((1, 6), unknown)),)),
    OddStudy(
        "Ties", tuple(Recording(_steps([10, 60, 20, 60, 60, 5, 60, 30, 10, 20])) for _ in range(3))
    ),
    OddStudy("Gaps", (Recording(_gaps()),)),
    OddStudy(
        "Uneven lengths",
        tuple(Recording(_random(1, length, length)) for length in (6, 7, 9, 12, 12, 13, 15)),
    ),
    OddStudy(
        "Two films",
        (
            *(Recording(_random(1, 10, seed), "Short") for seed in (21, 22, 23)),
            *(Recording(_random(1, 16, seed), "Long") for seed in range(31, 37)),
        ),
    ),
    OddStudy(
        "Photographs", tuple(Recording(_random(1, 1, seed), picture=True) for seed in range(41, 47))
    ),
    OddStudy("Crowd", tuple(Recording(_random(100, 9, seed)) for seed in (51, 52))),
    OddStudy(
        "A viewer excluded",
        (
            Recording(_random(6, 12, 61), excluded=2),
            Recording(_random(1, 12, 62)),
            Recording(np.full((1, 12), 99.0), left_out=True),
        ),
    ),
)


def plant(home: Home, store: Store) -> dict[str, str]:
    """Put them into the store the way workers do; the studies' ids by name."""
    ids, sessions = {}, []
    for study in STUDIES:
        study_id = store.run(AddStudy(name=study.name))
        ids[study.name] = study_id
        titles = dict.fromkeys(one.film for one in study.recordings if one.film)
        films = {
            title: store.run(AddStimulus(title=title, study_id=study_id, length_ms=None))
            for title in titles
        }
        for number, one in enumerate(study.recordings):
            session_id = f"{study_id}-{number}"
            sessions.append((session_id, one))
            _write(home, session_id, f"{study.name} {number}", study_id, films.get(one.film), one)
    store.sync()
    for session_id, one in sessions:
        if one.excluded is not None:
            exclude = EditViewer(session_id=session_id, kind=EditKind.EXCLUDE, viewer=one.excluded)
            store.run(exclude)
        if one.picture:  # out of a study unless asked for
            store.run(IncludeSession(session_id=session_id, included=True, reason="asked for"))
        if one.left_out:
            store.run(IncludeSession(session_id=session_id, included=False, reason="fell asleep"))
    return ids


def _write(
    home: Home, session_id: str, name: str, study_id: str, film: str | None, one: Recording
) -> None:
    writer = ShardWriter(home, session_id)
    per_second = 1 if one.picture else RATE
    frames = one.values.shape[1] * per_second
    for frame in range(frames):
        writer.add(_frame(frame, frame * 1000 // per_second, one.values[:, frame // per_second]))
    writer.flush(None)
    write_session(
        home,
        SessionFile(
            session_id=session_id,
            name=name,
            kind="file",
            status=SessionStatus.DONE,
            study=study_id,
            stimulus=film,
            model="none@0",
            info={"is_picture": one.picture},
            summary=SessionSummary(
                duration_s=0.0 if one.picture else float(one.values.shape[1]),
                frames=frames,
                faces=frames * len(one.values),
                viewers=len(one.values),
                quality=float((~np.isnan(one.values)).any(axis=0).mean()),
            ),
        ),
    )


def _frame(frame: int, t_ms: int, engagement: Values) -> FrameResult:
    """A picture with everybody in it; whose value is NaN has a face that cannot be read."""
    viewers = len(engagement)
    known = ~np.isnan(engagement)
    p = np.full((viewers, len(EMOTIONS)), 0.05, np.float32)
    p[:, EMOTIONS.index("neutral")] = 0.7
    half = np.full(viewers, 0.5, np.float32)
    return FrameResult(
        frame=frame,
        t_ms=t_ms,
        viewer=np.arange(viewers, dtype=np.int32),
        faces=Faces(
            np.tile(np.array([10, 20, 50, 60], np.float32), (viewers, 1)),
            np.full(viewers, 0.9, np.float32),
            np.zeros((viewers, 5, 2), np.float32),
        ),
        pose=np.zeros((viewers, 3), np.float32),
        usable=known,
        why_not=tuple("" if one else "blurred" for one in known),
        probabilities=p,
        measures=Measures(
            {
                **dict.fromkeys(FACE_MEASURES, half),
                "facing": np.full(viewers, np.nan, np.float32),  # as before version 2
                "engagement": np.nan_to_num(engagement).astype(np.float32),
            }
        ),
    )
