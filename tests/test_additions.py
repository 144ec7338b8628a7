"""A measure, a format, a statistic, a page and a detector cost few files, and work everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.additions import ADDITIONS, Addition, tried
from tests.long import only_long


@pytest.mark.slow
@only_long  # two minutes; benchmarks.house counts and tries them too
@pytest.mark.parametrize("addition", ADDITIONS, ids=lambda one: one.name)
def test_it_takes_few_files_to_add(addition: Addition, tmp_path: Path) -> None:
    assert len(addition.files) <= addition.most, addition.files
    done = tried(addition, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@only_long
def test_an_addition_that_is_only_half_made_does_not_work(tmp_path: Path) -> None:
    """The programs fail where a thing is missing."""
    (page,) = (one for one in ADDITIONS if one.name == "a page")
    half = Addition(page.name, page.most, page.program, new=page.new)
    done = tried(half, tmp_path)
    assert done.returncode != 0
