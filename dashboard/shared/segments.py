"""Which viewers of a study a page speaks of, and by what it splits them."""

from __future__ import annotations

import streamlit as st

from fer_core.studies.membership import Study
from fer_core.studies.segments import CROSSED, filters, names, narrow, respondents
from fer_core.text import count


def who(study: Study) -> tuple[Study, str]:
    """The study with those who are chosen alone, and the attribute to split them by ("": none)."""
    left, middle, right = st.columns([4, 2, 2], vertical_alignment="bottom")
    chosen = only(study, left)
    offered = names(study)
    by = middle.selectbox(
        "By", ["", *offered], key="by", bind="query-params",
        format_func=lambda name: name or "nothing",
    )  # fmt: skip
    and_by = ""
    if by:
        others = ["", *(name for name in offered if name != by)]
        and_by = right.selectbox(
            "And by", others, key=f"and-by-{by}", format_func=lambda name: name or "nothing"
        )
    return chosen, CROSSED.join(name for name in (by, and_by) if name)


def only(study: Study, place: st.delta_generator.DeltaGenerator | None = None) -> Study:
    """The study with the viewers that a filter leaves, and how many they are."""
    films = [f"stimulus={one.title}" for one in study.stimuli] if len(study.stimuli) > 1 else []
    offered = [*filters(study), *films]
    chosen = (place or st).multiselect(
        "Only", offered, key=f"only-{study.study_id}", placeholder="Everybody",
        help="Several answers to one question: whoever gave any of them.",
    )  # fmt: skip
    if not chosen:
        return study
    by_name: dict[str, list[str]] = {}
    for one in chosen:
        name, _, value = one.partition("=")
        by_name.setdefault(name, []).append(value)
    found = narrow(study, [f"{name}={'|'.join(each)}" for name, each in by_name.items()])
    st.caption(f"{count(respondents(found.counted), 'respondent')} of {respondents(study.counted)}")
    return found
