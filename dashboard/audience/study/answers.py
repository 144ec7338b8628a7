"""A study's answers: how they are distributed, and what the faces told beyond what was known."""

from __future__ import annotations

from collections import Counter
from html import escape

import streamlit as st

from dashboard.audience.study import cached
from dashboard.shared.charts import tables
from dashboard.shared.page import show_errors
from dashboard.shared.segments import only
from dashboard.shared.widgets.filters import Choice
from dashboard.state import app_state
from fer_core.analytics.carried import SHARED
from fer_core.analytics.methods.face_added import FaceAdded
from fer_core.analytics.methods.segments import TOGETHER, SegmentDifference
from fer_core.course.questions import QuestionKind
from fer_core.reports import units
from fer_core.reports.answers import MOST_TEXTS
from fer_core.studies.answers import (
    Distribution,
    distributions,
    gain_of_faces,
    questions_of,
    segment_differences,
)
from fer_core.studies.attributes import DEVICE, LANGUAGE, TAG
from fer_core.studies.membership import Study
from fer_core.studies.segments import SMALLEST
from fer_core.text import count, percent, signed

MOST_ROWS = 12


def answered(study: Study) -> bool:
    """Whether somebody answered something."""
    return bool(set(study.attributes) - {TAG, DEVICE, LANGUAGE})


def answers(study: Study) -> None:
    """Every question with its answers; nobody is named."""
    store = app_state().store
    with show_errors():
        study = only(study)
    found = distributions(store, study, minimum=SHARED)
    if not found:
        st.info(
            "Nobody has answered yet. Questions are part of a course: see the view «Course».",
            icon=":material/quiz:",
        )
        return
    for at, one in enumerate(found):
        _question(one, at)
    _segments(study)
    _face_added(study)


def _segments(study: Study) -> None:
    """Which answers go with a different response, the surest first."""
    seconds = cached.seconds(study, Choice("engagement", False, 1))
    asked = questions_of(app_state().store, study.study_id)
    open_answers = [name for name, one in asked.items() if one.kind is QuestionKind.TEXT]
    found = segment_differences(study, seconds, without=open_answers)
    if not found:
        return
    st.subheader("Who responded differently", anchor=False)
    rows = [
        [
            escape(one.segment),
            escape("All together" if one.measure == TOGETHER else units.name(one.measure)),
            tables.p_value(one.corrected),
            "<br>".join(
                f"{escape(name)}{_mean(one, name)} <small>n {n}</small>"
                for name, n in one.n.items()
            ),
        ]
        for one in sorted(found, key=lambda one: (one.corrected, one.p))[:MOST_ROWS]
    ]
    heads = ("By", "Measure", "p, corrected", "Means")
    st.html(tables.table(heads, rows, "Who responded differently"))
    st.caption(
        f"Every viewer's mean, by everything asked; groups of fewer than {SMALLEST} respondents "
        "are not shown. «All together» asks whether the measures differ jointly. p is corrected "
        "for all segments and measures together."
    )


def _mean(one: SegmentDifference, group: str) -> str:
    return f": {units.say(one.measure, one.means[group])}" if group in one.means else ""


def _question(one: Distribution, at: int) -> None:
    of = f" · {one.film}" if one.film else ""
    with st.container(border=True, key=f"answers-{at}"):
        st.html(
            f'<p style="margin:0"><b>{escape(one.asks)}</b><br><span style="opacity:.75">'
            f"{escape(one.question + of)}"
            f" · {count(one.n, 'answer')}</span></p>"
        )
        if one.hidden:
            st.caption(f"Answers of fewer than {SHARED} respondents are not shown.")
            return
        if one.mean is not None:
            st.markdown(f"Mean {one.mean:.1f}")
        if one.counts:
            rows = [
                [escape(key), str(n), _bar(n / one.n), percent(n / one.n)] for key, n in one.counts
            ]
            st.html(tables.table(("Answer", "n", "", "Share"), rows, one.asks))
        if one.texts:
            _texts(one.texts)


def _texts(texts: tuple[str, ...]) -> None:
    """Open answers, those that several gave once and first."""
    found = Counter(texts).most_common()
    items = "".join(
        f"<li>{escape(text)}{f' <small>× {n}</small>' if n > 1 else ''}</li>"
        for text, n in found[:MOST_TEXTS]
    )
    st.html(f'<ul style="margin:0">{items}</ul>')
    if len(found) > MOST_TEXTS:
        st.caption(f"And {len(found) - MOST_TEXTS} more: the export has all.")


def _bar(share: float) -> str:
    return (
        '<span style="display:block;min-width:6rem;width:100%;height:.7rem;border-radius:.2rem;'
        f"background:linear-gradient(to right,#2563EB {100 * share:.1f}%,"
        f'rgba(127,127,127,.18) {100 * share:.1f}%)"></span>'
    )


def _face_added(study: Study) -> None:
    numeric = [
        name
        for name, asked in questions_of(app_state().store, study.study_id).items()
        if asked.numeric and name in study.attributes
    ]
    if not numeric:
        return
    st.subheader("What the face added", anchor=False)
    rows = []
    seconds = cached.seconds(study, Choice("engagement", False, 1))
    for name in numeric:
        found = gain_of_faces(app_state().store, study, name, seconds)
        if found is not None:
            rows.append([escape(name), str(found.respondents), *_said(found)])
    if rows:
        heads = ("Answer", "n", "Told without the face", "The face added", "95 % range")
        st.html(tables.table(heads, rows, "What the face added"))
    st.caption(
        "Whoever says the others' mean answer to everybody is wrong by so much; this is the share "
        "of that squared error which is taken away, for respondents whom the model never saw: by "
        "the other answers, the film and the condition alone, and what the response takes away "
        "besides. Below 0 it is worse than the mean. Where the range holds 0, the face adds "
        "nothing that is sure."
    )


def _said(found: FaceAdded) -> list[str]:
    if found.reason:
        return ["–", "–", escape(found.reason)]
    low, high = signed(100 * found.low), signed(100 * found.high)
    return [
        f"{signed(100 * found.baseline).removeprefix('+')} %",
        f"{signed(100 * found.gain)} %",
        f"{low} to {high} %",
    ]
