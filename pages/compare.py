"""Did B do better?"""

from __future__ import annotations

import streamlit as st

from dashboard import cache
from dashboard.audience.compare import data as comparison
from dashboard.audience.compare.view import choose, nothing_to_compare, show
from dashboard.audience.studies import data as studies
from dashboard.audience.studies.view import no_studies
from dashboard.audience.study.view import simulated_note
from dashboard.shared.page import heading, in_words
from fer_core.text import shorten

heading("Did B do better?", "Two to six groups of viewers, second by second.")
store = cache.house().store
names = {row.study_id: row.name for row in studies.rows(store)}
if not names:
    no_studies()
else:
    given = st.query_params.get("study", "")
    chosen = st.selectbox(
        "Study",
        list(names),
        index=list(names).index(given) if given in names else 0,
        format_func=lambda key: shorten(names[key], 80),
        key="compared-study",
    )
    study = cache.study(chosen or next(iter(names)))
    kinds = comparison.kinds(study) if study is not None else {}
    if study is not None:
        simulated_note(study)
    if study is not None and not kinds:
        nothing_to_compare(study)
    elif study is not None and (wish := choose(study, kinds)) is not None:
        with in_words():
            show(study, wish)
