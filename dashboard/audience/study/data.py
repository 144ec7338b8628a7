"""Audiences of a study made ready to draw: curves, shares, scenes, viewers, synchrony."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from fer_core.analytics.methods.synchrony import Synchrony, synchrony
from fer_core.analytics.scenes import viewer_means
from fer_core.analytics.seconds import curves_of
from fer_core.measures import HEADLINES
from fer_core.studies.audiences import (
    EVERYONE,
    Audience,
    audiences,
    last_second,
    side_by_side,
    within,
)
from fer_core.studies.groups import usual_kind
from fer_core.studies.membership import Study
from fer_core.studies.response import VIEWER, Response, emotion_shares, respond

__all__ = ["EVERYONE", "Audience", "StudyView", "audiences", "choices", "moment", "view"]

#: What a study with several conditions or films shows unless somebody chooses one audience.
EACH: Final = {"condition": "Each condition", "stimulus": "Each film"}


@dataclass(frozen=True)
class StudyView:
    """What the study page draws of one audience.

    ``shares``: second, share, low, high, n of each emotion, in per cent. ``lanes``: a row a
    viewer, a column a second, NaN where not known; ``labels`` its rows' names.
    """

    name: str
    response: Response
    shares: dict[str, pd.DataFrame]
    lanes: np.ndarray
    labels: list[str]
    keys: list[tuple[str, int]]  # session and viewer of each row
    length_ms: int

    @property
    def measure(self) -> str:
        return self.response.measure

    @property
    def curve(self) -> pd.DataFrame:
        return self.response.curve

    @property
    def viewers(self) -> int:
        return self.response.viewers

    @property
    def empty(self) -> bool:
        return bool(self.curve["mean"].isna().all())


def choices(study: Study) -> dict[str, tuple[Audience, ...]]:
    """Whose curves the page can show, by name: first what the study is read by, then each
    audience alone."""
    kind = usual_kind(study)
    each = {} if kind is None else {EACH[kind]: tuple(side_by_side(study))}
    return each | {one.name: (one,) for one in audiences(study)}


def view(
    seconds: pd.DataFrame,
    audience: Audience,
    measure: str,
    *,
    minimum: int = 1,
    names: Mapping[str, str] | None = None,
) -> StudyView:
    """From the study's seconds to what is drawn of one audience.

    Seconds before the film began are no part of it; what was filmed after its end is left
    out too. With a minimum group no single viewer is shown. ``names``: whom a session shows.
    """
    mine = within(seconds, audience)
    found = respond(mine, audience, measure, minimum=minimum)
    lines = found.lines
    order = np.argsort(-np.nan_to_num(viewer_means(lines), nan=-np.inf), kind="stable")
    order = order if minimum <= 1 else order[:0]
    labels = _labels(lines.viewers, names or {})
    keys = [(str(key), int(viewer)) for key, viewer in lines.viewers.itertuples(index=False)]
    return StudyView(
        audience.name,
        found,
        emotion_shares(mine, last_second(audience.length_ms), minimum=minimum),
        lanes=lines.values[order],
        labels=[labels[i] for i in order],
        keys=[keys[i] for i in order],
        length_ms=audience.length_ms,
    )


def synchrony_of(
    seconds: pd.DataFrame, audience: Audience, measures: Sequence[str], *, minimum: int = 1
) -> dict[str, Synchrony]:
    """Whether its viewers respond together, in these measures.

    Apart from the rest, for shifting 200 viewers' curves a thousand times takes as long as
    all of it: the browser draws the curve meanwhile.
    """
    mine = within(seconds, audience)
    last = last_second(audience.length_ms)
    lines = curves_of(mine, measures, by=VIEWER, first=0, last=last)
    enough = lines[measures[0]].n >= max(minimum, 1)
    return {name: synchrony(one.values) for name, one in lines.items()} if enough else {}


def together_measures(measure: str) -> tuple[str, ...]:
    """The measures whose synchrony one audience shows: the chosen one, and the usual ones."""
    return tuple(dict.fromkeys((measure, *HEADLINES)))


@dataclass(frozen=True, slots=True)
class Shown:
    """What one viewer showed in one second, and where that is in the recording."""

    label: str
    session_id: str
    value: float
    t_s: float


def moment(
    views: Sequence[StudyView], study: Study, second: int, *, most: int = 5, lowest: bool = False
) -> list[Shown]:
    """The viewers with the highest values in a second, or the lowest, the foremost first."""
    found = [
        (float(value), view, row)
        for view in views
        if view.keys and 0 <= second < view.lanes.shape[1]
        for row, value in enumerate(view.lanes[:, second])
        if not np.isnan(value)
    ]
    found.sort(key=lambda one: one[0] if lowest else -one[0])
    return [
        Shown(_of(views, view, row), session_id, value, t_s)
        for value, view, row in found[:most]
        for session_id, t_s in [recorded(view, study, row, second)]
    ]


def _of(views: Sequence[StudyView], view: StudyView, row: int) -> str:
    label = view.labels[row]
    return f"{label} ({view.name})" if len(views) > 1 else label


def recorded(view: StudyView, study: Study, row: int, second: int) -> tuple[str, float]:
    """A viewer's session, and where in its recording a second of the film is."""
    session_id = view.keys[row][0]
    offsets = dict(zip(study.sessions["session_id"], study.sessions["offset_ms"]))
    return session_id, second + int(offsets.get(session_id, 0)) / 1000


def _labels(viewers: pd.DataFrame, names: Mapping[str, str]) -> list[str]:
    """A name a viewer: the respondent's, or the session's, with the viewer's number where a room
    was filmed."""
    crowd = viewers["session_id"].duplicated(keep=False)
    rows = zip(viewers["session_id"].astype(str), viewers["viewer"], crowd)
    return [
        f"{names.get(session, session)} #{viewer}" if several else names.get(session, session)
        for session, viewer, several in rows
    ]
