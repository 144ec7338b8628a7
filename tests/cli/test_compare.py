from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

Rapt = Callable[..., tuple[int, Any, str]]


def test_the_demo_study_is_completed_once_and_compared(
    rapt: Rapt, demo_template: Path, tmp_path: Path
) -> None:
    shutil.copytree(demo_template, tmp_path / "home")
    listed = rapt("sessions", "list", "--limit", "1")[1]
    assert rapt("sessions", "delete", listed[0]["session_id"], "--yes")[0] == 0
    code, made, _ = rapt("demo", "--study")
    assert code == 0
    assert made["sessions_added"] == 1
    assert made["simulated"] is True
    assert rapt("demo", "--study")[1]["sessions_added"] == 0

    code, found, _ = rapt("compare", "A", "B")
    assert code == 0
    assert {"a", "b", "n_a", "n_b", "clusters", "scenes", "sentence"} <= set(found)
    assert (found["a"], found["b"], found["n_a"], found["n_b"]) == ("A", "B", 24, 24)
    assert found["simulated"] is True
    spans = {(one["measure"], one["from_ms"], one["to_ms"]) for one in found["clusters"]}
    assert ("attention", 12_000, 19_000) in spans
    assert ("valence", 24_000, 28_000) in spans
    assert {one["from_ms"] for one in found["clusters"]} == {12_000, 24_000}
    assert all(one["p"] < 0.05 and one["effect"] < 0 for one in found["clusters"])
    assert "from 0:12 to 0:19" in found["sentence"]
    assert len(found["scenes"]) == 6 * 3

    code, found, _ = rapt("compare", "A", "B", "--study", made["name"], "--measure", "p_happy")
    assert code == 0
    assert {one["measure"] for one in found["clusters"]} == {"p_happy"}
    assert [one["from_ms"] for one in found["clusters"]] == [24_000]

    code, said, error = rapt("compare", "A", "C")
    assert code == 1
    assert "nobody who counts in 'C'" in said["error"]
    assert "It has A, B." in error
    assert rapt("compare", "A", "B", "--measure", "joy")[0] == 1


def test_without_a_study_it_says_how_to_get_one(rapt: Rapt) -> None:
    code, said, _ = rapt("compare", "A", "B")
    assert code == 1
    assert said == {
        "error": "There is no study here.",
        "hint": "`rapt demo --study` makes one to look at.",
    }
