"""What the page keeps between reruns: the catalogue, and looks without their photographs."""

from __future__ import annotations

import time

import streamlit as st

from dashboard.state import app_state
from fer_core.faces import make_detector
from fer_core.inference import open_classifier
from fer_core.recommend.catalogue import (
    Catalogue,
    Reading,
    load_catalogue,
    read_catalogue,
    removed_items,
)
from fer_core.recommend.face import look_of_picture, open_picture
from fer_core.recommend.look import Look, Unreadable

MIN_FACE = 40
#: After so many seconds what viewers of its items showed is asked for again.
REMEASURED_S = 60


@st.cache_data(max_entries=24, show_spinner="Looking for a face")
def look_of_photograph(_content: bytes, digest: str) -> Look | Unreadable:
    """The look of a photograph's largest face; ``digest`` stands for its content."""
    home = app_state().home
    detector = make_detector("mtcnn", cache=home.cache, min_face=MIN_FACE)
    return look_of_picture(open_picture(_content), detector, open_classifier(home=home))


def _whose() -> tuple[str, str]:
    """The catalogue's stamp, and what of the store is hidden from whoever asks."""
    store = app_state().store
    return store.catalogue.stamp(), store.scope


def catalogue() -> Catalogue:
    """The catalogue; read again when it has changed, and for what was measured meanwhile."""
    linked = app_state().store.catalogue.linked()
    return _catalogue(*_whose(), time.monotonic() // REMEASURED_S if linked else 0)


@st.cache_resource(max_entries=2, show_spinner="Reading the catalogue")
def _catalogue(stamp: str, scope: str, moment: float) -> Catalogue:
    return load_catalogue(app_state().store)


def removed() -> Catalogue:
    """What was taken out of the catalogue."""
    return _removed(*_whose())


@st.cache_resource(max_entries=2, show_spinner=False)
def _removed(stamp: str, scope: str) -> Catalogue:
    return removed_items(app_state().store)


@st.cache_resource(max_entries=2, show_spinner="Reading the table")
def table(_content: bytes, digest: str) -> Reading:
    """The items of a CSV file; ``digest`` stands for its content."""
    return read_catalogue(_content)
