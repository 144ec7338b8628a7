from __future__ import annotations

import re

import pytest

from fer_core.analytics.definitions import DEFINITIONS, definition
from fer_core.errors import SettingsError
from fer_core.measures import (
    MEASURES,
    SECOND_COLUMNS,
    TIMELINE_COLUMNS,
    find_measure,
    measure_versions,
)


def test_every_number_of_a_timeline_row_is_defined() -> None:
    geometry = {"session_id", "t_ms", "frame", "viewer", "x", "y", "w", "h", "score"}
    pose_and_reason = {"yaw", "pitch", "roll", "why_not"}
    assert set(TIMELINE_COLUMNS) - geometry - pose_and_reason <= set(DEFINITIONS)


def test_every_curve_is_a_column_of_a_viewers_second_with_bounds() -> None:
    for key in MEASURES:
        assert key in SECOND_COLUMNS
        assert definition(key).lowest < definition(key).highest < float("inf")


def test_a_definition_is_a_sentence_and_says_how_to_read_it() -> None:
    for one in DEFINITIONS.values():
        assert one.sentence.endswith(".")
        assert one.how_to_read.endswith(".")
        assert len(one.sentence) > 20


def test_the_formulas_in_words_carry_the_numbers_of_the_code() -> None:
    from fer_core.labels import EMOTIONS
    from fer_core.measures import ACTIVATION

    words = definition("activation").sentence
    for emotion, weight in zip(EMOTIONS, ACTIVATION):
        spoken = re.search(rf"{emotion}[^0-9]*([0-9.]*[0-9])", words)
        assert spoken is not None
        assert float(spoken[1]) == pytest.approx(weight)


def test_versions_are_what_a_stored_session_keeps() -> None:
    assert measure_versions()["engagement"] == "engagement/2"
    assert measure_versions(eyes=False)["engagement"] == "engagement/1"
    for key, label in measure_versions().items():
        assert definition(key).label == label


def test_an_unknown_measure_is_told_which_exist() -> None:
    with pytest.raises(SettingsError, match="boredom"):
        definition("boredom")
    with pytest.raises(SettingsError, match="valence"):
        find_measure("hook")
