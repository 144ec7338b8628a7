"""Which creative suits an audience: films or versions of a study, ranked for a segment."""

from __future__ import annotations

import streamlit as st

from dashboard.audience.recommend import charts
from dashboard.audience.studies.view import no_studies
from dashboard.audience.study.cached import study as kept_study
from dashboard.audience.study.view import simulated_note
from dashboard.navigation import page_of
from dashboard.shared.charts import tables
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.widgets.filters import GROUP_SIZES
from dashboard.state import app_state
from fer_core.measures import MEASURES
from fer_core.reports import units
from fer_core.studies.creatives import (
    EVERYBODY,
    Creatives,
    Kind,
    every_study,
    rank_creatives,
    segments,
    usual_kind,
)
from fer_core.studies.membership import Study
from fer_core.text import shorten

EVERY = "every"
KINDS = {Kind.STIMULUS: "Films", Kind.CONDITION: "Versions (conditions)"}


def creatives() -> None:
    """The choices, the answer in one sentence, and the table behind it."""
    names = {row.study_id: row.name for row in app_state().store.studies.list()}
    if not names:
        no_studies()
        return
    if len(names) > 1:
        names[EVERY] = "All studies"
    given = st.query_params.get("study", "")
    one, two, three = st.columns([3, 2, 2], vertical_alignment="bottom")
    chosen = one.selectbox(
        "Study", list(names), index=list(names).index(given) if given in names else 0,
        format_func=lambda key: shorten(names[key], 60), key="ranked-study",
    ) or next(iter(names))  # fmt: skip
    study = every_study(app_state().store) if chosen == EVERY else kept_study(chosen)
    if study is None:
        return
    kind = two.selectbox(
        "Ranked", list(KINDS), index=list(KINDS).index(usual_kind(study)),
        format_func=lambda key: KINDS[key], key=f"ranked-kind-{chosen}",
    ) or Kind.STIMULUS  # fmt: skip
    whom = three.selectbox(
        "For", [EVERYBODY, *segments(study, kind)], key=f"ranked-for-{chosen}-{kind}"
    )
    four, five, _ = st.columns([3, 2, 2])
    measure = four.selectbox(
        "Measure", list(MEASURES), format_func=units.name, key="ranked-by",
        index=list(MEASURES).index("engagement"),
    ) or "engagement"  # fmt: skip
    minimum = five.selectbox(
        "Smallest group", GROUP_SIZES, key="ranked-minimum",
        help="What fewer viewers of this audience saw is not ranked; two are needed at least.",
    )  # fmt: skip
    simulated_note(study)
    segment = None if whom == EVERYBODY else whom
    found = rank_creatives(
        app_state().store, study, measure, segment, kind=kind, minimum=int(minimum or 1)
    )
    _answer(study, found)


def _answer(study: Study, found: Creatives) -> None:
    st.html(tables.sentences(found.finding))
    if found.ranked:
        st.html(charts.ranking(found))
        st.caption(
            f"Each viewer's mean {units.name(found.measure).lower()} counts once. «Expected» is "
            "drawn towards the others' mean where viewers are few; the line is its 95 % interval. "
            "«Best» is the probability that it is the highest of these."
        )
    elif not found.left_out:
        st.caption(
            "No session of this study says which film was watched, and in which condition: that is "
            "said under «Sessions» of the study."
        )
    if found.left_out:
        said = "; ".join(f"{escape_markdown(name)}: {why}" for name, why in found.left_out)
        st.caption(f"Not ranked: {said}.")
    if study.study_id:
        st.page_link(
            page_of("study"), label="Open the study", icon=":material/arrow_forward:",
            query_params={"id": study.study_id},
        )  # fmt: skip
