"""The area drawn on the map of faces, as the browser sends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import streamlit as st

from dashboard.lab.mistakes.face_map import drawn
from fer_core.evaluation.face_map import MOST_CORNERS


@pytest.fixture
def sent() -> Iterator[Callable[[object], None]]:
    def send(area: object) -> None:
        st.session_state["map"] = {"area": area}

    yield send
    del st.session_state["map"]


def test_corners_come_as_they_were_drawn(sent: Callable[[object], None]) -> None:
    sent([[0, 0], [1, 0], [0.5, 1]])
    np.testing.assert_array_equal(drawn("map"), np.float32([[0, 0], [1, 0], [0.5, 1]]))


@pytest.mark.parametrize(
    "area",
    [None, "all", [[0, 0], [1, 1]], [[0, 0], [1, 0], [1]], [[0, 0], [1, 0], [1, None]],
     [[0, 0, 0]] * 3, [[0, 0]] * (MOST_CORNERS + 1)],
)  # fmt: skip
def test_what_is_no_area_is_none(area: object, sent: Callable[[object], None]) -> None:
    sent(area)
    assert drawn("map") is None


def test_before_anything_is_drawn_there_is_none() -> None:
    assert drawn("another map") is None
