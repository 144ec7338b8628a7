"""Which viewers of a study a page speaks of, and by what it splits them."""

from __future__ import annotations

import streamlit as st

from fer_core.errors import RaptError
from fer_core.studies.groups import FEWEST
from fer_core.studies.membership import Study
from fer_core.studies.segments import CROSSED, filters, names, narrow, respondents, segments
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
    (place or st).multiselect(
        "Only", offered, key=_key(study), placeholder="Everybody",
        help="Several answers to one question: whoever gave any of them.",
    )  # fmt: skip
    found = _narrowed(study)
    if found is not study:
        left, whole = respondents(found.counted), respondents(study.counted)
        st.caption(f"{count(left, 'respondent')} of {whole}")
    return found


def as_shown(study: Study) -> tuple[Study, str]:
    """What ``who`` is about to return, for what stands above its choices; the whole study where
    they are refused, which ``who`` says."""
    by = st.session_state.get("by") or ""
    and_by = st.session_state.get(f"and-by-{by}") or ""
    by = CROSSED.join(name for name in (by, and_by) if name)
    try:
        found = _narrowed(study)
        return found, by if by and len(segments(found, by)) >= FEWEST else ""
    except RaptError:
        return study, ""


def _key(study: Study) -> str:
    return f"only-{study.study_id}"


def _narrowed(study: Study) -> Study:
    by_name: dict[str, list[str]] = {}
    for one in st.session_state.get(_key(study), ()):
        name, _, value = one.partition("=")
        by_name.setdefault(name, []).append(value)
    return narrow(study, [f"{name}={'|'.join(each)}" for name, each in by_name.items()])
