"""`rapt batch`: its plan, its answer and its exit codes, by the real pipeline in real workers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fer_core.home import Home
from fer_core.storage import open_store
from tests.cli.conftest import QUICK
from tests.films import portrait_film

Rapt = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A list of two short films and a row that cannot be used."""
    for n in (1, 2):
        portrait_film(tmp_path / f"R0{n}.mp4", frames=10 + n)
    table = tmp_path / "clips.csv"
    table.write_text(
        "path,study,respondent,condition,offset,tags\n"
        "R01.mp4,Spring spot,R01,A,0.2,pilot\nR02.mp4,Spring spot,R02,B,,\ngone.mp4,,,,,\n"
    )
    return table


def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    rapt: Rapt, listed: Path, tmp_path: Path
) -> None:
    code, plan, said = rapt("batch", listed, *QUICK, "--dry-run", "--workers", "3")
    assert code == 1, "a row cannot be used"
    assert [one["fate"] for one in plan["recordings"]] == ["new", "new"]
    assert (plan["workers"], plan["recordings"][0]["offset_ms"]) == (3, 200)
    assert plan["problems"] == ["clips.csv, line 4: there is no file gone.mp4."]
    assert plan["problems"][0] in said
    with open_store(Home(tmp_path / "home")) as store:
        assert not store.jobs.list()


def test_a_list_is_analysed_once_and_each_session_is_where_it_belongs(
    rapt: Rapt, listed: Path, tmp_path: Path
) -> None:
    code, answer, said = rapt("batch", listed, *QUICK, "--workers", "2")
    assert code == 1
    assert list(answer) == ["workers", "seconds", "frames", "counts", "problems", "files"]
    assert (answer["frames"], answer["counts"]) == (23, {"done": 2})
    assert [one["frames"] for one in answer["files"]] == [11, 12]
    assert "line 4" in said
    assert "done" in said
    with open_store(Home(tmp_path / "home")) as store:
        first = store.sessions.get(answer["files"][0]["session_id"])
        assert (first.study, first.respondent, first.condition) == ("Spring spot", "R01", "A")
        assert (first.offset_ms, first.tags, first.frames) == (200, ("pilot",), 11)
    code, answer, _ = rapt("batch", tmp_path / "R0*.mp4", *QUICK)
    assert (code, answer["counts"], answer["frames"]) == (0, {"known": 2}, 0)
    assert [one["frames"] for one in answer["files"]] == [11, 12]


def test_nothing_to_analyse_is_told_in_one_line(rapt: Rapt, tmp_path: Path) -> None:
    for wrong in (tmp_path, tmp_path / "gone.mp4", tmp_path / "*.mp4"):
        code, answer, _ = rapt("batch", wrong)
        assert (code, set(answer)) == (1, {"error", "hint"})
