"""The viewers' seconds of a study, raw or with each viewer's resting face taken out.

Attention and engagement of sessions that know of eyes and of sessions that do not are never
averaged together: where a study has both, all of them have version 1, which follows the head.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from fer_core.analytics import baseline
from fer_core.storage import Store
from fer_core.studies.membership import all_have_eyes

_KEYS = ("session_id", "viewer", "second", "n")
_ABOUT = ["session_id", "stimulus_id", "condition", "respondent"]


def study_seconds(
    store: Store,
    sessions: pd.DataFrame,
    measures: Sequence[str],
    *,
    corrected: bool = False,
    eyes: bool | None = None,
) -> pd.DataFrame:
    """Seconds of these sessions (rows of ``Study.sessions``) on the stimulus' clock.

    ``eyes``: whether attention and engagement take account of eyes; None: where all of these
    sessions do. Whoever takes some of a study's sessions says what holds for all of them.

    Columns: ``session_id, viewer, second, n``, the measures, ``stimulus_id, condition,
    respondent``. A session without a respondent's name is a respondent of its own.
    """
    columns = [*_KEYS, *measures]
    ids = [str(one) for one in sessions["session_id"]]
    with_eyes = all_have_eyes(sessions) if eyes is None else eyes
    rows = (
        _corrected(store, ids, columns, with_eyes)
        if corrected
        else store.timeline.seconds(ids, columns=columns, eyes=with_eyes)
    )
    table = rows.merge(sessions[_ABOUT], on="session_id", how="left")
    table["respondent"] = table["respondent"].fillna(table["session_id"])
    return table


def _corrected(store: Store, ids: list[str], columns: list[str], eyes: bool) -> pd.DataFrame:
    """Seconds after a baseline correction.

    A session's pre-roll is what was filmed before the stimulus began, where there is enough
    of it; else the first three seconds of the recording.
    """
    return store.timeline.corrected_seconds(
        ids,
        columns=columns,
        eyes=eyes,
        reference=[float(one) for one in baseline.REFERENCE],
        smallest=baseline.SMALLEST,
        pre_roll_ms=baseline.PRE_ROLL.to_ms,
    )
