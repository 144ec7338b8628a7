"""Every sentence that states a finding is checked against data, by numpy alone."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from fer_core.sentences import TEMPLATES
from tests.sentences import (
    answers,
    audiences,
    models,
    photographs,
    recommending,
    recordings,
    trainings,
)
from tests.sentences.case import Case

ROOT = Path(__file__).resolve().parents[2]
CASES = [
    *answers.CASES,
    *audiences.CASES,
    *models.CASES,
    *photographs.CASES,
    *recommending.CASES,
    *recordings.CASES,
    *trainings.CASES,
]


def modules_with_templates() -> list[str]:
    """Every module that imports ``Template``, found in the source, so that none is forgotten."""
    found = []
    for path in [*ROOT.glob("fer_core/**/*.py"), *ROOT.glob("dashboard/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            ours = isinstance(node, ast.ImportFrom) and node.module == "fer_core.sentences"
            if ours and "Template" in [one.name for one in node.names]:
                found.append(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return found


def test_every_template_has_a_check() -> None:
    for module in modules_with_templates():
        importlib.import_module(module)
    assert len(TEMPLATES) > 90
    assert sorted(TEMPLATES) == sorted({case.key for case in CASES})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_a_sentence_says_what_its_data_show(case: Case) -> None:
    said = case.say(case.data)
    read = TEMPLATES[case.key].read(said)
    assert read is not None, f"{said!r} is another template's"
    assert case.true(read, case.data), said
    assert not case.true(read, case.other), f"the check of {said!r} cannot fail"
