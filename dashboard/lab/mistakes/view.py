"""The Mistakes page: which answers are shown, and their faces as a gallery to label."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from dashboard.lab.data import practice
from dashboard.lab.data.cached import face_sheet
from dashboard.lab.data.faces import COLUMNS, data_stamp
from dashboard.lab.mistakes import data as mistakes
from dashboard.lab.mistakes import places
from dashboard.lab.mistakes.data import ANY, Filter
from dashboard.lab.mistakes.gallery import asked, gallery
from dashboard.lab.mistakes.map_view import show_map
from dashboard.lab.mistakes.one_face import one_face
from dashboard.lab.models.evaluate import (
    evaluate_form,
    evaluate_popover,
    evaluations_under_way,
)
from dashboard.lab.models.figures import Figures, evaluations
from dashboard.lab.models.labels import on_screen
from dashboard.lab.models.parts import page_number, style
from dashboard.navigation import go
from dashboard.shared.charts import tables
from dashboard.shared.page import heading, show_errors
from dashboard.shared.web.access.identity import may
from dashboard.shared.widgets.empty_state import empty
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.errors import RaptError
from fer_core.evaluation.slices import trait_called
from fer_core.sentences import Finding, Template
from fer_core.text import count
from fer_core.zoo import list_cards
from fer_core.zoo.model_store import in_use

MOST_DONE = 500
RIGHT = Template("mistakes.right", "{faces} labelled {truth} and read as {truth}")
PAIR = Template("mistakes.pair", "{faces} labelled {truth} and read as {guess}")
OF_TRUTH = Template("mistakes.truth", "{faces} labelled {truth} and read as something else")
OF_GUESS = Template("mistakes.guess", "{faces} read as {guess} but labelled as something else")
ALL = Template("mistakes.all", "{faces} of {all} read as something other than their label")
DOUBTFUL = Template("mistakes.doubtful", "{faces} of {all} have a label that is probably wrong")
DOUBTFUL_LEFT = Template(
    "mistakes.doubtful.left", "{faces} that these filters leave have a label that is probably wrong"
)
HOW_DOUBTFUL = (
    "The most doubtful first. Doubt is the part that the likeliest other expression has of the "
    "probability that it shares with the label: over 0.5 the model prefers it. Listed are faces "
    "on which it is as probable as it usually is where it is the label (confident learning, "
    "Northcutt et al. 2021)."
)
#: The choices stand in addresses of the page, by these names.
SURE = {
    "At any confidence": (0.0, 1.0),
    "Sure, over 80 %": (0.8, 1.0),
    "50 to 80 %": (0.5, 0.8),
    "Unsure, under 50 %": (0.0, 0.5),
}
MISTAKES = "Mistakes, the surest first"
DOUBTS = "Likely wrong labels"
TRAINING = "train"
VIEWS = ("Faces", "Map")
AREA = Template("mistakes.area", "{faces} in the area of the map, {wrong} of them misread")
SLICE = Template("mistakes.slice", "{faces} on the tenth {name} read as something else")


def show() -> None:
    style()
    heading(
        "Mistakes",
        "Where does it go wrong? The faces behind the numbers, the most confident mistakes first.",
    )
    state = app_state()
    current = in_use(state.home)
    kept = evaluations(state.store)
    kept.sort(key=lambda one: one.model != current)
    if not kept:
        _nothing_yet()
        return
    figures, wanted = _choose(kept)
    with st.container(horizontal=True):
        evaluate_popover([card.name for card in list_cards(state.home)], key="more", choose=True)
        if st.button("The model", icon=":material/model_training:", type="tertiary"):
            go("model", id=figures.model)
    evaluations_under_way()
    drawn = practice.is_practice(state.home, figures.data)
    if drawn:
        st.caption(practice.ABOUT)
    if _view(wanted.area) == "Map":
        show_map(figures)
        return
    with show_errors():
        _gallery_of(figures, wanted, drawn)


def _view(area: str) -> str:
    """Faces or map; an area that was just drawn shows its faces."""
    view = st.segmented_control(
        "View", VIEWS, default=VIEWS[st.query_params.get("view") == VIEWS[1]], key=f"view-{area}",
        required=True, label_visibility="collapsed",
    )  # fmt: skip
    st.query_params["view"] = view or VIEWS[0]
    return view or VIEWS[0]


def _gallery_of(figures: Figures, wanted: Filter, drawn: bool) -> None:
    """What the filters leave, said and shown."""
    state = app_state()
    among = places.among(state.home, state.store, figures, wanted)
    left = None if among is None else mistakes.chosen(state.store, wanted, among)
    total = mistakes.gallery(state.store, wanted).total if left is None else len(left)
    labels = (
        "The label is what was to be drawn"
        if drawn
        else "People gave the labels, and people disagree: judge for yourself"
    )
    how = f"The most confident first. {labels}"
    if wanted.doubtful:
        how = f"{HOW_DOUBTFUL} {labels}"
    if wanted.area and left is not None:
        said = area_said(total, int((left["truth"] != left["guess"]).sum()))
    else:
        said = finding(total, figures, wanted)
    st.html(tables.finding(said, how))
    if (wanted.area or wanted.slice) and st.button(
        "Show all again", icon=":material/filter_alt_off:"
    ):
        go("mistakes", evaluation=wanted.evaluation_id)
    _faces(figures, wanted, total, left)


def _nothing_yet() -> None:
    """The beginning: mistakes are seen on labelled faces."""
    evaluations_under_way()
    if not may(Action.EDIT):
        st.caption("No model was evaluated here yet, so there are no mistakes to see.")
        return
    if empty(
        "Mistakes are seen on labelled faces. Evaluate a model on a data set, and every face it "
        "gets wrong is here.",
        "Evaluate a model",
        key="first-evaluation",
    ):
        _ask()
    practice.offer(key="practice-mistakes")


@st.dialog("Evaluate a model")
def _ask() -> None:
    state = app_state()
    evaluate_form([card.name for card in list_cards(state.home)], key="first")


def _choose(kept: list[Figures]) -> tuple[Figures, Filter]:
    """What is shown, in one row above it."""
    ids = {figures.evaluation_id or "": figures for figures in kept}
    one, two, three, four, five = st.columns([5, 2, 2, 3, 3], vertical_alignment="bottom")
    given = st.query_params.get("evaluation", "")
    chosen = one.selectbox(
        "Model and data",
        list(ids),
        index=list(ids).index(given) if given in ids else 0,
        format_func=lambda key: f"{ids[key].model} on {ids[key].title}" if key in ids else key,
        key="evaluation",
    )
    chosen = chosen or next(iter(ids))
    if given and given != chosen:  # an area and a slice are of one evaluation
        for name in ("area", "slice"):
            st.query_params.pop(name, None)
    st.query_params["evaluation"] = chosen
    figures = ids[chosen]
    labels = [ANY, *on_screen(figures.scores.labels)]
    truth = two.selectbox("Labelled", labels, key="truth", bind="query-params")
    guess = three.selectbox("Read as", labels, key="guess", bind="query-params")
    sure = four.selectbox("Confidence", list(SURE), key="sure", bind="query-params")
    low, high = SURE[sure or next(iter(SURE))]
    listed = five.selectbox("Shown", (MISTAKES, DOUBTS), key="shown", bind="query-params")
    if listed == DOUBTS and figures.split == TRAINING:
        st.warning(
            "These are training faces. A model that was trained on them repeats their labels, "
            "right or wrong: this list needs a model that has not seen them.",
            icon=":material/school:",
        )
    same = truth == guess and truth != ANY
    area = st.query_params.get("area", "")
    return (
        figures,
        Filter(
            figures.evaluation_id or "",
            None if truth == ANY else truth,
            None if guess == ANY else guess,
            low,
            high,
            wrong_only=not (same or area or listed == DOUBTS),
            doubtful=listed == DOUBTS,
            area=area,
            slice=st.query_params.get("slice", ""),
        ),
    )


def finding(total: int, figures: Figures, wanted: Filter) -> Finding:
    """How many faces the filters leave."""
    faces = count(total, "face")
    if wanted.doubtful:
        filtered = wanted.truth or wanted.guess or (wanted.low, wanted.high) != (0, 1)
        template = DOUBTFUL_LEFT if filtered or wanted.slice else DOUBTFUL
        return template(faces=faces, all=f"{figures.scores.n:,}")
    if wanted.slice:
        said = SLICE(faces=faces, name=trait_called(wanted.slice).name)
    elif not wanted.wrong_only:
        said = RIGHT(faces=faces, truth=wanted.truth)
    elif wanted.truth and wanted.guess:
        said = PAIR(faces=faces, truth=wanted.truth, guess=wanted.guess)
    elif wanted.truth:
        said = OF_TRUTH(faces=faces, truth=wanted.truth)
    elif wanted.guess:
        said = OF_GUESS(faces=faces, guess=wanted.guess)
    else:
        said = ALL(faces=faces, all=f"{figures.scores.n:,}")
    return said


def area_said(total: int, misread: int) -> Finding:
    """How many faces an area of the map holds, and how many of them the model misreads."""
    return AREA(faces=count(total, "face"), wrong=f"{misread:,}")


@st.fragment
def _faces(figures: Figures, wanted: Filter, total: int, left: pd.DataFrame | None) -> None:
    """The gallery and, beside it, the face that is looked at. A key reruns this part alone.

    ``left``: the faces that an area or a slice leaves; None: the store is asked.
    """
    store = app_state().store
    page = page_number(total, key=f"page-{wanted}")
    shown = mistakes.gallery(store, wanted, page) if left is None else mistakes.page_of(left, page)
    if shown.faces.empty:
        st.caption("No face matches these filters.")
        return
    gallery_side, face_side = st.columns([7, 4], gap="large")
    with gallery_side, show_errors():
        looked_at = _gallery(figures, shown)
        if done := len(mistakes.labels(store, figures.data)):
            st.caption(f"{count(done, 'face')} of this data set labelled by you. Z takes one back.")
    with face_side:
        answer = None
        if looked_at:
            answer = store.evaluations.prediction(wanted.evaluation_id, looked_at)
        if answer is not None:
            one_face(figures, answer, doubtful=wanted.doubtful)


def _gallery(figures: Figures, shown: mistakes.Gallery) -> str:
    state, key = app_state(), "gallery"
    if error := st.session_state.pop(f"{key}-error", None):
        st.error(error)
    items = tuple(str(item) for item in shown.faces["item"])
    sheet = face_sheet(figures.data, data_stamp(figures.data), items)
    looked_at = gallery(
        shown.faces,
        sheet=sheet,
        columns=COLUMNS,
        source=figures.data,
        selected=items[0],
        labels=mistakes.labels(state.store, figures.data),
        done=st.session_state.get(f"{key}-done", []),
        key=key,
        on_asks=partial(_answer, key, figures.data, figures.evaluation_id or ""),
    )
    return looked_at or items[0]


def _answer(key: str, data: str, evaluation_id: str) -> None:
    """Before the page is drawn again: what was said of a face is in the store when it is."""
    done = list(st.session_state.get(f"{key}-done", []))
    store = app_state().store
    asks = asked(key)
    try:
        over = mistakes.answer(store, data, evaluation_id, asks, done)
    except RaptError as error:
        # said once, and not tried for ever: the gallery shows what is really kept
        st.session_state[f"{key}-error"] = f"The label could not be kept. {error}"
        over = [one.ask_id for one in asks]
    done += [one for one in over if one not in done]
    st.session_state[f"{key}-done"] = done[-MOST_DONE:]
