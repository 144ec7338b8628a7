"""One face of the gallery: the answer, the pixels behind it, the training faces like it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.lab.data.faces import data_stamp
from dashboard.lab.inside import data as inside
from dashboard.lab.inside import faces
from dashboard.lab.inside.class_maps import class_maps, inspected
from dashboard.lab.mistakes import data as mistakes
from dashboard.lab.models import html
from dashboard.lab.models.figures import Figures
from dashboard.navigation import page_of
from dashboard.shared.charts import tables
from dashboard.shared.page import show_errors
from dashboard.state import app_state
from fer_core.labels import EMOTIONS
from fer_core.sentences import Finding, Label, Template
from fer_core.storage.lab.evaluations import Prediction
from fer_core.text import percent
from fer_core.zoo.model_store import find_model

ANSWER = Template("mistake", "Read as {guess}, labelled {truth}")
ALIKE = Template("alike", "{most} of the {all} training faces most like it are labelled {name}")


def one_face(figures: Figures, answer: Prediction, *, doubtful: bool = False) -> None:
    """Bars, Grad-CAM and the nearest training faces of one face; how doubtful its label is."""
    state, item = app_state(), answer.item
    with show_errors():
        card = find_model(figures.model, state.home).card
        output = figures.output or card.serves
        st.html(
            tables.finding(
                ANSWER(guess=answer.guess, truth=answer.truth),
                f"{item}; the model's probabilities",
            )
        )
        values = {
            name: share or 0.0
            for name, share in zip(EMOTIONS, answer.probabilities)
            if name in figures.scores.labels
        }
        st.html(html.bars(values, truth=str(answer.truth)))
        if doubtful:
            _doubt(answer)
        face = faces.from_data(state.home, figures.data, item)
        crop = face.crop(card.crop)
        key = f"{figures.data} {data_stamp(figures.data)} {item}"
        expressions = (str(answer.guess), str(answer.truth))
        if class_maps(figures.model, crop, key, output, expressions) is not None:
            _nearest(figures, item)
        st.page_link(
            page_of("inside"),
            label="Look inside the model at this face",
            icon=":material/layers:",
            query_params={"network": figures.model, "data": figures.data, "item": item},
        )


def _doubt(answer: Prediction) -> None:
    """The doubt about a label, taken apart."""
    p = dict(zip(EMOTIONS, answer.probabilities))
    label = p.pop(str(answer.truth)) or 0.0
    other = max(p, key=lambda name: p[name] or 0.0)
    doubt = mistakes.doubt_about(app_state().store, answer.evaluation_id, answer.item)
    st.caption(
        f"Doubt about the label: {doubt:.2f}, for the model gives {other} {percent(p[other])} and "
        f"{answer.truth}, the label, {percent(label)}. Keys 1 to 7 say what you see instead."
    )


def alike(labels: Sequence[str]) -> Finding:
    """The label that most of the training faces nearest to one have."""
    most = max(sorted(set(labels)), key=labels.count)
    return ALIKE(most=labels.count(most), all=len(labels), name=most)


def _nearest(figures: Figures, item: str) -> None:
    state = app_state()
    weights = inside.weights(state.home, state.store, figures.model)
    stamp = data_stamp(figures.data)
    if not mistakes.has_index(state.home, weights, stamp):
        st.html(
            tables.finding(
                Label("No index of training faces yet"),
                "Evaluate the model again with «Find the nearest training faces too», on a data "
                "set that has a training split",
            )
        )
        return
    found = inspected(
        ("alike", weights, stamp, item),
        lambda process: mistakes.nearest(
            state.home, state.store, process, figures.model, figures.data, item
        ),
    )
    if found is None:
        return
    st.html(
        tables.finding(
            alike(found.labels),
            "Nearest in the model's own features, with their labels; 100 % is the same direction",
        )
    )
    captions = [
        (label, "the same picture" if same else percent(near))
        for label, near, same in zip(found.labels, found.alike, found.same)
    ]
    st.html(html.faces(found.sheet, mistakes.NEAREST, captions))
