"""`rapt law`: a purpose stated in the terminal, who answers for it, papers as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.storage.studies import AddStudy

Rapt = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def study(tmp_path: Path) -> str:
    with open_store(Home(tmp_path / "home"), look_after=False) as store:
        return store.run(AddStudy(name="Spring spot"))


def test_a_purpose_is_stated_shown_and_declined(rapt: Rapt, study: str) -> None:
    assert rapt("law", "purpose", "Spring spot")[1] == {"study_id": study, "stated": None}
    code, told, _ = rapt("law", "purpose", study, "product")
    assert (code, told["stated"]["purpose"]) == (0, "product")
    code, said, _ = rapt("law", "purpose", study, "work")
    assert code == 1
    assert "Article 5(1)(f)" in said["error"]
    code, told, _ = rapt(
        "law", "purpose", study, "work", "--exception", "safety", "--reason", "Cranes"
    )
    assert (code, told["stated"]["exception"], told["stated"]["reason"]) == (0, "safety", "Cranes")


def test_papers_are_written_and_who_answers_is_kept(rapt: Rapt, study: str, tmp_path: Path) -> None:
    code, who, _ = rapt("law", "responsible", "--name", "Acme", "--contact", "p@acme.example")
    assert (code, who["name"], who["contact"]) == (0, "Acme", "p@acme.example")
    assert rapt("law", "responsible", "--officer", "Maria Lind")[1]["name"] == "Acme"
    for paper in ("consent", "record", "assessment"):
        target = tmp_path / f"{paper}.html"
        code, told, _ = rapt("law", paper, study, "-o", target)
        assert (code, told["path"]) == (0, str(target))
        assert "p@acme.example" in target.read_text("utf-8")
    target = tmp_path / "notice.pdf"
    assert rapt("law", "notice", "-o", target, "--to", "https://a.example/r/1")[0] == 0
    assert target.read_bytes().startswith(b"%PDF-")
    assert rapt("law", "notice", "-o", tmp_path / "notice.doc")[0] == 1
