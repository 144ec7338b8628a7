"""The Data page: the data sets at hand, what is in one, adding one and taking it out."""

from __future__ import annotations

from functools import partial
from html import escape

import streamlit as st

from dashboard.lab.data import data as data_sets
from dashboard.lab.data import practice
from dashboard.lab.data.charts import contents
from dashboard.navigation import page_of
from dashboard.shared.charts.tables import table
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import heading, notice, show_errors
from dashboard.shared.web.access.identity import may
from dashboard.shared.web.upload.dropzone import dropzone
from dashboard.shared.web.upload.limits import upload_limit
from dashboard.shared.widgets.download import download_button
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.analytics.wording import listed
from fer_core.jobs.data_inspection import DataInspection, SplitInspection
from fer_core.labels import DISPLAY_ORDER
from fer_core.sentences import Finding, Template
from fer_core.text import count, percent, shorten, size
from fer_core.types import JobStatus

OWN = "own-labels"
ABSENT = Template(
    "data.absent",
    "{faces} faces; {most} is the most frequent ({share}), and no training face shows {absent}.",
)
EVEN = Template("data.even", "{faces} faces, spread evenly over the expressions.")
RAREST = Template(
    "data.rarest",
    "{faces} faces; {most} is the most frequent ({share}), {least} the rarest ({rare}).",
)
SPLITS = {"train": "Training", "publictest": "PublicTest", "privatetest": "PrivateTest",
          "held_out": "Held out"}  # fmt: skip
USUAL_SHARE = 0.02  # an expression under this share of the training faces is told


def show() -> None:
    heading("Data", "What can a model learn from? Faces with labels: public ones and your own.")
    store = app_state().store
    sets = data_sets.known(store)
    chosen = _choose(sets, data_sets.labelled(store))
    if chosen is None:
        if may(Action.EDIT):
            _bring_in()
        _nothing_yet()
        return
    with show_errors():
        if chosen == OWN:
            _own_set()
        else:
            _one_set(next(one for one in sets if one.data_id == chosen))
    if may(Action.EDIT):
        st.subheader("Add a data set", anchor=False)
        _bring_in()


def _bring_in() -> None:
    """Drop a file, or name what is on this machine."""
    state = app_state()
    arrived = dropzone(
        token=state.guard.token,
        limit=upload_limit(state.store),
        hint="Kaggle's CSV (emotion, pixels, Usage), or a zip with a folder of faces for each "
        f"expression; up to {size(upload_limit(state.store))}, kept on this machine",
        options={"for": data_sets.FOR_DATA},
        key="data-dropzone",
        lead="Drop a data set here",
        kept="On this machine, in the list below",
    ).arrived
    if arrived and arrived.get("data_id") and st.session_state.get("arrived") != arrived:
        st.session_state["arrived"] = arrived
        _open(str(arrived["data_id"]))
    with (
        st.popover("From a folder on this machine", icon=":material/folder_open:"),
        st.form("data-path", border=False, clear_on_submit=False),
    ):
        given = st.text_input(
            "Path of a CSV or folder", placeholder="/home/you/fer2013.csv", key="data-path-text"
        )
        if st.form_submit_button("Add the data set"):
            with show_errors():
                _open(data_sets.add_path(state.store, given).data_id)


def _open(data_id: str) -> None:
    """Show this set next: the choice stands above, and is drawn already."""
    st.session_state["next-data-set"] = data_id
    st.rerun()


def _choose(sets: list[data_sets.Known], labelled: int) -> str | None:
    """Which set to look at; one's own labels are one where there are any."""
    names = {one.data_id: shorten(one.name, 44) for one in sets}
    if labelled:
        names[OWN] = f"Own labels ({labelled:,})"
    if not names:
        return None
    if (wanted := st.session_state.pop("next-data-set", None)) in names:
        st.session_state["data-set"] = wanted
    if st.session_state.get("data-set") not in names:
        st.session_state["data-set"] = next(iter(names))
    chosen = st.pills(
        "Data sets",
        list(names),
        format_func=lambda key: escape_markdown(names[key]),
        key="data-set",
        required=True,
    )
    return chosen or next(iter(names))


@st.fragment(run_every=1)
def _under_way(one: data_sets.Known) -> None:
    """An inspection under way; the page follows when it ends."""
    state = app_state()
    now = data_sets.found(state.home, state.store, one)
    job = now.job
    if job is None or job.status.over:
        st.rerun()
    waits = job.status is JobStatus.QUEUED
    said = "Waits for its turn" if waits else job.message or "Starting"
    st.progress(job.progress or 0.0, text=f"{said}.")


def _one_set(one: data_sets.Known) -> None:
    """A data set that was added."""
    state = app_state()
    now = data_sets.found(state.home, state.store, one)
    st.subheader(escape_markdown(shorten(one.name, 60)), anchor=False)
    if not one.here:
        st.warning(
            f"{one.path} is no longer there. Put it back, or remove it from the list.",
            icon=":material/folder_off:",
        )
    if now.job is not None and not now.job.status.over:
        _under_way(one)
    elif now.job is not None and now.job.status is JobStatus.FAILED:
        st.error(now.job.error or "It could not be read.", icon=":material/error:")
    if now.inspection is not None:
        _contents(now.inspection)
    if may(Action.EDIT):
        _change(one)


