"""Whose curve a study shows: all viewers where all watched the same, else parts of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from fer_core.analytics.scenes import Marker, Scene
from fer_core.studies.groups import available, usual_groups
from fer_core.studies.membership import Study
from fer_core.studies.segments import segments

EVERYONE = "All viewers"


@dataclass(frozen=True)
class Audience:
    """Whose curve is drawn: sessions under a name, and the film's scenes and length.

    ``film``: the stimulus that all of them watched; None where they did not, or nobody said.
    """

    name: str
    session_ids: tuple[str, ...]
    scenes: tuple[Scene, ...]
    markers: tuple[Marker, ...]
    length_ms: int
    film: str | None = None


def audiences(study: Study) -> list[Audience]:
    """What can be looked at. All together only where all watched the same."""
    conditions = available(study, "condition")
    return [*films(study), *(_audience(study, one.name, one.sessions) for one in conditions)]


def side_by_side(study: Study) -> list[Audience]:
    """The audiences that a study is read by: its conditions or its films; none where it has one."""
    return [_audience(study, one.name, one.sessions) for one in usual_groups(study)]


def by_attribute(study: Study, one: Audience, by: str) -> list[Audience]:
    """An audience split by an answer, a tag or a device: the groups that may be shown."""
    inside = study.sessions["session_id"].isin(one.session_ids)
    part = replace(study, sessions=study.sessions[inside].reset_index(drop=True))
    return [
        replace(
            one,
            name=f"{by}: {group.name}",
            session_ids=tuple(str(key) for key in group.sessions["session_id"]),
        )
        for group in segments(part, by)
    ]


def films(study: Study) -> list[Audience]:
    """The audiences that share no viewer: all viewers, or those of each film where they are of
    several."""
    stimuli = available(study, "stimulus")
    if len(stimuli) < 2:
        return [_audience(study, EVERYONE, study.counted)]
    return [_audience(study, one.name, one.sessions) for one in stimuli]


def _audience(study: Study, name: str, sessions: pd.DataFrame) -> Audience:
    watched = sorted({str(one) for one in sessions["stimulus_id"].dropna()})
    same = len(watched) == 1 and bool(sessions["stimulus_id"].notna().all())
    length = study.length_ms(watched[0]) if same else 0
    if not length:
        longest = sessions["duration_s"].max()
        length = 0 if pd.isna(longest) else round(1000 * float(longest))
    ids = tuple(str(one) for one in sessions["session_id"])
    film = (study.scenes(watched), study.points(watched)) if same else ((), ())
    return Audience(name, ids, *film, length, watched[0] if same else None)


def last_second(length_ms: int) -> int:
    """The last second of a film of this length."""
    return max(1, -(-length_ms // 1000)) - 1


def within(seconds: pd.DataFrame, one: Audience) -> pd.DataFrame:
    """An audience's seconds, without what was filmed before its film and after it."""
    mine = seconds[seconds["session_id"].isin(one.session_ids)]
    return mine[(mine["second"] >= 0) & (mine["second"] <= last_second(one.length_ms))]
