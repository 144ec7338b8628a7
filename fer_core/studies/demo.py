"""The demo study: simulated viewers, put into the store the way real sessions go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from fer_core.analytics.session import quality
from fer_core.analytics.simulate import SIMULATED, SimulatedSession, SimulatedStudy, simulate_study
from fer_core.home import Home
from fer_core.labels import PROBABILITY_COLUMNS
from fer_core.measures import FACE_MEASURES
from fer_core.storage import ShardWriter, Store, new_id
from fer_core.storage.markers import AddMarkers, NewMarker
from fer_core.storage.sessions import SIMULATED_BY
from fer_core.storage.studies import AddStimulus, AddStudy
from fer_core.storage.timeline.session_file import SessionFile, SessionSummary, write_session
from fer_core.types import Faces, FrameResult, Measures, SessionStatus
from fer_core.video import digest
from fer_core.video.demo_film import demo_film

STIMULUS: Final = "Breakfast ad, 30 s (simulated)"
QUESTION: Final = "Does version B hold attention better than version A?"
MODEL: Final = SIMULATED_BY


def plant_demo(
    store: Store,
    *,
    study: SimulatedStudy | None = None,
    with_film: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[str, int]:
    """Make the demo study where it is not there; its id, and how many sessions were added.

    Called again it adds only viewers that are missing, so a run that was cut short is
    completed and a complete one left alone. A new one has its film ``with_film``, which takes a
    few seconds to draw.
    """
    study = study or simulate_study()
    store.sync()
    mine = [one for one in store.studies.list() if one.simulated and one.name == study.name]
    study_id = mine[0].study_id if mine else _add_study(store, study)
    there = set(store.sessions.list(study_id=study_id, limit=10_000)["respondent"].dropna())
    missing = [one for one in study.sessions if one.respondent not in there]
    if not missing:
        return study_id, 0
    stimulus_id = _stimulus(store, study, study_id, with_film=with_film)
    for number, one in enumerate(missing, start=1):
        _write(store.home, one, study_id, stimulus_id, study.length_ms)
        if on_progress is not None:
            on_progress(number, len(missing))
    store.sync()
    return study_id, len(missing)


def _add_study(store: Store, study: SimulatedStudy) -> str:
    return store.run(
        AddStudy(
            name=study.name,
            kind="ad",
            question=QUESTION,
            notes=SIMULATED,
            conditions=tuple(study.conditions),
            simulated=True,
        )
    )


def _stimulus(store: Store, study: SimulatedStudy, study_id: str, *, with_film: bool) -> str:
    for known in store.studies.stimuli(study_id):
        if known.title == STIMULUS:
            return known.stimulus_id
    path = None
    if with_film:
        # with the uploads: deleting the study removes it
        path = store.home.uploads / "demo-film.mp4"
        demo_film(path, [one.from_ms for one in study.scenes[1:]], study.length_ms)
    stimulus_id = store.run(
        AddStimulus(
            title=STIMULUS,
            study_id=study_id,
            path=None if path is None else str(path),
            digest=None if path is None else digest(path),
            length_ms=study.length_ms,
            notes=SIMULATED,
        )
    )
    scenes = [NewMarker(one.name, one.from_ms, one.to_ms) for one in study.scenes]
    points = [NewMarker(one.name, one.t_ms) for one in study.markers]
    store.run(AddMarkers(markers=(*scenes, *points), stimulus_id=stimulus_id, source="simulated"))
    return stimulus_id


def _write(
    home: Home, one: SimulatedSession, study_id: str, stimulus_id: str, length_ms: int
) -> None:
    """Leave one session as a worker would: its shard first, then what it is."""
    # An id of its own, not the simulation's: a deleted session's id is never taken again.
    session_id = new_id("session")
    writer = ShardWriter(home, session_id)
    for result in _results(one.timeline, one.frames):
        writer.add(result)
    writer.flush(None)
    write_session(
        home,
        SessionFile(
            session_id=session_id,
            name=one.name,
            kind=one.kind,
            status=SessionStatus.DONE,
            study=study_id,
            stimulus=stimulus_id,
            condition=one.condition,
            respondent=one.respondent,
            tags=("simulated",),
            notes=one.note,
            model=MODEL,
            versions={"model": MODEL},
            info={"duration_ms": length_ms},
            summary=SessionSummary(
                duration_s=length_ms / 1000,
                frames=len(one.frames),
                faces=len(one.timeline),
                viewers=int(one.timeline["viewer"].nunique()),
                quality=quality(one.timeline, one.frames),
            ),
        ),
    )


def _results(timeline: pd.DataFrame, frames: pd.DataFrame) -> list[FrameResult]:
    """The rows as the pipeline's values, frames without a face included."""
    boxes = timeline[["x", "y", "w", "h"]].to_numpy(np.float32)
    pose = timeline[["yaw", "pitch", "roll"]].to_numpy(np.float32)
    p = timeline[list(PROBABILITY_COLUMNS)].to_numpy(np.float32)
    measures = {key: timeline[key].to_numpy(np.float32) for key in FACE_MEASURES}
    scores = timeline["score"].to_numpy(np.float32)
    viewer = timeline["viewer"].to_numpy(np.int32)
    usable = timeline["usable"].to_numpy(bool)
    why = timeline["why_not"].to_numpy(object)
    of_frame = timeline["frame"].to_numpy()
    results = []
    for frame, t_ms in zip(frames["frame"].to_numpy(), frames["t_ms"].to_numpy()):
        rows = slice(*np.searchsorted(of_frame, (frame, frame + 1)))
        faces = len(viewer[rows])
        results.append(
            FrameResult(
                frame=int(frame),
                t_ms=int(t_ms),
                viewer=viewer[rows],
                faces=Faces(boxes[rows], scores[rows], np.full((faces, 5, 2), np.nan, np.float32)),
                pose=pose[rows],
                usable=usable[rows],
                why_not=tuple(why[rows]),
                probabilities=p[rows],
                measures=Measures({key: values[rows] for key, values in measures.items()}),
            )
        )
    return results
