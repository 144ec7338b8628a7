"""One face through one model, from the crop to the answer."""

from __future__ import annotations

from html import escape
from pathlib import Path

import numpy as np
import streamlit as st

from dashboard.lab.inside import data as lab_inside
from dashboard.lab.inside.cached import faces_at, faces_of
from dashboard.lab.inside.class_maps import class_maps
from dashboard.lab.inside.data import Face
from dashboard.lab.models import charts as lab_figures
from dashboard.lab.models import data as lab_models
from dashboard.lab.models import evaluations as lab_jobs
from dashboard.lab.models import html as lab_html
from dashboard.shared.charts import tables
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import show_errors
from dashboard.state import app_state
from fer_core.errors import RaptError
from fer_core.evaluation.review import data_set_item
from fer_core.files import sha256_of
from fer_core.text import clock, percent, shorten
from fer_core.zoo.card import Card
from fer_core.zoo.model_store import find_model

SOURCES = ("Photograph", "Camera", "Data set", "Session")
BY_RULE = "The older way: features by rule"


def page() -> None:
    state = app_state()
    models = [row for row in lab_models.rows(state.home) if not row.problem]
    names = [row.name for row in models]
    asked = st.query_params.get("data", "")
    one, two = st.columns([2, 3], vertical_alignment="bottom")
    choices = [*names, BY_RULE, *(name for name, _ in lab_models.untrained(names))]
    given = st.query_params.get("network", "")
    model = one.selectbox(
        "Model",
        choices,
        index=choices.index(given) if given in choices else 0,
        key="network",
        format_func=lambda name: name if name in (*names, BY_RULE) else f"{name} (not trained)",
    )
    st.query_params["network"] = str(model)
    source = two.segmented_control(
        "Face from", SOURCES, default="Data set" if asked else SOURCES[0], key="source",
        required=True,
    )  # fmt: skip
    if model not in names and model != BY_RULE:
        _untrained(str(model))
        return
    with show_errors():
        face = _face(source or SOURCES[0])
        if face is not None:
            if model == BY_RULE:
                _by_rule(face)
            else:
                _through(str(model), face)


def _untrained(name: str) -> None:
    about = dict(lab_models.untrained([])).get(name, "")
    st.info(
        f"{escape_markdown(name)} has no trained weights here, so there is nothing inside to see. "
        f"{escape_markdown(about)}. Train it with `rapt train --arch {name}` or on the page Train.",
        icon=":material/model_training:",
    )


# -- which face ---------------------------------------------------------------------------


def _face(source: str) -> Face | None:
    if source == "Photograph":
        return _photograph()
    if source == "Camera":
        return _camera()
    return _of_data() if source == "Data set" else _of_session()


def _photograph() -> Face | None:
    dropped = st.file_uploader(
        "Drop a photograph with a face",
        type=["jpg", "jpeg", "png", "webp", "bmp"],
        key="photograph",
        help="It is looked at in memory and never written.",
    )
    if dropped is None:
        st.caption(
            "The photograph stays in this machine's memory and is never written. Model files "
            "cannot be dropped: only models that Rapt itself wrote are loaded."
        )
        return None
    content = dropped.getvalue()
    return _one_of(faces_of(content, sha256_of(content), shorten(dropped.name, 40)))


def _camera() -> Face | None:
    taken = st.camera_input("Take a picture of a face", key="camera")
    if taken is None:
        return None
    content = taken.getvalue()
    return _one_of(faces_of(content, sha256_of(content), "the picture"))


def _one_of(faces: list[Face]) -> Face:
    if len(faces) == 1:
        return faces[0]
    names = [face.name for face in faces]
    chosen = st.segmented_control(
        f"{len(faces)} faces, the largest first", range(len(faces)), default=0, required=True,
        format_func=lambda k: str(k + 1), key=f"which-{names[0]}",
    )  # fmt: skip
    return faces[chosen or 0]


def _of_data() -> Face | None:
    state = app_state()
    known = lab_jobs.data_sets(state.store, state.home)
    asked, item = st.query_params.get("data", ""), st.query_params.get("item", "")
    if asked and asked not in known and Path(asked).exists():
        known = [asked, *known]
    if not known:
        st.info(
            "No data set is known here yet. Evaluate a model on one (page Models); its faces can "
            "be opened afterwards.",
            icon=":material/folder_open:",
        )
        return None
    one, two, three = st.columns([4, 2, 2], vertical_alignment="bottom")
    data = one.selectbox(
        "Data set", known, index=known.index(asked) if asked in known else 0, key="inside-data"
    )
    splits = lab_inside.splits(state.home, data or known[0])
    wanted, _, row = item.rpartition("/")
    split = two.selectbox(
        "Split", list(splits), index=list(splits).index(wanted) if wanted in splits else 0,
        key="inside-split",
    ) or next(iter(splits))  # fmt: skip
    start = int(row) if row.isdigit() and wanted == split and int(row) < splits[split] else 0
    number = three.number_input(
        f"Face, 0 to {splits[split] - 1:,}", 0, splits[split] - 1, start, key=f"inside-row-{split}"
    )
    return lab_inside.from_data(state.home, data or known[0], data_set_item(split, int(number)))