def _change(one: data_sets.Known) -> None:
    state = app_state()
    with st.container(horizontal=True):
        if st.button("Look again", icon=":material/refresh:", help=one.path):
            data_sets.inspect(state.store, one)
            st.rerun()
        label = "Delete it" if one.imported else "Remove from the list"
        with st.popover(label, icon=":material/delete:", type="tertiary"):
            st.write(
                "Its files in this store are deleted; models trained on it stay."
                if one.imported
                else "Its files stay where they are."
            )
            if st.button(label, key="remove-set", type="primary"):
                data_sets.remove(state.home, state.store, one.data_id)
                notice(f"{shorten(one.name, 40)} is removed from the list.")
                st.rerun()


def _own_set() -> None:
    """One's own labels: what they hold, and as files."""
    state = app_state()
    st.subheader("Own labels", anchor=False)
    faces, inspection = data_sets.own(state.home, state.store)
    if faces.left_out.get("forgotten"):
        st.info(
            f"{count(faces.left_out['forgotten'], 'label has', 'labels have')} no picture any "
            "more: the faces were deleted, or the data set has moved.",
            icon=":material/hide_image:",
        )
    if inspection is None:
        return
    _contents(inspection)
    with st.container(horizontal=True):
        download_button(
            "Export as CSV",
            data=partial(data_sets.own_csv, state.home, state.store),
            file_name="own-labels.csv",
            mime="text/csv",
            of=("labels", ""),
            icon=":material/download:",
            help="Kaggle's layout: emotion, pixels, Usage. Held-out faces are its PublicTest.",
        )
        download_button(
            "Export as folders",
            data=partial(data_sets.own_zip, state.home, state.store),
            file_name="own-labels.zip",
            mime="application/zip",
            of=("labels", ""),
            icon=":material/folder_zip:",
        )
        st.page_link(page_of("label"), label="Label more faces", icon=":material/new_label:")


def _contents(inspection: DataInspection) -> None:
    """What is in it, what is twice in it, and what is broken."""
    st.markdown(f"**{finding(inspection)}**")
    st.html(contents(inspection.splits, inspection.strips, SPLITS))
    st.caption(
        "Bars are shares of a split's faces. The faces are drawn at random from the first split "
        "that has the expression."
    )
    st.html(_copies(inspection.splits))
    if inspection.problem_count:
        _broken(inspection)


def finding(inspection: DataInspection) -> Finding:
    """The sentence above it."""
    first = inspection.splits[0]
    total = sum(first.counts.values())
    known = {name: n for name, n in first.counts.items() if n}
    absent = [name for name in DISPLAY_ORDER if not first.counts[name]]
    most, least = max(known, key=lambda n: known[n]), min(known, key=lambda n: known[n])
    faces, share = f"{inspection.faces:,}", percent(known[most] / total)
    if absent:
        return ABSENT(faces=faces, most=most, share=share, absent=listed(absent))
    if known[most] < 1.5 * known[least]:
        return EVEN(faces=faces)
    only = "only " if known[least] / total < USUAL_SHARE else ""
    rare = only + percent(known[least] / total)
    return RAREST(faces=faces, most=most, share=share, least=least, rare=rare)


def _copies(splits: tuple[SplitInspection, ...]) -> str:
    rows = [
        [
            escape(SPLITS.get(one.name, one.name)),
            f"{one.faces:,}",
            f"{one.voted:,}" if one.voted else "none",
            f"{one.exact:,}",
            f"{one.near:,}",
            "–" if one.name == "train" else f"{one.exact_in_train:,}",
            "–" if one.name == "train" else f"{one.near_in_train:,}",
        ]
        for one in splits
    ]
    heads = ("Split", "Faces", "With votes", "Copies in it", "Near copies in it",
             "Also in training", "Nearly in training")  # fmt: skip
    leaked = sum(one.exact_in_train + one.near_in_train for one in splits)
    note = (
        "A test face that training holds too is no test: training leaves exact copies out."
        if leaked
        else "No test face stands in training."
    )
    return (
        '<div class="rapt-finding"><b>Faces that come more than once</b>'
        f"<span>{note} Near copies look the same at 12 × 12 pixels.</span></div>"
        + table(heads, rows, "Copies by split")
    )


def _broken(inspection: DataInspection) -> None:
    with st.popover(
        f"{count(inspection.problem_count, 'broken row')} left out", icon=":material/broken_image:"
    ):
        rows = [[escape(where), escape(what)] for where, what in inspection.problems]
        st.html(table(("Where", "What is wrong"), rows, "Broken rows"))
        more = inspection.problem_count - len(inspection.problems)
        if more:
            st.caption(f"And {more:,} more.")


def _nothing_yet() -> None:
    if may(Action.EDIT):
        practice.offer(key="practice-data")
    st.caption(
        "Data sets that you add, and the faces that you label, appear here. "
        "Nothing leaves this machine."
    )
