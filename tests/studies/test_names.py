"""Respondents and conditions read from names, by the example of one."""

from __future__ import annotations

import pytest

from fer_core.studies.names import Part, guess, parts, read_by_example

LONG = "Wave two, agency north, recorded in the large room on the second floor, take after lunch, "


def marked(example: str, **fields: str) -> dict[str, Part]:
    """The first part of the example that says what each field should."""
    found = parts(example)
    return {
        field: next(part for part in found if part.of(example) == text)
        for field, text in fields.items()
    }


def read(names: list[str], example: str, **fields: str) -> list[tuple[str | None, ...]]:
    found = read_by_example(names, example, marked(example, **fields))
    return [(one.get("respondent"), one.get("condition")) for one in found]


def test_all_names_follow_the_pattern_of_one() -> None:
    names = ["R07_A_take2", "R08_B_take1", "r12-b", "notes"]
    assert read(names, "R07_A_take2", respondent="R07", condition="A") == [
        ("R07", "A"), ("R08", "B"), ("r12", "b"), (None, None),
    ]  # fmt: skip


def test_parts_of_one_word_are_told_apart_by_letters_and_digits() -> None:
    names = ["R7A", "P12B", "R7"]
    assert read(names, "R7A", respondent="R7", condition="A") == [
        ("R7", "A"), ("P12", "B"), (None, None),
    ]  # fmt: skip


def test_what_stands_at_the_end_of_long_names_is_found_however_they_begin() -> None:
    names = [f"{LONG}R07_A", "short R08 B"]
    assert len(names[0]) < 120 < 2 * len(names[0])
    found = read([LONG + names[0], names[1]], LONG + names[0], respondent="R07", condition="A")
    assert found == [("R07", "A"), ("R08", "B")]


def test_the_parts_of_a_name_are_its_words_and_their_runs() -> None:
    name = "R07A_take 2"
    assert [one.of(name) for one in parts(name)] == [
        "R07A", "R07", "R", "07A", "07", "A", "take", "2",
    ]  # fmt: skip
    assert read_by_example([name], name, {}) == [{}]


@pytest.mark.parametrize(
    ("names", "conditions", "expected"),
    [
        (["R07_A", "R08_B", "R09_A", "R10_B"], (), {"respondent": "R07", "condition": "A"}),
        (["P1 old x", "P2 new y"], ("Old", "New"), {"respondent": "P1", "condition": "old"}),
        (["IMG_0231", "IMG_0232"], (), {"respondent": "0231"}),
        (["spot", "spot again"], (), {}),
        (["R07_A"], (), {}),
    ],
)
def test_a_guess_is_made_from_how_names_differ(
    names: list[str], conditions: tuple[str, ...], expected: dict[str, str]
) -> None:
    found = guess(names, conditions)
    assert {field: part.of(names[0]) for field, part in found.items()} == expected
