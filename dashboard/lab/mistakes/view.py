"""The gallery of mistakes: what is shown, the faces, and one of them looked at closely."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.lab.data import faces as data_faces
from dashboard.lab.data.cached import face_sheet
from dashboard.lab.inside import data as lab_inside
from dashboard.lab.inside.class_maps import class_maps, inspected
from dashboard.lab.mistakes import data as lab_mistakes
from dashboard.lab.mistakes.data import ANY, Filter
from dashboard.lab.mistakes.gallery import asked, gallery
from dashboard.lab.models import charts as lab_figures
from dashboard.lab.models import data as lab_models
from dashboard.lab.models import html as lab_html
from dashboard.lab.models.data import Figures
from dashboard.lab.models.evaluate import (
    evaluate_form,
    evaluate_popover,
    evaluations_under_way,
)
from dashboard.navigation import go, page_of
from dashboard.shared.charts import tables
from dashboard.shared.empty_state import empty
from dashboard.shared.page import show_errors
from dashboard.state import app_state
from fer_core.errors import RaptError
from fer_core.labels import EMOTIONS
from fer_core.storage.evaluations import Prediction
from fer_core.text import count, percent
from fer_core.zoo import list_cards
from fer_core.zoo.model_store import find_model, in_use

MOST_DONE = 500
SURE = {
    "At any sureness": (0.0, 1.0),
    "Sure, over 80 %": (0.8, 1.0),
    "50 to 80 %": (0.5, 0.8),
    "Unsure, under 50 %": (0.0, 0.5),
}


def nothing_yet() -> None:
    """The beginning: mistakes are seen on labelled faces."""
    evaluations_under_way()
    if empty(
        "Mistakes are seen on labelled faces. Evaluate a model on a data set, and every face it "
        "gets wrong is here.",
        "Evaluate a model",
        key="first-evaluation",
    ):
        _ask()


@st.dialog("Evaluate a model")
def _ask() -> None:
    state = app_state()
    evaluate_form([card.name for card in list_cards(state.home)], key="first")


def choose(found: list[tuple[str, Figures]]) -> tuple[str, Figures, Filter]:
    """What is shown, in one row above it."""
    ids = {figures.evaluation_id or "": (model, figures) for model, figures in found}
    one, two, three, four = st.columns([5, 2, 2, 3], vertical_alignment="bottom")
    given = st.query_params.get("evaluation", "")
    chosen = one.selectbox(
        "Model and data",
        list(ids),
        index=list(ids).index(given) if given in ids else 0,
        format_func=lambda key: f"{ids[key][0]} on {ids[key][1].title}" if key in ids else key,
        key="evaluation",
    )
    chosen = chosen or next(iter(ids))
    st.query_params["evaluation"] = chosen
    model, figures = ids[chosen]
    labels = [ANY, *lab_figures.on_screen(figures.labels)]
    truth = two.selectbox("Labelled", labels, key="truth", bind="query-params")
    guess = three.selectbox("Read as", labels, key="guess", bind="query-params")
    sure = four.selectbox("Sureness", list(SURE), key="sure", bind="query-params")
    low, high = SURE[sure or next(iter(SURE))]
    same = truth == guess and truth != ANY
    return (
        model,
        figures,
        Filter(
            figures.evaluation_id or "",
            None if truth == ANY else truth,
            None if guess == ANY else guess,
            low,
            high,
            wrong_only=not same,
        ),
    )


def finding(total: int, figures: Figures, wanted: Filter) -> None:
    faces = count(total, "face")
    if not wanted.wrong_only:
        said = f"{faces} labelled {wanted.truth} and read so"
    elif wanted.truth and wanted.guess:
        said = f"{faces} labelled {wanted.truth} and read as {wanted.guess}"
    elif wanted.truth:
        said = f"{faces} labelled {wanted.truth} and read as something else"
    elif wanted.guess:
        said = f"{faces} read as {wanted.guess} and labelled otherwise"
    else:
        said = f"{faces} of {figures.n:,} read otherwise than labelled"
    how = "The surest first. Labels are people's, and people disagree: judge for yourself"
    st.html(tables.finding(said, how))


@st.fragment
def faces(model: str, figures: Figures, wanted: Filter) -> None:
    """The gallery and, beside it, the face that is looked at. A key reruns this part alone."""
    store = app_state().store
    pages = lab_mistakes.gallery(store, wanted, 1).pages
    page = 1
    if pages > 1:
        key = f"page-{wanted}"
        page = int(st.number_input(f"Page of {pages:,}", 1, pages, key=key, width=160))
    shown = lab_mistakes.gallery(store, wanted, page)
    if shown.faces.empty:
        st.caption("No face is left by these filters.")
        return
    left, right = st.columns([7, 4], gap="large")
    with left, show_errors():
        looked_at = _gallery(figures, shown)
        if done := len(lab_mistakes.labels(store, figures.data)):
            st.caption(f"{count(done, 'face')} of this data set labelled by you. Z takes one back.")
    with right:
        answer = (
            store.evaluations.prediction(wanted.evaluation_id, looked_at) if looked_at else None
        )
        if answer is not None:
            one_face(model, figures, answer)


def _gallery(figures: Figures, shown: lab_mistakes.Gallery) -> str:
    state, key = app_state(), "gallery"
    if error := st.session_state.pop(f"{key}-error", None):
        st.error(error)
    items = tuple(str(item) for item in shown.faces["item"])
    sheet = face_sheet(figures.data, data_faces.data_stamp(figures.data), items)
    looked_at = gallery(
        shown.faces,
        sheet=sheet,
        columns=data_faces.COLUMNS,
        source=figures.data,
        selected=items[0],
        labels=lab_mistakes.labels(state.store, figures.data),
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
        over = lab_mistakes.answer(store, data, evaluation_id, asks, done)
    except RaptError as error:
        # said once, and not tried for ever: the gallery shows what is really kept
        st.session_state[f"{key}-error"] = f"The label could not be kept. {error}"
        over = [str(one["id"]) for one in asks or () if isinstance(one, dict) and "id" in one]
    done += [one for one in over if one not in done]
    st.session_state[f"{key}-done"] = done[-MOST_DONE:]


def one_face(model: str, figures: Figures, answer: Prediction) -> None:
    """Bars, Grad-CAM and the nearest training faces of one face."""
    state, item = app_state(), answer.item
    with show_errors():
        card = find_model(model, state.home).card
        output = str(figures.report.get("output") or card.serves)
        st.html(
            tables.finding(
                f"Read as {answer.guess}, labelled {answer.truth}",
                f"{item}; the model's probabilities",
            )
        )
        values = {
            name: share or 0.0
            for name, share in zip(EMOTIONS, answer.probabilities)
            if name in figures.labels
        }
        st.html(lab_html.bars(values, truth=str(answer.truth)))
        face = lab_inside.from_data(state.home, figures.data, item)
        crop = face.crop(card.crop)
        key = f"{figures.data} {data_faces.data_stamp(figures.data)} {item}"
        if class_maps(model, crop, key, output, (str(answer.guess), str(answer.truth))) is not None:
            _nearest(model, figures, item)
        st.page_link(
            page_of("inside"),
            label="Look inside the model at this face",
            icon=":material/layers:",
            query_params={"network": model, "data": figures.data, "item": item},
        )


def _nearest(model: str, figures: Figures, item: str) -> None:
    state = app_state()
    weights = lab_inside.weights(state.home, state.store, model)
    stamp = data_faces.data_stamp(figures.data)
    if not lab_mistakes.has_index(state.home, weights, stamp):
        st.html(
            tables.finding(
                "No index of training faces yet",
                "Evaluate the model again with «Find the nearest training faces too», on a data "
                "set that has a training split",
            )
        )
        return
    found: lab_mistakes.Alike | None = inspected(
        ("alike", weights, stamp, item),
        lambda process: lab_mistakes.nearest(
            state.home, state.store, process, model, figures.data, item
        ),
    )
    if found is None:
        return
    most = max(set(found.labels), key=found.labels.count)
    st.html(
        tables.finding(
            f"Of the training faces most alike, {found.labels.count(most)} of "
            f"{len(found.labels)} are {most}",
            "Nearest in the model's own features, with their labels; 100 % is the same direction",
        )
    )
    captions = [
        (label, "the same picture" if same else percent(near))
        for label, near, same in zip(found.labels, found.alike, found.same)
    ]
    st.html(lab_html.faces(found.sheet, lab_mistakes.NEAREST, captions))


def page() -> None:
    state = app_state()
    current = in_use(state.home)
    kept = lab_models.evaluations(state.store)
    kept.sort(key=lambda one: one.report["model"] != current)
    found = [(str(one.report["model"]), one) for one in kept]
    if not found:
        nothing_yet()
        return
    model, figures, wanted = choose(found)
    with st.container(horizontal=True):
        evaluate_popover([card.name for card in list_cards(state.home)], key="more", choose=True)
        if st.button("The model", icon=":material/model_training:", type="tertiary"):
            go("model", id=model)
    evaluations_under_way()
    total = lab_mistakes.gallery(state.store, wanted).total
    finding(total, figures, wanted)
    faces(model, figures, wanted)
