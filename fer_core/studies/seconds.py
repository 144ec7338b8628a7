"""The viewers' seconds of a study, raw or with each viewer's resting face taken out."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from fer_core.analytics import baseline
from fer_core.analytics.frame_time import Span
from fer_core.analytics.seconds import viewer_seconds
from fer_core.storage import Store
from fer_core.types import AnalysisSettings

_KEYS = ("session_id", "viewer", "second", "n")
_ABOUT = ["session_id", "stimulus_id", "condition", "respondent"]


def study_seconds(
    store: Store, sessions: pd.DataFrame, measures: Sequence[str], *, corrected: bool = False
) -> pd.DataFrame:
    """Seconds of these sessions (rows of ``Study.sessions``) on the stimulus' clock.

    Columns: ``session_id, viewer, second, n``, the measures, ``stimulus_id, condition,
    respondent``. A session without a respondent's name is a respondent of its own.
    """
    columns = [*_KEYS, *measures]
    ids = [str(one) for one in sessions["session_id"]]
    if corrected and ids:
        parts = [_corrected(store, str(row.session_id), int(row.offset_ms))  # type: ignore[arg-type]
                 for row in sessions.itertuples()]  # fmt: skip
        rows = pd.concat(parts, ignore_index=True)[columns]
    else:
        rows = store.seconds(ids, columns=columns)
    table = rows.merge(sessions[_ABOUT], on="session_id", how="left")
    table["respondent"] = table["respondent"].fillna(table["session_id"])
    return table


def _corrected(store: Store, session_id: str, offset_ms: int) -> pd.DataFrame:
    """One session's seconds after a baseline correction.

    The pre-roll is what was filmed before the stimulus began, where there is enough of it;
    else the first three seconds of the recording.
    """
    timeline = store.timeline(session_id, edited=True)
    settings = store.session(session_id)["settings"] or {}
    usual = AnalysisSettings()
    weights = AnalysisSettings(
        engagement_base=settings.get("engagement_base", usual.engagement_base),
        engagement_expressive=settings.get("engagement_expressive", usual.engagement_expressive),
    )
    pre_roll = Span(0, offset_ms) if offset_ms >= baseline.PRE_ROLL.to_ms else baseline.PRE_ROLL
    fixed = baseline.correct(timeline, pre_roll=pre_roll, settings=weights)
    left_out = [
        Span(int(start), int(stop), int(viewer))
        for viewer, start, stop in store.exclusions(session_id).itertuples(index=False)
    ]
    return viewer_seconds(
        fixed.timeline, store.frames(session_id), offset_ms=offset_ms, spans=left_out
    )
