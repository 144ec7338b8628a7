"""Where a study stands among the store's other studies of its kind."""

from __future__ import annotations

import pandas as pd

from fer_core.analytics.norms import Norm, norm
from fer_core.storage import Store
from fer_core.studies.membership import MOST_SESSIONS, Study, with_reasons


def study_norm(store: Store, study: Study, measure: str) -> Norm:
    """The study's mean over the sessions that count, among those of the others.

    Studies of another kind are no others, and simulated ones are so only to each other.
    """
    studies = store.studies()
    own = studies[studies["study_id"] == study.study_id].iloc[0]
    alike = studies[
        (studies["kind"].fillna("") == (own["kind"] or ""))
        & (studies["simulated"].astype(bool) == study.simulated)
        & (studies["study_id"] != study.study_id)
    ]
    sessions = store.sessions(status="done", limit=MOST_SESSIONS)
    sessions = sessions[sessions["study_id"].isin(alike["study_id"])]
    counted = with_reasons(sessions)
    means = counted[counted["counts"]].groupby("study_id")[measure].mean()
    value = float(study.counted[measure].mean()) if len(study.counted) else float("nan")
    return norm(value, [float(one) for one in means if not pd.isna(one)])
