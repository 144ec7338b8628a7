"""Links for respondents: made, copied, changed, closed; and who came by them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from html import escape

import streamlit as st

from dashboard.camera.respondents import data, fieldwork
from dashboard.camera.respondents.data import BaseAddress
from dashboard.camera.respondents.reach import reach_note
from dashboard.navigation import page_of
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import notice, show_errors
from dashboard.shared.web.access.identity import may
from dashboard.shared.widgets.download import download_button
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.files import safe_name
from fer_core.storage.links import Link
from fer_core.studies.membership import Study
from fer_core.text import ago, count, shorten

STATES = {
    "begun": "agreed, not started",
    "seen": "camera checked, not started",
    "recording": "watching now",
    "done": "watched to the end",
    "broken": "cut off",
    "withdrawn": "withdrawn, nothing kept",
    "screened": "screened out, nothing kept",
    "full": "quota full, nothing kept",
}
#: How a recording was laid on its film's clock (decision 107).
PLACED = {
    "reports": "within 0.05 s",
    "shifted reports": "within 0.1 s",
    "arrival": "roughly: no reports arrived",
    "device": "within 0.1 s",
}

#: Where a respondent's face was read; else by this server.
READ = {"device": "on their device"}


def links(study: Study) -> None:
    store = app_state().store
    films = data.films(store, study)
    st.markdown(
        "A link lets people take part from their own phone or laptop: they agree, set up their "
        "camera, and watch the film. Their recording lands in this study as numbers."
    )
    if not films:
        st.info(
            "First say what they will watch: in the view «Film», name the film's file on this "
            "machine.",
            icon=":material/movie:",
        )
        return
    address = data.base_address(store, st.context.url or "")
    _address_note(address)
    stated = store.studies.purpose(study.study_id) is not None
    if not stated:
        st.info(
            "First say what the study is for, above: respondents may ask.", icon=":material/gavel:"
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        if may(Action.EDIT) and st.button(
            "New link", icon=":material/add_link:", type="primary", disabled=not stated
        ):
            _new(study, films)
        if may(Action.MANAGE):
            _most()
        st.page_link(page_of("connection"), label="Check the connection", icon=":material/cable:")
    _fieldwork(study)
    for link in store.respondents.links(study.study_id):
        _link(study, link, address)


def _fieldwork(study: Study) -> None:
    """Who came, by link and by hour, and what should be mended."""
    store = app_state().store
    table = fieldwork.outcomes(store, study.study_id)
    if table.empty:
        return
    for says in fieldwork.reminders(store, study.study_id, table):
        st.warning(says, icon=":material/build:")
    titles = {one.link_id: one.title for one in store.respondents.links(study.study_id)}
    by = st.segmented_control(
        "Fieldwork by", ["Link", "Hour"], default="Link", required=True, key="fieldwork-by"
    )
    found = fieldwork.counted(table, "hour" if by == "Hour" else "link_id")
    if by == "Hour":
        found = found.sort_index(ascending=False)
        found.insert(0, "Hour (UTC)", [f"{hour:%-d %b, %H:00}" for hour in found.index])
    else:
        found.insert(0, "Link", [shorten(titles.get(str(one), ""), 50) for one in found.index])
    if not fieldwork.has_course(store, study.study_id):
        found = found.drop(columns=list(fieldwork.OF_COURSES))
    st.dataframe(
        found,
        hide_index=True,
        column_config={
            "Quality": st.column_config.NumberColumn(
                format="percent", help="Mean share of usable pictures in their recordings."
            ),
            "No camera": st.column_config.NumberColumn(
                help="Stayed at the camera check: refused, or no picture ever came."
            ),
        },
    )


def _address_note(address: BaseAddress) -> None:
    if not address.secure:
        st.warning(
            f"Links begin with {address.url}. Browsers refuse the camera there: start Rapt with "
            "`rapt serve --tls`, or put it behind https. The page «Connection» says how.",
            icon=":material/lock_open:",
        )
    else:
        reach_note(address, "Respondents")


def _most() -> None:
    store = app_state().store
    with st.popover("Limits", icon=":material/tune:"), st.form("respond-most", border=False):
        most = st.number_input(
            "Respondents at the same time",
            1,
            200,
            data.most_sessions(store),
            help="Each needs about a quarter of a processor core. One more is asked to come back.",
        )
        if st.form_submit_button("Save"):
            with show_errors():
                data.set_most_sessions(store, int(most))
                notice("Saved.")
                st.rerun()


@st.dialog("New link", width="large")
def _new(study: Study, films: dict[str, str]) -> None:
    balanced = len(study.conditions) > 1 and st.toggle(
        "Balance over the conditions",
        value=True,
        help="Whoever comes next gets the condition with the fewest respondents so far.",
    )
    with st.form("new-link", border=False):
        arms = _arms(study, films, balanced)
        words = _words("", data.USUAL_TITLE, data.usual_consent(app_state().store))
        recipient = st.text_input(
            "Who receives the numbers",
            value=data.recipient(app_state().store),
            max_chars=100,
            placeholder="Your name or your organisation's",
            help="Every link of this server tells respondents this name.",
        )
        most, last = _holds("", None, date.today() + timedelta(days=data.USUAL_DAYS))
        keep = st.toggle(
            "Keep pictures of faces",
            help="Small pictures of each face, for review. The page then says so to "
            "respondents. Off: numbers only.",
        )
        pressed = st.form_submit_button("Make the link", type="primary")
    if pressed:
        with show_errors():
            data.set_recipient(app_state().store, recipient)
            data.make(
                app_state().store, study, arms, title=words[0], consent=words[1],
                keep_faces=keep, most_uses=most, last_day=last,
            )  # fmt: skip
            notice("The link is made. Copy it and send it.")
            st.rerun()


def _arms(study: Study, films: dict[str, str], balanced: bool) -> list[tuple[str, str]]:
    """What is shown to whom: one film, or one for each condition."""
    ids = list(films)
    if balanced:
        found = []
        columns = st.columns(min(3, len(study.conditions)))
        for i, condition in enumerate(study.conditions):
            film = columns[i % len(columns)].selectbox(
                f"Film for {escape_markdown(condition)}",
                ids,
                index=min(i, len(ids) - 1),
                format_func=lambda key: shorten(films[key], 60),
            )
            found.append((str(film or ids[0]), condition))
    else:
        film = st.selectbox("Film", ids, format_func=lambda key: shorten(films[key], 60))
        condition = ""
        if study.conditions:
            condition = st.selectbox("Condition", ["", *study.conditions]) or ""
        found = [(str(film or ids[0]), condition)]
    store = app_state().store
    for stimulus_id in ids:
        if why := data.unplayable(store, stimulus_id):
            st.warning(f"{films[stimulus_id]}: {why}")
    return found


def _words(key: str, title: str, consent: str) -> tuple[str, str]:
    return (
        st.text_input(
            "Title that respondents see", value=title, max_chars=200, key=f"link-title{key}"
        ),
        st.text_area(
            "Text of consent",
            value=consent,
            height=220,
            key=f"link-consent{key}",
            help="Above it the page says by itself what the camera does and what is kept.",
        ),
    )


def _holds(key: str, most: int | None, last: date | None) -> tuple[int | None, date | None]:
    left, right = st.columns(2)
    uses = left.number_input(
        "Respondents at most", 1, 100_000, most, placeholder="No limit", key=f"link-most{key}"
    )
    day = right.date_input("Last day", value=last, key=f"link-last{key}")
    return (None if uses is None else int(uses)), day if isinstance(day, date) else None


def _link(study: Study, link: Link, address: BaseAddress) -> None:
    closed = link.closed in ("revoked", "expired")
    with st.container(key=f"link-{link.link_id}", border=True, gap="small"):
        flag = "rapt-bad" if closed else "rapt-flag" if link.closed else ""
        state = f'<em class="{flag}">{escape(data.WORDS[link.closed])}</em>'
        st.html(
            f'<div class="rapt-link"><b>{escape(shorten(link.title, 80))}</b>'
            f"<span>{' · '.join([state, *_facts(study, link)])}</span></div>"
        )
        if not closed:
            st.code(address.url + data.path(link), language=None, wrap_lines=True)
        with st.container(horizontal=True):
            if may(Action.EDIT) and st.button(
                "Change", key=f"change-{link.link_id}", icon=":material/edit:"
            ):
                _change(link)
            if st.button("Who came", key=f"who-{link.link_id}", icon=":material/group:"):
                _who(link)
            if not closed:
                download_button(
                    "Notice",
                    data=partial(
                        data.notice, app_state().store, link, address.url + data.path(link)
                    ),
                    file_name=f"{safe_name(link.title)}, notice.pdf",
                    mime="application/pdf",
                    of=("study", study.study_id),
                    key=f"notice-{link.link_id}",
                    icon=":material/qr_code:",
                    help="To be hung up: its QR code leads to this link.",
                )
            if may(Action.EDIT):
                _close(link)


def _facts(study: Study, link: Link) -> list[str]:
    facts = [
        f"{link.uses} of {link.most_uses} respondents"
        if link.most_uses
        else count(link.uses, "respondent")
    ]
    if len(link.arms) > 1:
        groups = zip(link.arms, link.taken)
        facts.append(", ".join(f"{escape(arm.condition or '')} {taken}" for arm, taken in groups))
    elif link.course is not None:
        facts.append(f"a course of {count(len(link.course.films()), 'film')}")
    else:
        arm = link.arms[0]
        facts.append(escape(shorten(data.film_title(study, arm), 40)))
        if arm.condition:
            facts.append(escape(arm.condition))
    last = data.last_day(link.ends)
    if last is not None:
        facts.append(f"until {last:%-d %B %Y}")
    facts.append("keeps pictures of faces" if link.keep_faces else "numbers only")
    return facts


@st.dialog("Change this link", width="large")
def _change(link: Link) -> None:
    with st.form(f"link-form-{link.link_id}", border=False):
        title, consent = _words(link.link_id, link.title, link.consent)
        most, last = _holds(link.link_id, link.most_uses, data.last_day(link.ends))
        st.caption("Those who have agreed already agreed to the text that they read; it is kept.")
        if st.form_submit_button("Save", type="primary"):
            with show_errors():
                data.change(
                    app_state().store, link.link_id, title=title, consent=consent,
                    most_uses=most, last_day=last,
                )  # fmt: skip
                notice("Saved.")
                st.rerun()


@st.dialog("Who came", width="large")
def _who(link: Link) -> None:
    came = data.responses(app_state().store, link.link_id)
    if not came:
        st.caption("Nobody yet.")
        return
    table: list[dict[str, object]] = [
        {
            "Respondent": one.respondent,
            "Condition": (link.arms[one.arm].condition or "") if one.arm < len(link.arms) else "",
            "State": STATES[one.state],
            "Read": READ.get(str(one.alignment.get("method", "")), "here") if one.alignment else "",
            "Film's clock": PLACED.get(str(one.alignment.get("method", "")), ""),
            "When": ago(one.begun),
            "Session": f"/session?id={one.session_id}" if one.session_status else None,
        }
        for one in came
    ]
    if not any(row["Condition"] for row in table):
        for row in table:
            del row["Condition"]
    st.dataframe(
        table,
        hide_index=True,
        placeholder="",
        column_config={
            "Film's clock": st.column_config.TextColumn(
                help="How closely the recording's times match the film's."
            ),
            "Session": st.column_config.LinkColumn(display_text="Open"),
        },
    )


def _close(link: Link) -> None:
    store = app_state().store
    if link.closed == "revoked":
        if st.button("Open again", key=f"open-{link.link_id}", icon=":material/link:"):
            with show_errors():
                data.revoke(store, link, revoked=False)
                st.rerun()
        return
    with st.popover("Close", icon=":material/link_off:"):
        st.markdown(
            "Nobody can use this link any more. Recordings stay, and the link can be opened again."
        )
        if st.button("Close this link", key=f"close-{link.link_id}", type="primary"):
            with show_errors():
                data.revoke(store, link)
                notice("The link is closed.")
                st.rerun()
