"""What counts as an answer, by the cases that the respondent's page is held to as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fer_core.course.questions import (
    LONGEST_TEXT,
    Among,
    Choice,
    Question,
    QuestionKind,
    checked,
    wrong,
)
from fer_core.storage.codec import from_json

CASES = json.loads(Path(__file__).with_name("answers.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["question"]["kind"])
def test_each_kind_takes_its_answers_and_no_others(case: dict[str, Any]) -> None:
    question = from_json({"name": "q", "text": {}, **case["question"]}, Question)
    assert [wrong(question, value) for value, _ in case["cases"]] == [
        why for _, why in case["cases"]
    ]


def test_a_text_has_an_end() -> None:
    question = Question("q", QuestionKind.TEXT, {})
    assert wrong(question, "x" * LONGEST_TEXT) == ""
    assert wrong(question, "x" * (LONGEST_TEXT + 1)) == "This text is too long."


def test_what_is_not_shown_keeps_no_answer_and_is_not_asked_for() -> None:
    yes_no = (Choice("yes"), Choice("no"))
    questions = [
        Question("dog", QuestionKind.ONE, {}, yes_no),
        Question("breed", QuestionKind.TEXT, {}, shown_if=Among("dog", ("yes",))),
        Question("older", QuestionKind.TEXT, {}, shown_if=Among("age", ("18-29",))),
    ]
    kept, found = checked(questions, {"dog": "no", "breed": "Pug", "other": 1}, {})
    assert (kept, found) == ({"dog": "no"}, {})
    _, found = checked(questions, {"dog": "yes"}, {"age": "18-29"})
    assert set(found) == {"breed", "older"}
    assert checked(questions, {"dog": "yes", "breed": 7}, {}, late=True) == ({"dog": "yes"}, {})
