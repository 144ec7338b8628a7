"""The view «Course» of a study: what its respondents go through, made step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import streamlit as st

from dashboard.camera.course import data
from dashboard.camera.course.step_view import edit_step, save
from dashboard.camera.respondents import data as links
from dashboard.camera.respondents import words
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import notice, show_errors
from dashboard.shared.web.access.identity import may
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.course.course import AGE, Course, Outcome, Step, StepKind, said
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
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Course", list(saved), format_func=lambda key: shorten(saved[key].name, 60),
            key=key, placeholder="None yet", disabled=not saved,
        )  # fmt: skip
        one = saved.get(chosen or "")
        if may(Action.EDIT):
            with st.container(horizontal=True, width="content"):
                _new_ones(study, one, list(saved), films)
    if one is not None:
        _edit(study, one, films)


def _new_ones(
    study: Study, shown: SavedCourse | None, saved: list[str], films: Mapping[str, str]
) -> None:
    """Buttons that make a course: a new one, or a copy of one that there is."""
    if st.button("New course", icon=":material/add:", type="secondary" if saved else "primary"):
        made = data.new_course(app_state().store, study, list(films))
        _add(study, f"Course {len(saved) + 1}", made)
    if shown is not None and st.button("Copy", icon=":material/content_copy:"):
        _add(study, f"{shown.name}, copy", shown.content)
    _copy_of_link(study)


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
            save(saved, data.with_step(content, Step(data.step_ids(content), StepKind(kind))))


def _step(saved: SavedCourse, films: Mapping[str, str], at: int, step: Step, language: str) -> None:
    content = saved.content
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        title = said(step.title, language, content)
        heading = f"**{at + 1}  {data.STEPS[step.kind]}**"
        named = [] if title == data.STEPS[step.kind] else [escape_markdown(shorten(title, 50))]
        parts = [heading, *named, *_facts(step, films)]
        st.markdown(" · ".join(part for part in parts if part), width="stretch")
        if may(Action.EDIT):
            with st.container(horizontal=True, width="content"):
                _change_step(saved, films, at, step, language)


def _change_step(
    saved: SavedCourse, films: Mapping[str, str], at: int, step: Step, language: str
) -> None:
    content = saved.content
    last = len(content.steps) - 1
    key = f"{saved.course_id}-{step.id}"
    if st.button("Up", key=f"up-{key}", icon=":material/arrow_upward:", disabled=at == 0,
                 type="tertiary"):  # fmt: skip
        save(saved, data.moved(content, at, -1))
    if st.button("Down", key=f"down-{key}", icon=":material/arrow_downward:",
                 disabled=at == last, type="tertiary"):  # fmt: skip
        save(saved, data.moved(content, at, 1))
    if step.kind is not StepKind.CAMERA and st.button(
        "Edit", key=f"edit-{key}", icon=":material/edit:"
    ):
        edit_step(saved, films, step, language)
    if st.button("Remove", key=f"remove-{key}", icon=":material/close:", type="tertiary"):
        save(saved, data.without(content, step.id))


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
                save(saved, changed, name)


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
