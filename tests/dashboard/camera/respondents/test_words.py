"""Respondents' texts: each in every language, chosen by the browser, and placeholders kept."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
from html import unescape
from importlib import import_module
from pathlib import Path

import pytest

from dashboard.camera.respondents import (
    camera_check,
    course_visits,
    refusals,
    routes,
    visits,
    words,
)
from fer_core.course import questions
from fer_core.law.notice import TO_FILL

PAGE = Path(routes.__file__).parent / "page"
CAMERA = PAGE.parents[1] / "connection" / "camera.js"
OTHERS = [one for one in words.NAMES if one != words.ENGLISH]
VISITS = [
    import_module(one.name) for one in pkgutil.iter_modules(visits.__path__, f"{visits.__name__}.")
]
#: Texts in the scripts that are no words: names of events, errors and keys.
NO_WORDS = re.compile(
    r"(Arrow|Enter|Not|Security|Abort|Overconstrained)[A-Z]\w*|Enter|Mobi|Mobile|Android|\w+-\w+"
)
#: What a respondent of a course never meets: a link of one film is English.
SPOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"')


def texts() -> set[str]:
    """Every text that a respondent's page may show."""
    found: set[str] = set()
    for path in (*sorted(PAGE.glob("*.js")), CAMERA):
        code = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.S)
        code = re.sub(r"^\s*//.*$", "", code, flags=re.M)
        found |= {one for one in SPOKEN.findall(code) if re.match(r"[A-Z{][^A-Z]*[a-z]", one)}
    found.add("those who sent you this link")
    body = (PAGE / "respondent.html").read_text("utf-8").partition("<body>")[2]
    body = re.sub(r"<script.*?</script>", "", body, flags=re.S)
    found |= {one.strip() for one in re.findall(r">([^<>{}]+)<", body) if one.strip()}
    for module in (camera_check, refusals, *VISITS, routes, questions, course_visits):
        found |= _sentences(inspect.getsource(module))
    return {unescape(one) for one in found if not NO_WORDS.fullmatch(one)}


def _sentences(source: str) -> set[str]:
    """String literals of Python code that are sentences for people."""
    tree = ast.parse(source)
    skip = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):  # what is written to the log is for nobody outside
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id == "log":
                skip |= {id(one) for one in ast.walk(node)}
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in skip
        and re.match(r"[A-Z][a-z]*[ .]?[a-z ]", node.value)
        and not re.search(r"[=/;:]|-\w+-", node.value)
    }


@pytest.mark.parametrize("language", OTHERS)
def test_no_text_is_missing_and_none_is_left_over(language: str) -> None:
    known = words.dictionary(language)
    assert texts() - set(known) == set()
    assert set(known) - texts() == set()
    for english, said in known.items():
        assert said.strip(), english
        assert set(re.findall(r"\{\w+\}", said)) == set(re.findall(r"\{\w+\}", english)), english


@pytest.mark.parametrize("language", OTHERS)
def test_consent_is_proposed_and_says_where_a_name_must_be(language: str) -> None:
    assert TO_FILL in words.usual_consent(language)
    assert words.reviewed_by(language) == "", "say who reviewed it, in the file"


@pytest.mark.parametrize(
    ("accepted", "gets"),
    [("de-AT, en;q=0.7", "de"), ("it, ar;q=0.8, de;q=0.9", "de"), ("ja", "en"), ("", "en"),
     ("de;q=x, ar", "ar")],
)  # fmt: skip
def test_the_browser_chooses_among_a_courses_languages(accepted: str, gets: str) -> None:
    assert words.choose(["en", "de", "ar"], "", accepted) == gets
    assert words.choose(["en", "de", "ar"], "ar", accepted) == "ar"


def test_arabic_is_written_from_the_right() -> None:
    assert {one: words.direction(one) for one in words.NAMES if words.direction(one) == "rtl"} == {
        "ar": "rtl"
    }
