"""The viewers' seconds of a study, raw or with each viewer's resting face taken out."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from fer_core.analytics import baseline
from fer_core.storage import Store

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
    rows = (
        _corrected(store, ids, columns)
        if corrected
        else store.timeline.seconds(ids, columns=columns)
    )
    table = rows.merge(sessions[_ABOUT], on="session_id", how="left")
    table["respondent"] = table["respondent"].fillna(table["session_id"])
    return table


def _corrected(store: Store, ids: list[str], columns: list[str]) -> pd.DataFrame:
    """Seconds after a baseline correction.

    A session's pre-roll is what was filmed before the stimulus began, where there is enough
    of it; else the first three seconds of the recording.
    """
    return store.timeline.corrected_seconds(
        ids,
        columns=columns,
        reference=[float(one) for one in baseline.REFERENCE],
        smallest=baseline.SMALLEST,
        pre_roll_ms=baseline.PRE_ROLL.to_ms,
    )
