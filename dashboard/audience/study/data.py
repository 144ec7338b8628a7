"""One audience of a study made ready to draw: its curve, shares, scenes, viewers, synchrony."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer_core.analytics.scenes import viewer_means
from fer_core.analytics.seconds import curves
from fer_core.analytics.synchrony import Synchrony, synchrony
from fer_core.measures import HEADLINES
from fer_core.studies.audiences import EVERYONE, Audience, audiences, last_second, within
from fer_core.studies.membership import Study
from fer_core.studies.response import VIEWER, Response, emotion_shares, respond

__all__ = ["EVERYONE", "Audience", "StudyView", "audiences", "moment", "view"]


@dataclass(frozen=True)
class StudyView:
    """What the study page draws.

    ``shares``: second, share, low, high, n of each emotion, in per cent. ``lanes``: a row a
    viewer, a column a second, NaN where not known; ``labels`` its rows' names.
    """

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


def view(seconds: pd.DataFrame, audience: Audience, measure: str, *, minimum: int = 1) -> StudyView:
    """From the study's seconds to what is drawn of one audience.

    Seconds before the film began are no part of it; what was filmed after its end is left
    out too. With a minimum group no single viewer is shown.
    """
    mine = within(seconds, audience)
    found = respond(mine, audience, measure, minimum=minimum)
    lines = found.lines
    order = np.argsort(-np.nan_to_num(viewer_means(lines), nan=-np.inf), kind="stable")
    order = order if minimum <= 1 else order[:0]
    names = _labels(mine, lines.viewers)
    return StudyView(
        found,
        emotion_shares(mine, last_second(audience.length_ms), minimum=minimum),
        lanes=lines.values[order],
        labels=[names[i] for i in order],
        keys=[_key(lines.viewers, i) for i in order],
        length_ms=audience.length_ms,
    )


def synchrony_of(
    seconds: pd.DataFrame, audience: Audience, measure: str, *, minimum: int = 1
) -> dict[str, Synchrony]:
    """Whether its viewers respond together, in this measure and the usual ones.

    Apart from the rest, for shifting 200 viewers' curves a thousand times takes as long as
    all of it: the browser draws the curve meanwhile.
    """
    mine = within(seconds, audience)
    last = last_second(audience.length_ms)
    lines = {
        name: curves(mine, name, by=VIEWER, first=0, last=last)
        for name in dict.fromkeys((measure, *HEADLINES))
    }
    enough = lines[measure].n >= max(minimum, 1)
    return {name: synchrony(one.values) for name, one in lines.items()} if enough else {}


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


def _labels(seconds: pd.DataFrame, viewers: pd.DataFrame) -> list[str]:
    """A name a viewer: the respondent's, with the viewer's number where a room was filmed."""
    about = seconds.drop_duplicates(["session_id", "viewer"]).set_index(["session_id", "viewer"])
    crowd = viewers["session_id"].duplicated(keep=False)
    labels = []
    for (session, viewer), several in zip(viewers.itertuples(index=False), crowd):
        respondent = str(about.loc[(session, viewer), "respondent"])
        labels.append(f"{respondent} #{viewer}" if several else respondent)
    return labels
