"""One face through one model, from the crop to the answer."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from dashboard.lab.data.faces import png
from dashboard.lab.inside import data as inside
from dashboard.lab.inside.choose_face import chosen_face, sources_for
from dashboard.lab.inside.class_maps import class_maps
from dashboard.lab.inside.faces import Face
from dashboard.lab.inside.handcrafted import handcrafted
from dashboard.lab.inside.pictures import jpeg, map_sheet
from dashboard.lab.models import data as models
from dashboard.lab.models import html
from dashboard.lab.models.labels import display_name, on_screen
from dashboard.lab.models.parts import style
from dashboard.shared.charts import tables
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import heading, show_errors
from dashboard.state import app_state
from fer_core.errors import RaptError
from fer_core.files import sha256_of
from fer_core.sentences import Finding, Label, Template
from fer_core.text import percent
from fer_core.types import Bytes, CropSpec
from fer_core.zoo.card import Card
from fer_core.zoo.model_store import find_model

READS = Template("inside.reads", "{model} reads {name} with a probability of {share}.")
BY_RULE = "The older way: features by rule"


def show() -> None:
    style()
    heading("Inside", "What does it see? One face through one model, from the crop to the answer.")
    names = [row.name for row in models.rows(app_state().home) if not row.problem]
    asked = st.query_params.get("data", "")
    one, two = st.columns([2, 3], vertical_alignment="bottom")
    choices = [*names, BY_RULE, *(name for name, _ in models.untrained(names))]
    given = st.query_params.get("network", "")
    model = one.selectbox(
        "Model",
        choices,
        index=choices.index(given) if given in choices else 0,
        key="network",
        format_func=lambda name: name if name in (*names, BY_RULE) else f"{name} (not trained)",
    )
    st.query_params["network"] = str(model)
    sources = sources_for()
    source = two.segmented_control(
        "Face from", sources, default="Data set" if asked else sources[0], key="source",
        required=True,
    )  # fmt: skip
    if model not in names and model != BY_RULE:
        _untrained(str(model))
        return
    with show_errors():
        face = chosen_face(source or sources[0])
        if face is not None:
            if model == BY_RULE:
                _handcrafted(face)
            else:
                _through(str(model), face)


def _untrained(name: str) -> None:
    about = dict(models.untrained([])).get(name, "")
    st.info(
        f"{escape_markdown(name)} has no trained weights here, so there is nothing inside to see. "
        f"{escape_markdown(about)}. Train it with `rapt train --arch {name}` or on the page Train.",
        icon=":material/model_training:",
    )


def reads(model: str, probabilities: Mapping[str, float]) -> Finding:
    """What a model answers for one face, from its probabilities by label."""
    guess = max(probabilities, key=lambda one: probabilities[one])
    return READS(model=model, name=display_name(guess), share=percent(probabilities[guess]))


def _through(model: str, face: Face) -> None:
    state = app_state()
    card = find_model(model, state.home).card
    output = card.serves
    if len(card.outputs) > 1:
        output = st.segmented_control(
            "Output", list(card.outputs), default=card.serves, key=f"output-{model}", required=True,
            format_func=lambda name: f"{name} (serves timelines)" if name in card.served else name,
        ) or card.serves  # fmt: skip
    crop = face.crop(card.crop)
    answer = inside.read(state.home, model, crop, output)
    st.html(tables.sentences(reads(card.name, answer.own)))
    columns = st.columns([3, 2, 3] if face.box is not None else [2, 3], gap="large")
    if face.box is not None:
        with columns[0]:
            st.html(tables.finding(Label("The picture"), f"{face.name}; the box is the detector's"))
            st.html(html.picture(jpeg(face.context), f"{face.name} with its face"))
    with columns[-2]:
        size = card.crop.size
        st.html(tables.finding(Label("What the model sees"), f"{size} × {size} grey pixels"))
        st.html(html.picture(png(crop), "The crop", pixels=True))
    with columns[-1]:
        st.html(
            tables.finding(Label("What it answers"), "Calibrated probabilities; they sum to 100 %")
        )
        st.html(html.bars(answer.own))
    _feature_maps(model, card, crop, output)


def _feature_maps(model: str, card: Card, crop: Bytes, output: str) -> None:
    """Where each expression was found, and the strongest maps after each stage."""
    state = app_state()
    key = sha256_of(np.ascontiguousarray(crop).tobytes())
    try:
        inside.weights(state.home, state.store, model)
    except RaptError as error:
        st.info(
            f"Its inside cannot be shown. {escape_markdown(str(error))}", icon=":material/lock:"
        )
        return
    known = on_screen(inside.known_emotions(card, output))
    seen = class_maps(model, crop, key, output, tuple(known))
    if seen is None:
        return
    if not seen.stages:
        st.caption(
            f"{escape_markdown(model)} has no maps: it is made of dense layers, "
            "which keep no positions."
        )
        return
    for number, (stage, maps) in enumerate(zip(seen.stages, seen.maps), start=1):
        shape = " × ".join(str(side) for side in stage.shape[:-1])
        kind = "rows" if stage.flat else "maps"
        shown = min(len(maps), stage.shape[-1])
        st.html(
            tables.finding(
                Label(f"After stage {number}: {stage.shape[-1]} {kind} of {shape}"),
                f"The {shown} strongest; white is a map's strongest response, black its weakest"
                + ("; one column per channel, the picture's rows from top to bottom"
                   if stage.flat else ""),
            )
        )  # fmt: skip
        said = f"The strongest maps after stage {number}"
        st.html(html.picture(map_sheet(maps, stage), said, pixels=True))


def _handcrafted(face: Face) -> None:
    """What support vectors, forests and nearest neighbours are given instead of maps."""
    crop = face.crop(CropSpec())
    found = handcrafted(crop)
    st.caption(
        "Support vector machine, random forest and nearest neighbours have no maps and no "
        "gradient. They are given numbers computed by rule; these are what they see of this face."
    )
    one, two, three = st.columns(3, gap="large")
    with one:
        st.html(tables.finding(Label("The face"), "48 × 48 grey pixels"))
        st.html(html.picture(png(crop), "The crop", pixels=True))
    with two:
        st.html(
            tables.finding(
                Label("Texture"), "Local binary patterns: each pixel against its neighbours"
            )
        )
        st.html(html.picture(found.patterns, "Local binary patterns", pixels=True))
    with three:
        st.html(
            tables.finding(Label("Coarse light"), "What the lowest 8 × 8 cosine coefficients keep")
        )
        st.html(html.picture(found.cosines, "Low frequencies of the face", pixels=True))
    st.html(
        tables.finding(
            Label("Shape, however it is turned"),
            "Magnitudes of the Zernike moments by order and repetition; the first is brightness",
        )
    )
    st.html(html.columns(found.zernike))
