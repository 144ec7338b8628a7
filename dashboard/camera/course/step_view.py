"""One step of a course, changed in a dialog: its texts, questions and films."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import streamlit as st

from dashboard.camera.course import data
from dashboard.shared.page import show_errors
from dashboard.state import app_state
from fer_core.course.course import Course, Shown, Step, StepKind
from fer_core.storage.course import SaveCourse, SavedCourse


def save(saved: SavedCourse, content: Course, name: str | None = None) -> None:
    """Keep the course as it is now, and draw the page anew."""
    app_state().store.run(
        SaveCourse(
            study_id=saved.study_id,
            name=name or saved.name,
            content=content,
            course_id=saved.course_id,
        )
    )
    st.rerun()


@st.dialog("Edit this step", width="large")
def edit_step(saved: SavedCourse, films: Mapping[str, str], step: Step, language: str) -> None:
    """Change what a step says, asks and shows; texts are in ``language``."""
    key = f"{saved.course_id}-{step.id}-{language}"
    main = saved.content.languages[0]
    with st.form(f"step-{key}", border=False):
        title = st.text_input("Title", step.title.get(language, ""), max_chars=200)
        text = st.text_area("Text", step.text.get(language, ""), height=100)
        changed = step
        asked, shown, leave = None, None, ""
        if step.kind is StepKind.QUESTIONS:
            asked = _questions("Questions", step.questions, language, f"q-{key}")
            leave = st.text_area(
                "Who is thanked and leaves, one a line",
                "\n".join(data.write_among(one) for one in step.leave),
                placeholder="age=under 18", height=80,
            )  # fmt: skip
            changed = replace(changed, limit_s=_limit(step, "Time limit, seconds"))
        if step.kind is StepKind.FILMS:
            changed = _films_are_shown(changed)
            shown = _films(step, films, key)
            asked = _questions("Questions after each film", step.after, language, f"a-{key}")
        if step.kind is StepKind.PAUSE:
            pause = st.number_input("Seconds", 1.0, 300.0, step.pause_s or 5.0, 1.0, format="%g")
            changed = replace(changed, pause_s=float(pause))
        if st.form_submit_button("Save", type="primary"):
            with show_errors():
                changed = replace(
                    changed,
                    title={**step.title, language: title.strip()},
                    text={**step.text, language: text.strip()},
                    leave=data.read_lines(leave),
                )
                if shown is not None and asked is not None:
                    found = data.from_table(asked, step.after, language, main)
                    changed = replace(changed, after=found, films=_shown(shown, films))
                elif asked is not None:
                    found = data.from_table(asked, step.questions, language, main)
                    changed = replace(changed, questions=found)
                save(saved, data.with_step(saved.content, changed))


def _films_are_shown(step: Step) -> Step:
    """In which order, with what is told meanwhile, and how fast."""
    left, middle = st.columns(2)
    order = left.selectbox(
        "Order", list(data.ORDERS), list(data.ORDERS).index(step.order),
        format_func=lambda one: data.ORDERS[one],
    )  # fmt: skip
    rating = middle.selectbox(
        "Told by the second", list(data.RATINGS), list(data.RATINGS).index(step.rating),
        format_func=lambda one: data.RATINGS[one],
    )  # fmt: skip
    with left:
        pause = st.number_input("Seconds between films", 0.0, 60.0, step.pause_s, 1.0, format="%g")
    with middle:
        limit = _limit(step, "Time limit of the questions after each, seconds")
    return replace(step, order=order, rating=rating, pause_s=float(pause), limit_s=limit)


def _limit(step: Step, label: str) -> float:
    return float(
        st.number_input(
            label, 0.0, 3600.0, step.limit_s, 5.0, format="%g",
            help="Then the next screen comes by itself; what was not answered stays empty. "
            "0: no limit.",
        )
    )  # fmt: skip


def _questions(label: str, questions: tuple, language: str, key: str) -> pd.DataFrame:
    st.markdown(f"**{label}**")
    edited: pd.DataFrame = st.data_editor(
        data.to_table(questions, language), num_rows="dynamic", hide_index=True, key=key,
        column_config={
            "Name": st.column_config.TextColumn(help="Short; the column of its answers"),
            "Asks": st.column_config.TextColumn(width="medium"),
            "Kind": st.column_config.SelectboxColumn(options=list(data.KINDS.values())),
            "Answers": st.column_config.TextColumn(width="medium", help="Between them a ;"),
            "Steps": st.column_config.SelectboxColumn(options=["5", "7", "11"]),
            "Smallest": st.column_config.NumberColumn(),
            "Largest": st.column_config.NumberColumn(),
            "Required": st.column_config.CheckboxColumn(default=True),
            "Shown if": st.column_config.TextColumn(help="has a dog=yes"),
            "Right answer": st.column_config.TextColumn(
                help="An attention check: who answers otherwise is marked in fieldwork"
            ),
        },
    )  # fmt: skip
    st.caption(
        "Between answers stands a ; · «Shown if» takes a condition such as has a dog=yes · a right "
        "answer makes an attention check."
    )
    return edited


def _films(step: Step, films: Mapping[str, str], key: str) -> pd.DataFrame:
    st.markdown("**Films**")
    names = _names(films)
    table = pd.DataFrame(
        [
            {"Film": names.get(one.stimulus_id, ""), "Clutter": one.clutter,
             "Only for": one.condition}
            for one in step.films
        ],
        columns=["Film", "Clutter", "Only for"],
    )  # fmt: skip
    edited: pd.DataFrame = st.data_editor(
        table, num_rows="dynamic", hide_index=True, key=f"films-{key}",
        column_config={
            "Film": st.column_config.SelectboxColumn(options=list(names.values()), width="large"),
            "Clutter": st.column_config.CheckboxColumn(help="Shown, never recorded", default=False),
            "Only for": st.column_config.TextColumn(help="A condition; empty: for everybody"),
        },
    )  # fmt: skip
    return edited


def _names(films: Mapping[str, str]) -> dict[str, str]:
    """Titles by id; those that two films share with their number."""
    titles = list(films.values())
    return {
        key: title if titles.count(title) == 1 else f"{title} ({at})"
        for at, (key, title) in enumerate(films.items(), 1)
    }


def _shown(table: pd.DataFrame, films: Mapping[str, str]) -> tuple[Shown, ...]:
    ids = {name: key for key, name in _names(films).items()}
    return tuple(
        Shown(ids[row["Film"]], row["Clutter"] is True, data.text_of(row["Only for"]))
        for row in table.to_dict("records")
        if row.get("Film") in ids
    )
