"""`rapt analyze`: the contract of its answer, files that fail, going on, and stopping."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from fer_core.cli.main import main
from fer_core.home import Home
from fer_core.measures import TIMELINE_COLUMNS
from fer_core.storage import open_store
from tests.cli.conftest import QUICK
from tests.films import portrait_film
from tests.waiting import until

Rapt = Callable[..., tuple[int, Any, str]]
KEYS = [
    "path", "session_id", "status", "error", "duration_s", "frames", "frames_lost", "faces",
    "viewers", "quality", "fps",
]  # fmt: skip


def test_the_answer_has_the_keys_and_the_numbers_that_were_promised(
    rapt: Rapt, portrait: Path, tmp_path: Path
) -> None:
    code, answer, _ = rapt("analyze", portrait, *QUICK, "--out", tmp_path / "t.parquet")
    assert code == 0
    (result,) = answer
    assert list(result) == KEYS
    assert (result["path"], result["status"], result["error"]) == (str(portrait), "done", None)
    assert (result["frames"], result["frames_lost"], result["viewers"]) == (50, 0, 1)
    assert result["duration_s"] == pytest.approx(2.0)
    assert 0.6 <= result["quality"] <= 0.8  # the face is gone for a fifth of the time
    assert result["fps"] > 1
    timeline = pd.read_parquet(tmp_path / "t.parquet")
    assert list(timeline.columns) == list(TIMELINE_COLUMNS)
    seen = timeline[timeline["score"].notna()]
    assert len(seen) == result["faces"]
    assert set(timeline["session_id"]) == {result["session_id"]}
    assert not set(seen["frame"]) & set(range(21, 29))
    assert (timeline["t_ms"] == timeline["frame"] * 40).all()


def test_a_file_that_fails_does_not_stop_the_others(
    rapt: Rapt, portrait: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.mp4").write_text("shopping list")
    code, answer, _ = rapt(
        "analyze", tmp_path / "notes.mp4", tmp_path / "no.mp4", portrait, *QUICK, "--fps", "5"
    )
    assert code == 1
    assert [result["status"] for result in answer] == ["failed", "failed", "done"]
    assert "notes.mp4" in answer[0]["error"]
    assert "no file" in answer[1]["error"]
    assert [result["session_id"] is None for result in answer] == [True, True, False]
    assert answer[2]["frames"] == 10
    _, listed, _ = rapt("sessions", "list")
    assert [row["session_id"] for row in listed] == [answer[2]["session_id"]]


def test_a_picture_is_a_session_of_one_frame(rapt: Rapt, tmp_path: Path) -> None:
    import cv2
    from skimage.data import astronaut

    path = tmp_path / "portrait.png"
    cv2.imwrite(str(path), astronaut()[..., ::-1])
    code, (result,), _ = rapt("analyze", path, *QUICK)
    assert code == 0
    assert (result["frames"], result["viewers"], result["quality"]) == (1, 1, 1.0)


def test_wrong_names_are_told_once_and_before_any_work(
    portrait: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ["--home", str(tmp_path)]
    for wrong, word in (
        (["--detector", "psychic"], "haar"),
        (["--model", "nobody"], "no model"),
        (["--out", "timeline.doc"], ".parquet"),
        (["--fps", "0"], "above 0"),
    ):
        assert main(["analyze", str(portrait), str(portrait), *wrong, *home]) == 1
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.count("\n") == 1
        assert word in said.err
    assert not (tmp_path / "rapt.duckdb").exists()


def test_resume_leaves_out_what_is_done(rapt: Rapt, portrait: Path) -> None:
    _, (first,), _ = rapt("analyze", portrait, *QUICK, "--fps", "5")
    code, (again,), _ = rapt("analyze", portrait, *QUICK, "--fps", "5", "--resume")
    assert code == 0
    assert again == first
    _, (other,), _ = rapt("analyze", portrait, *QUICK, "--fps", "2", "--resume")
    assert other["session_id"] != first["session_id"], "other settings, another session"


def test_ctrl_c_keeps_what_is_there_and_resume_ends_it(rapt: Rapt, tmp_path: Path) -> None:
    path = portrait_film(tmp_path / "long.mp4", frames=150)
    home = Home(tmp_path / "home")
    command = [sys.executable, "-m", "fer_core.cli.main", "analyze", str(path), *QUICK]
    running = subprocess.Popen(
        [*command, "--home", str(home.root), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )

    def begun() -> bool:
        assert running.poll() is None
        return any(home.root.glob("sessions/*/session.json"))

    until(begun)
    os.kill(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 1
    assert "Traceback" not in err
    (stopped,) = json.loads(out)
    assert stopped["status"] == "failed"
    assert "--resume" in stopped["error"]
    with open_store(home) as store:
        store.sync()
        assert store.sessions.get(stopped["session_id"]).status == "cancelled"
    code, (result,), _ = rapt("analyze", path, *QUICK, "--resume")
    assert code == 0
    assert result["session_id"] == stopped["session_id"]
    assert result["frames"] == 150


def test_a_command_works_while_another_process_owns_the_store(
    portrait: Path, tmp_path: Path
) -> None:
    home = Home(tmp_path / "home")
    with open_store(home) as owner:
        done = subprocess.run(
            [sys.executable, "-m", "fer_core.cli.main", "analyze", str(portrait), *QUICK,
             "--fps", "5", "--home", str(home.root), "--json",
             "--out", str(tmp_path / "t.csv")],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        (result,) = json.loads(done.stdout)
        assert owner.is_owner
        # the owner has taken it in by the time the command ends
        assert owner.sessions.get(result["session_id"]).status == "done"
    rows = pd.read_csv(tmp_path / "t.csv")
    assert list(rows.columns) == list(TIMELINE_COLUMNS)
    assert len(rows) >= result["faces"]


def test_without_eyes_attention_is_that_of_the_head(
    rapt: Rapt, portrait: Path, tmp_path: Path
) -> None:
    code, answer, _ = rapt(
        "analyze", portrait, *QUICK, "--no-eyes", "--out", tmp_path / "t.parquet"
    )
    assert code == 0
    timeline = pd.read_parquet(tmp_path / "t.parquet")
    assert timeline["eyes_open"].isna().all()
    assert timeline["attention"].equals(timeline["facing"])
    _, shown, _ = rapt("sessions", "show", answer[0]["session_id"])
    assert shown["versions"]["attention"] == "attention/1"
    assert "eyes" not in shown


def test_a_viewers_eyes_are_told_of_a_session(rapt: Rapt, portrait: Path) -> None:
    _, answer, _ = rapt("analyze", portrait, *QUICK)
    _, shown, _ = rapt("sessions", "show", answer[0]["session_id"])
    (viewer,) = shown["eyes"]
    assert list(viewer) == ["viewer", "blink", "eyes_closed", "perclos", "eyes_away"]
    assert viewer["perclos"] is None  # of two seconds there is none
