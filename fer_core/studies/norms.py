"""Where a study stands among the store's other studies of its kind."""

from __future__ import annotations

import pandas as pd

from fer_core.analytics.norms import Norm, norm
from fer_core.storage import Store
from fer_core.studies.membership import MOST_SESSIONS, Study, with_reasons
from fer_core.types import SessionStatus


def study_norm(store: Store, study: Study, measure: str) -> Norm:
    """The study's mean over the sessions that count, among those of the others.

    Studies of another kind are no others, and simulated ones are so only to each other.
    """
    studies = store.studies.list()
    own = next(one for one in studies if one.study_id == study.study_id)
    alike = [
        one.study_id
        for one in studies
        if (one.kind or "") == (own.kind or "")
        and one.simulated == study.simulated
        and one is not own
    ]
    sessions = store.sessions.list(status=SessionStatus.DONE, limit=MOST_SESSIONS)
    sessions = sessions[sessions["study_id"].isin(alike)]
    counted = with_reasons(sessions)
    means = counted[counted["counts"]].groupby("study_id")[measure].mean()
    value = float(study.counted[measure].mean()) if len(study.counted) else float("nan")
    return norm(value, [float(one) for one in means if not pd.isna(one)])
