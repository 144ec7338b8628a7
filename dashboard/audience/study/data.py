"""One audience of a study made ready to draw: its curve, shares, scenes, viewers, synchrony."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer_core.analytics import seconds as by_second
from fer_core.analytics import shape
from fer_core.analytics.scenes import (
    audience_line,
    marker_table,
    scene_table,
    viewer_means,
)
from fer_core.analytics.synchrony import Synchrony, synchrony
from fer_core.labels import DISPLAY_ORDER
from fer_core.measures import HEADLINES
from fer_core.studies.audiences import EVERYONE, Audience, audiences
from fer_core.studies.membership import Study

__all__ = ["EVERYONE", "Audience", "StudyView", "audiences", "moment", "view"]

_BY = ("session_id", "viewer")


@dataclass(frozen=True)
class StudyView:
    """What the study page draws.

    ``curve``: second, mean, low, high, n. ``shares``: the same for each emotion, in per
    cent. ``lanes``: a row a viewer, a column a second, NaN where not known; ``labels`` its
    rows' names. ``scenes`` and ``marks`` as analytics makes them.
    """

    measure: str
    curve: pd.DataFrame
    shares: dict[str, pd.DataFrame]
    lanes: np.ndarray
    labels: list[str]
    keys: list[tuple[str, int]]  # session and viewer of each row
    scenes: pd.DataFrame
    marks: pd.DataFrame
    viewers: int
    mean: float
    hook: float
    peak: shape.Peak | None
    end: float
    length_ms: int

    @property
    def empty(self) -> bool:
        return bool(self.curve["mean"].isna().all())


def view(seconds: pd.DataFrame, audience: Audience, measure: str, *, minimum: int = 1) -> StudyView:
    """From the study's seconds to what is drawn of one audience.

    Seconds before the film began are no part of it; what was filmed after its end is left
    out too. With a minimum group no single viewer is shown.
    """
    last = _last(audience)
    mine = _inside(seconds, audience, last)
    lines = by_second.curves(mine, measure, by=_BY, first=0, last=last)
    curve = by_second.audience(lines, minimum=minimum)
    shares = {
        name: _on_grid(by_second.emotion_share(mine, name, minimum=minimum, by=_BY), last)
        for name in DISPLAY_ORDER
    }
    enough = lines.n >= max(minimum, 1)
    line = np.where(curve["mean"].isna(), np.nan, audience_line(lines)) if enough else (
        np.full(len(lines.seconds), np.nan)
    )  # fmt: skip
    order = np.argsort(-np.nan_to_num(viewer_means(lines), nan=-np.inf), kind="stable")
    alone = minimum <= 1
    names = _labels(mine, lines.viewers)
    return StudyView(
        measure=measure,
        curve=curve,
        shares=shares,
        lanes=lines.values[order] if alone else lines.values[:0],
        labels=[names[i] for i in order] if alone else [],
        keys=[_key(lines.viewers, i) for i in order] if alone else [],
        scenes=scene_table(lines, audience.scenes, minimum=minimum),
        marks=marker_table([lines] if enough else [], audience.markers),
        viewers=lines.n,
        mean=shape.mean_known(line),
        hook=shape.hook(line, lines.seconds),
        peak=shape.peak(line, lines.seconds),
        end=shape.end(line, lines.seconds),
        length_ms=audience.length_ms,
    )


def synchrony_of(
    seconds: pd.DataFrame, audience: Audience, measure: str, *, minimum: int = 1
) -> dict[str, Synchrony]:
    """Whether its viewers respond together, in this measure and the usual ones.

    Apart from the rest, for shifting 200 viewers' curves a thousand times takes as long as
    all of it: the browser draws the curve meanwhile.
    """
    last = _last(audience)
    mine = _inside(seconds, audience, last)
    lines = {
        name: by_second.curves(mine, name, by=_BY, first=0, last=last)
        for name in dict.fromkeys((measure, *HEADLINES))
    }
    enough = lines[measure].n >= max(minimum, 1)
    return {name: synchrony(one.values) for name, one in lines.items()} if enough else {}


def _last(audience: Audience) -> int:
    return max(1, -(-audience.length_ms // 1000)) - 1


def _inside(seconds: pd.DataFrame, audience: Audience, last: int) -> pd.DataFrame:
    mine = seconds[seconds["session_id"].isin(audience.session_ids)]
    return mine[(mine["second"] >= 0) & (mine["second"] <= last)]


@dataclass(frozen=True, slots=True)
class Shown:
    """What one viewer showed in one second, and where that is in the recording."""

    label: str
    session_id: str
    value: float
    t_s: float


def moment(view: StudyView, study: Study, second: int, most: int = 5) -> list[Shown]:
    """The viewers with the highest value in a second, the highest first."""
    if not view.keys or not 0 <= second < view.lanes.shape[1]:
        return []
    column = view.lanes[:, second]
    order = np.argsort(-np.nan_to_num(column, nan=-np.inf), kind="stable")
    return [
        Shown(view.labels[i], session_id, float(column[i]), t_s)
        for i in order[:most]
        for session_id, t_s in [recorded(view, study, int(i), second)]
        if not np.isnan(column[i])
    ]


def recorded(view: StudyView, study: Study, row: int, second: int) -> tuple[str, float]:
    """A viewer's session, and where in its recording a second of the film is."""
    session_id = view.keys[row][0]
    offsets = dict(zip(study.sessions["session_id"], study.sessions["offset_ms"]))
    return session_id, second + int(offsets.get(session_id, 0)) / 1000


def _key(viewers: pd.DataFrame, row: int) -> tuple[str, int]:
    return str(viewers["session_id"].iloc[row]), int(viewers["viewer"].iloc[row])


def _on_grid(table: pd.DataFrame, last: int) -> pd.DataFrame:
    return table.set_index("second").reindex(pd.RangeIndex(last + 1, name="second")).reset_index()


def _labels(seconds: pd.DataFrame, viewers: pd.DataFrame) -> list[str]:
    """A name a viewer: the respondent's, with the viewer's number where a room was filmed."""
    about = seconds.drop_duplicates(["session_id", "viewer"]).set_index(["session_id", "viewer"])
    crowd = viewers["session_id"].duplicated(keep=False)
    labels = []
    for (session, viewer), several in zip(viewers.itertuples(index=False), crowd):
        respondent = str(about.loc[(session, viewer), "respondent"])
        labels.append(f"{respondent} #{viewer}" if several else respondent)
    return labels
