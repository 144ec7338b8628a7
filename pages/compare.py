"""Did B do better?"""

from __future__ import annotations

import streamlit as st

from dashboard import cache
from dashboard.charts.wording import shorten
from dashboard.components.compare_parts import choose, nothing_to_compare, show
from dashboard.components.page import heading, in_words
from dashboard.components.study_parts import simulated_note
from dashboard.components.study_rows import no_studies
from dashboard.services import comparison, studies

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
