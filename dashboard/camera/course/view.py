"""The view «Course» of a study: what its respondents go through, made step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import streamlit as st

from dashboard.camera.course import data
from dashboard.camera.respondents import data as links
from dashboard.camera.respondents import words
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import notice, show_errors
from dashboard.shared.web.access.identity import may
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.course.course import AGE, Course, Outcome, Shown, Step, StepKind, said
from fer_core.storage.course import DeleteCourse, SaveCourse, SavedCourse
from fer_core.studies.membership import Study
from fer_core.text import count, shorten

ENDS = {
    Outcome.COMPLETE: "took part",
    Outcome.SCREENED: "screened out",
    Outcome.FULL: "quota full",
}


def course(study: Study) -> None:
    """Choose, make and change the courses of a study."""
    store = app_state().store
    films = links.films(store, study)
    saved = {one.course_id: one for one in store.courses.of_study(study.study_id)}
    st.markdown(
        "A course takes respondents through questions and films in one visit. A link made of it "
        "keeps a copy: what runs does not change."
    )
    if not films:
        st.info(
            "First say what they will watch: in the view «Film», name the films' files.",
            icon=":material/movie:",
        )
        return
    key = f"course-{study.study_id}"
    if made := st.session_state.pop(f"made-{key}", ""):
        st.session_state[key] = made
    columns = st.columns([3, 1, 1], vertical_alignment="bottom")
    chosen = columns[0].selectbox(
        "Course", list(saved), format_func=lambda key: shorten(saved[key].name, 60),
        key=key, placeholder="None yet", disabled=not saved,
    )  # fmt: skip
    if may(Action.EDIT) and columns[1].button(
        "New course", icon=":material/add:", type="secondary" if saved else "primary",
        width="stretch",
    ):  # fmt: skip
        _add(study, f"Course {len(saved) + 1}", data.new_course(store, study, list(films)))
    if may(Action.EDIT):
        _copy_of_link(study)
    if chosen is None or chosen not in saved:
        return
    one = saved[chosen]
    if may(Action.EDIT) and columns[2].button(
        "Copy", icon=":material/content_copy:", width="stretch"
    ):
        _add(study, f"{one.name}, copy", one.content)
    _edit(study, one, films)


def _copy_of_link(study: Study) -> None:
    """What a link shows cannot be changed; a copy of it can."""
    shown = [one for one in app_state().store.respondents.links(study.study_id) if one.course]
    if not shown:
        return
    with st.popover("Copy the course of a link", icon=":material/link:"):
        for link in shown:
            if link.course and st.button(shorten(link.title, 60), key=f"of-{link.link_id}"):
                _add(study, f"{link.title}, copy", link.course)


def _add(study: Study, name: str, content: Course) -> None:
    with show_errors():
        made = app_state().store.run(
            SaveCourse(study_id=study.study_id, name=name, content=content)
        )
        st.session_state[f"made-course-{study.study_id}"] = made
        notice("The course is made.")
        st.rerun()


def _save(saved: SavedCourse, content: Course, name: str | None = None) -> None:
    app_state().store.run(
        SaveCourse(
            study_id=saved.study_id,
            name=name or saved.name,
            content=content,
            course_id=saved.course_id,
        )
    )
    st.rerun()


def _edit(study: Study, saved: SavedCourse, films: Mapping[str, str]) -> None:
    content = saved.content
    wrong = data.what_is_wrong(content, films)
    language = content.languages[0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(content.languages) > 1:
            chosen = st.segmented_control(
                "Texts in",
                content.languages,
                default=content.languages[0],
                required=True,
                format_func=lambda code: words.NAMES[code],
                key=f"in-{saved.course_id}",
            )
            language = chosen or language
        st.link_button(
            "Preview", f"/course-preview/{saved.course_id}?lang={language}",
            icon=":material/visibility:",
        )  # fmt: skip
        if may(Action.EDIT):
            if st.button("Settings", icon=":material/tune:"):
                _settings(saved, language)
            if st.button(
                "Make a link", icon=":material/add_link:", type="primary", disabled=bool(wrong)
            ):
                _make_link(saved, films)
            with st.popover("Delete", icon=":material/delete:"):
                st.markdown("Links that were made of it keep their copies.")
                if st.button("Delete this course", type="primary"):
                    app_state().store.run(DeleteCourse(course_id=saved.course_id))
                    st.rerun()
    for why in wrong:
        st.warning(why, icon=":material/build:")
    if raw := data.not_reviewed(content):
        st.caption(f"The pages' own texts in {', '.join(raw)}: not reviewed by a native speaker.")
    for at, step in enumerate(content.steps):
        _step(saved, films, at, step, language)
    if may(Action.EDIT):
        kind = st.pills(
            "Add a step", list(data.STEPS), format_func=lambda one: data.STEPS[one],
            key=f"add-{saved.course_id}-{len(content.steps)}",
        )  # fmt: skip
        if kind:
            _save(saved, data.with_step(content, Step(data.step_ids(content), StepKind(kind))))


def _step(saved: SavedCourse, films: Mapping[str, str], at: int, step: Step, language: str) -> None:
    content = saved.content
    last = len(content.steps) - 1
    key = f"{saved.course_id}-{step.id}"
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        title = said(step.title, language, content)
        heading = f"**{at + 1}  {data.STEPS[step.kind]}**"
        parts = [heading, escape_markdown(shorten(title, 50)), *_facts(step, films)]
        st.markdown(" · ".join(part for part in parts if part), width="stretch")
        if not may(Action.EDIT):
            return
        if st.button("Up", key=f"up-{key}", icon=":material/arrow_upward:", disabled=at == 0,
                     type="tertiary"):  # fmt: skip
            _save(saved, data.moved(content, at, -1))
        if st.button("Down", key=f"down-{key}", icon=":material/arrow_downward:",
                     disabled=at == last, type="tertiary"):  # fmt: skip
            _save(saved, data.moved(content, at, 1))
        if step.kind is not StepKind.CAMERA and st.button(
            "Edit", key=f"edit-{key}", icon=":material/edit:"
        ):
            _edit_step(saved, films, step, language)
        if st.button("Remove", key=f"remove-{key}", icon=":material/close:", type="tertiary"):
            _save(saved, data.without(content, step.id))


def _facts(step: Step, films: Mapping[str, str]) -> list[str]:
    found = []
    if step.questions:
        names = ", ".join(one.name for one in step.questions)
        found.append(f"{count(len(step.questions), 'question')}: {escape_markdown(names)}")
    if step.leave:
        told = ", ".join(data.write_among(one) for one in step.leave)
        found.append(f"leave: {escape_markdown(told)}")
    if step.kind is StepKind.FILMS:
        clutter = sum(one.clutter for one in step.films)
        found.append(
            count(len(step.films), "film") + (f", {clutter} of them clutter" * bool(clutter))
        )
        found.append(data.ORDERS[step.order].lower())
        if step.after:
            found.append(f"{count(len(step.after), 'question')} after each")
        if step.rating != "none":
            found.append(data.RATINGS[step.rating].lower())
    if step.pause_s:
        found.append(f"{step.pause_s:g} s pause")
    if step.limit_s:
        found.append(f"at most {step.limit_s:g} s")
    return found


@st.dialog("Settings of this course", width="large")
def _settings(saved: SavedCourse, language: str) -> None:
    content = saved.content
    with st.form(f"course-settings-{saved.course_id}", border=False):
        name = st.text_input("Name of the course", value=saved.name, max_chars=200)
        chosen = st.multiselect(
            "Languages, the first is the one that you write in", words.offered(),
            default=list(content.languages), format_func=lambda code: words.NAMES[code],
        )  # fmt: skip
        title = st.text_input("Title that respondents see", content.title.get(language, ""))
        consent = st.text_area("Text of consent", content.consent.get(language, ""), height=220)
        minors = st.checkbox(
            "Minors may come", content.minors,
            help=f"Then a question called «{AGE}» is asked before the camera, and who is too "
            "young is thanked and leaves: without that no link can be made.",
        )  # fmt: skip
        quotas = st.text_area(
            "Quotas, one a line", data.write_quotas(content.quotas),
            placeholder="has a dog=yes: 50",
            help="Whoever answers so when the quota is full is thanked and leaves.",
        )  # fmt: skip
        st.caption(
            "Where a panel provider takes its respondents back; {id} becomes the id that the "
            "link's address carried as ?id=…"
        )
        redirects = {
            str(end): st.text_input(f"Address: {label}", content.redirects.get(end, ""))
            for end, label in ENDS.items()
        }
        if st.form_submit_button("Save", type="primary"):
            with show_errors():
                changed = data.in_languages(
                    replace(
                        content,
                        title={**content.title, language: title.strip()},
                        consent={**content.consent, language: consent.strip()},
                        quotas=data.read_quotas(quotas),
                        minors=minors,
                        redirects={end: at.strip() for end, at in redirects.items() if at.strip()},
                    ),
                    chosen or [content.languages[0]],
                )
                _save(saved, changed, name)


@st.dialog("Edit this step", width="large")
def _edit_step(saved: SavedCourse, films: Mapping[str, str], step: Step, language: str) -> None:
    content = saved.content
    main = content.languages[0]
    key = f"{saved.course_id}-{step.id}-{language}"
    with st.form(f"step-{key}", border=False):
        title = st.text_input("Title", step.title.get(language, ""), max_chars=200)
        text = st.text_area("Text", step.text.get(language, ""), height=100)
        changed = step
        asked, after, leave, shown = None, None, "", None
        if step.kind is StepKind.QUESTIONS:
            asked = _questions("Questions", step.questions, language, f"q-{key}")
            leave = st.text_area(
                "Who is thanked and leaves, one a line",
                "\n".join(data.write_among(one) for one in step.leave),
                placeholder="age=under 18", height=80,
            )  # fmt: skip
            changed = replace(changed, limit_s=_limit(step, "Time limit, seconds"))
        if step.kind is StepKind.FILMS:
            left, middle, right = st.columns(3)
            order = left.selectbox("Order", list(data.ORDERS), list(data.ORDERS).index(step.order),
                                   format_func=lambda one: data.ORDERS[one])  # fmt: skip
            rating = middle.selectbox(
                "Told by the second", list(data.RATINGS), list(data.RATINGS).index(step.rating),
                format_func=lambda one: data.RATINGS[one],
            )  # fmt: skip
            pause = right.number_input("Seconds between films", 0.0, 60.0, step.pause_s, 1.0)
            shown = _films(step, films, key)
            after = _questions("Questions after each film", step.after, language, f"a-{key}")
            limit = _limit(step, "Time limit of these questions, seconds")
            changed = replace(
                changed, order=order, rating=rating, pause_s=float(pause), limit_s=limit
            )
        if step.kind is StepKind.PAUSE:
            pause = st.number_input("Seconds", 1.0, 300.0, step.pause_s or 5.0, 1.0)
            changed = replace(changed, pause_s=float(pause))
        if st.form_submit_button("Save", type="primary"):
            with show_errors():
                changed = replace(
                    changed,
                    title={**step.title, language: title.strip()},
                    text={**step.text, language: text.strip()},
                    leave=data.read_lines(leave),
                )
                if asked is not None:
                    found = data.from_table(asked, step.questions, language, main)
                    changed = replace(changed, questions=found)
                if after is not None:
                    found = data.from_table(after, step.after, language, main)
                    changed = replace(changed, after=found, films=_shown(shown, films))
                _save(saved, data.with_step(content, changed))


def _limit(step: Step, label: str) -> float:
    return float(
        st.number_input(
            label, 0.0, 3600.0, step.limit_s, 5.0,
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


def _shown(table: pd.DataFrame | None, films: Mapping[str, str]) -> tuple[Shown, ...]:
    ids = {name: key for key, name in _names(films).items()}
    rows = [] if table is None else table.to_dict("records")
    return tuple(
        Shown(ids[row["Film"]], row["Clutter"] is True, str(row["Only for"] or "").strip())
        for row in rows
        if row.get("Film") in ids
    )


@st.dialog("Make a link of this course", width="large")
def _make_link(saved: SavedCourse, films: Mapping[str, str]) -> None:
    store = app_state().store
    with st.form(f"course-link-{saved.course_id}", border=False):
        who = st.text_input("Who receives the numbers", links.recipient(store), max_chars=100)
        left, right = st.columns(2)
        most = left.number_input("Respondents at most", 1, 100_000, None, placeholder="No limit")
        last = right.date_input("Last day", date.today() + timedelta(days=links.USUAL_DAYS))
        keep = st.toggle("Keep pictures of faces", help="The page then says so to respondents.")
        st.caption("The link keeps a copy of the course: changing the course changes no link.")
        if st.form_submit_button("Make the link", type="primary"):
            with show_errors():
                links.set_recipient(store, who)
                data.make_link(
                    store, saved, films, keep_faces=keep,
                    most_uses=None if most is None else int(most), last_day=last,
                )  # fmt: skip
                notice("The link is made. It is in the view «Links».")
                st.rerun()
