"""`rapt report` and `rapt export --study`: the same numbers as `rapt compare`."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

Rapt = Callable[..., tuple[int, Any, str]]


def test_the_report_has_the_numbers_of_compare(
    rapt: Rapt, demo_template: Path, tmp_path: Path
) -> None:
    shutil.copytree(demo_template, tmp_path / "home")
    compared = rapt("compare", "A", "B")[1]
    html, pdf = tmp_path / "r.html", tmp_path / "r.pdf"
    code, told, _ = rapt("report", "--out", html, "--out", pdf)
    assert code == 0
    assert told["comparisons"] == [compared], "span by span, scene by scene, digit by digit"
    assert told["finding"] == [compared["sentence"]]
    assert told["simulated"] is True
    assert told["paths"] == [str(html), str(pdf)]
    page = html.read_text(encoding="utf-8")
    found = re.search(r'id="rapt-data">(.*?)</script>', page, re.S)
    assert found is not None
    assert json.loads(found.group(1))["comparisons"] == [compared]
    assert compared["sentence"] in page
    assert pdf.read_bytes().startswith(b"%PDF-")

    measure = ("--measure", "p_happy", "--baseline")
    compared = rapt("compare", "B", "A", *measure)[1]
    groups = ("--compare", "B", "--compare", "A")
    told = rapt("report", "--out", html, *groups, *measure, "--minimum", "1")[1]
    assert told["comparisons"] == [compared]
    assert (told["minimum"], told["baseline"]) == (1, True)

    code, said, _ = rapt("report", "--out", tmp_path / "r.doc")
    assert code == 1
    assert said == {
        "error": "There is no report as '.doc'.",
        "hint": "End the file's name in .html or .pdf or .pptx.",
    }
    assert rapt("report", "--no-compare", *groups)[0] == 1


def test_a_study_is_exported_in_every_format(
    rapt: Rapt, demo_template: Path, tmp_path: Path
) -> None:
    shutil.copytree(demo_template, tmp_path / "home")
    name = "Demo: one ad, two versions (simulated)"
    rows = {}
    for form in ("csv", "eaf"):
        code, told, _ = rapt("export", "--study", name, "--out", tmp_path / f"s.{form}")
        assert code == 0
        assert Path(told["path"]).stat().st_size > 1000
        rows[form] = told["rows"]
    assert rows["csv"] == 48 * 30
    figures = ("export", "--study", name, "-f", "svg", "-o", tmp_path / "figures")
    code, told, _ = rapt(*figures, "--measure", "attention")
    assert code == 0
    assert [Path(one).name for one in told["paths"]] == [
        "compare-attention.svg", "expressions-groups.svg", "all-viewers-attention.svg",
    ]  # fmt: skip
    assert all("SIMULATED" in Path(one).read_text(encoding="utf-8") for one in told["paths"])
    code, said, _ = rapt("export")
    assert code == 1
    assert said["error"] == "Name one thing to export."
    told = rapt("export", "--study", name, "-o", tmp_path / "x.eaf", "--stimulus", "Nothing")[1]
    assert "has no stimulus 'Nothing'" in told["error"]
