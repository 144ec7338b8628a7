"""A measure, a format, a statistic, a page and a detector cost few files, and work everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.additions import ADDITIONS, Addition, tried
from tests.long import ONLY_LONG

#: A measure goes from the pipeline to every page, export and report, a page through Streamlit; the
#: others are a row in a registry, and `make attack` tries them.
ALWAYS = ("a measure", "a page")


@pytest.mark.slow
@pytest.mark.parametrize(
    "addition",
    [pytest.param(one, marks=() if one.name in ALWAYS else ONLY_LONG) for one in ADDITIONS],
    ids=lambda one: one.name,
)
def test_it_takes_few_files_to_add(addition: Addition, tmp_path: Path) -> None:
    assert len(addition.files) <= addition.most, addition.files
    done = tried(addition, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_an_addition_that_is_only_half_made_does_not_work(tmp_path: Path) -> None:
    """The programs fail where a thing is missing."""
    (page,) = (one for one in ADDITIONS if one.name == "a page")
    half = Addition(page.name, page.most, page.program, new=page.new)
    done = tried(half, tmp_path)
    assert done.returncode != 0
