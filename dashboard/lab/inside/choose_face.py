"""Which face goes through the model: the controls of each place that faces come from."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.lab.inside import faces
from dashboard.lab.inside.cached import faces_at, faces_of
from dashboard.lab.inside.faces import Face
from dashboard.lab.models import evaluations
from dashboard.shared.web.access.identity import may
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.evaluation.review import data_set_item
from fer_core.files import sha256_of
from fer_core.text import clock, shorten, whole_number

SOURCES = ("Photograph", "Camera", "Data set", "Session")
#: What a picture is brought by.
BROUGHT = ("Photograph", "Camera")


def sources_for() -> tuple[str, ...]:
    """Where whoever asks may take a face from: pictures come as uploads."""
    return SOURCES if may(Action.EDIT) else tuple(one for one in SOURCES if one not in BROUGHT)


def chosen_face(source: str) -> Face | None:
    """The face that the page's controls for this source name; None until there is one."""
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


def _one_of(found: list[Face]) -> Face:
    if len(found) == 1:
        return found[0]
    names = [face.name for face in found]
    chosen = st.segmented_control(
        f"{len(found)} faces, the largest first", range(len(found)), default=0, required=True,
        format_func=lambda k: str(k + 1), key=f"which-{names[0]}",
    )  # fmt: skip
    return found[chosen or 0]


def _of_data() -> Face | None:
    state = app_state()
    known = evaluations.data_sets(state.store, state.home)
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
    splits = faces.splits(state.home, data or known[0])
    wanted, _, row = item.rpartition("/")
    split = two.selectbox(
        "Split", list(splits), index=list(splits).index(wanted) if wanted in splits else 0,
        key="inside-split",
    ) or next(iter(splits))  # fmt: skip
    named = whole_number(row) if wanted == split else None
    start = named if named is not None and named < splits[split] else 0
    number = three.number_input(
        f"Face, 0 to {splits[split] - 1:,}", 0, splits[split] - 1, start, key=f"inside-row-{split}"
    )
    return faces.from_data(state.home, data or known[0], data_set_item(split, int(number)))


def _of_session() -> Face | None:
    state = app_state()
    known = {one.session_id: one for one in faces.sessions_with_faces(state.home, state.store)}
    if not known:
        st.info(
            "No session has faces to look at: its recording must still be where it was, or "
            "«keep faces for review» must have been on.",
            icon=":material/visibility_off:",
        )
        return None
    one, two = st.columns([3, 2], vertical_alignment="bottom")
    chosen = one.selectbox(
        "Session", list(known), format_func=lambda key: shorten(known[key].name, 60),
        key="inside-session",
    )  # fmt: skip
    session = known[chosen or next(iter(known))]
    if session.path:
        end = max(0.0, session.duration_s - 0.05)
        at = two.slider(
            f"Moment, to {clock(1000 * end)}", 0.0, max(end, 0.1), min(1.0, end), 0.1,
            format="%.1f s", key=f"inside-at-{session.session_id}",
        )  # fmt: skip
        return _one_of(faces_at(session.session_id, session.path, round(1000 * at)))
    kept = faces.kept(state.home, session.session_id)
    if not kept:
        st.info("The faces of this session are no longer kept.", icon=":material/visibility_off:")
        return None
    row = two.selectbox(
        "Face", range(len(kept)), format_func=lambda k: kept[k], key=f"kept-{session.session_id}"
    )
    return faces.from_kept(state.home, session.session_id, int(row or 0))