def _of_session() -> Face | None:
    state = app_state()
    known = {one["id"]: one for one in lab_inside.session_faces(state.home, state.store)}
    if not known:
        st.info(
            "No session has faces to look at: its recording must still be where it was, or "
            "«keep faces for review» must have been on.",
            icon=":material/visibility_off:",
        )
        return None
    one, two = st.columns([3, 2], vertical_alignment="bottom")
    chosen = one.selectbox(
        "Session", list(known), format_func=lambda key: shorten(known[key]["name"], 60),
        key="inside-session",
    )  # fmt: skip
    session = known[chosen or next(iter(known))]
    if session["path"]:
        end = max(0.0, session["duration_s"] - 0.05)
        at = two.slider(
            f"Moment, to {clock(1000 * end)}", 0.0, max(end, 0.1), min(1.0, end), 0.1,
            format="%.1f s", key=f"inside-at-{session['id']}",
        )  # fmt: skip
        return _one_of(faces_at(session["id"], session["path"], round(1000 * at)))
    kept = lab_inside.kept(state.home, session["id"])
    if not kept:
        st.info("The faces of this session are no longer kept.", icon=":material/visibility_off:")
        return None
    row = two.selectbox(
        "Face", range(len(kept)), format_func=lambda k: kept[k], key=f"kept-{session['id']}"
    )
    return lab_inside.from_kept(state.home, session["id"], int(row or 0))


# -- through the model --------------------------------------------------------------------


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
    answer = lab_inside.read(state.home, model, crop, output)
    sure = percent(answer.own[answer.guess])
    name = lab_figures.plain(answer.guess)
    st.html(
        f'<div class="rapt-sentence" role="status"><p>{escape(card.name)} reads '
        f"{escape(name)}, sure to {sure}.</p></div>"
    )
    columns = st.columns([3, 2, 3] if face.box is not None else [2, 3], gap="large")
    if face.box is not None:
        with columns[0]:
            st.html(tables.finding("The picture", f"{face.name}; the box is the detector's"))
            st.html(lab_html.picture(lab_inside.jpeg(face.context), f"{face.name} with its face"))
    with columns[-2]:
        size = card.crop.size
        st.html(tables.finding("What the model sees", f"{size} × {size} grey pixels"))
        st.html(lab_html.picture(lab_inside.png(crop), "The crop", pixels=True))
    with columns[-1]:
        st.html(tables.finding("What it answers", "Calibrated probabilities; they sum to 100 %"))
        st.html(lab_html.bars(answer.own))
    _inside(model, card, crop, output, answer)


def _inside(
    model: str, card: Card, crop: lab_inside.Bytes, output: str, answer: lab_inside.Answer
) -> None:
    state = app_state()
    key = sha256_of(np.ascontiguousarray(crop).tobytes())
    try:
        lab_inside.weights(state.home, state.store, model)
    except RaptError as error:
        st.warning(
            f"It cannot be looked into. {escape_markdown(str(error))}", icon=":material/lock:"
        )
        return
    known = lab_figures.on_screen(lab_inside.known_emotions(card, output))
    seen = class_maps(model, crop, key, output, tuple(known))
    if seen is None:
        return
    if not seen.stages:
        st.caption(
            f"{escape_markdown(model)} has no maps: it is made of dense layers, "
            "which keep no places."
        )
        return
    for number, (stage, maps) in enumerate(zip(seen.stages, seen.maps), start=1):
        shape = " × ".join(str(side) for side in stage.shape[:-1])
        kind = "rows" if stage.flat else "maps"
        shown = min(len(maps), stage.shape[-1])
        st.html(
            tables.finding(
                f"After stage {number}: {stage.shape[-1]} {kind} of {shape}",
                f"The {shown} strongest; white is the most that a map answers, black the least"
                + ("; a column a channel, the picture's rows from top to bottom"
                   if stage.flat else ""),
            )
        )  # fmt: skip
        said = f"The strongest maps after stage {number}"
        st.html(lab_html.picture(lab_inside.map_sheet(maps, stage), said, pixels=True))


def _by_rule(face: Face) -> None:
    """What support vectors, forests and nearest neighbours are given instead of maps."""
    crop = face.crop(lab_inside.CropSpec())
    found = lab_inside.by_rule(crop)
    st.caption(
        "Support vector machine, random forest and nearest neighbours have no maps and no "
        "gradient. They are given numbers computed by rule; these are what they see of this face."
    )
    one, two, three = st.columns(3, gap="large")
    with one:
        st.html(tables.finding("The face", "48 × 48 grey pixels"))
        st.html(lab_html.picture(lab_inside.png(crop), "The crop", pixels=True))
    with two:
        st.html(
            tables.finding("Texture", "Local binary patterns: each pixel against its neighbours")
        )
        st.html(lab_html.picture(found.patterns, "Local binary patterns", pixels=True))
    with three:
        st.html(tables.finding("Coarse light", "All that the lowest 8 × 8 cosines keep"))
        st.html(lab_html.picture(found.cosines, "Low frequencies of the face", pixels=True))
    st.html(
        tables.finding(
            "Shape, however it is turned",
            "Magnitudes of the Zernike moments by order and repetition; the first is brightness",
        )
    )
    st.html(lab_html.columns(found.zernike))
