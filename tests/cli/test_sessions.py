"""`rapt sessions`, `export`, `demo` and `doctor` on a home with a session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from fer_core.cli.main import main
from fer_core.cli.upkeep import checks
from fer_core.files import read_json, write_json
from fer_core.home import Home
from fer_core.jobs.analysis import begin_session
from fer_core.jobs.analysis_spec import AnalysisSpec
from fer_core.measures import TIMELINE_COLUMNS
from fer_core.storage import open_store
from tests.cli.conftest import QUICK

Rapt = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def session(rapt: Rapt, portrait: Path) -> str:
    _, (result,), _ = rapt("analyze", portrait, *QUICK, "--fps", "5", "--study", "Spring")
    return str(result["session_id"])


def test_the_list_has_the_keys_that_were_promised(rapt: Rapt, session: str) -> None:
    code, listed, _ = rapt("sessions", "list")
    assert code == 0
    assert [list(row) for row in listed] == [
        ["session_id", "name", "kind", "created", "duration_s", "viewers", "quality"]
    ]
    assert listed[0]["session_id"] == session
    assert (listed[0]["name"], listed[0]["kind"]) == ("portrait", "file")
    assert rapt("sessions", "list", "--study", "Spring")[1] == listed
    assert rapt("sessions", "list", "--study", "Autumn")[1] == []


def test_a_session_is_found_by_id_by_its_start_and_by_name(rapt: Rapt, session: str) -> None:
    for called in (session, session[:8], "portrait"):
        code, shown, _ = rapt("sessions", "show", called)
        assert code == 0
        assert shown["session_id"] == session
        assert shown["study"] == "Spring"
        assert shown["settings"]["detector"] == "haar"
    code, answer, err = rapt("sessions", "show", "nobody")
    assert code == 1
    assert "nobody" in answer["error"]
    assert "sessions list" in err


def test_a_session_is_renamed_and_deleted(
    rapt: Rapt, session: str, portrait: Path, tmp_path: Path
) -> None:
    assert rapt("sessions", "rename", session, " Take one ")[1]["name"] == "Take one"
    assert rapt("sessions", "list")[1][0]["name"] == "Take one"
    code, answer, _ = rapt("sessions", "delete", "Take one")
    assert code == 1
    assert "--yes" in answer["hint"]
    assert rapt("sessions", "delete", "Take one", "--yes")[0] == 0
    assert rapt("sessions", "list")[1] == []
    assert not Home(tmp_path / "home").session(session).exists()
    assert portrait.exists(), "a film that was not uploaded stays where it is"


def test_an_export_has_every_row_in_every_format(rapt: Rapt, session: str, tmp_path: Path) -> None:
    with open_store(Home(tmp_path / "home")) as store:
        rows = store.timeline.rows(session)
    read: dict[str, Callable[[Path], pd.DataFrame]] = {
        "csv": pd.read_csv,
        "parquet": pd.read_parquet,
        "xlsx": lambda path: pd.read_excel(path, sheet_name="timeline"),
    }
    for form, reader in read.items():
        target = tmp_path / f"out.{form}"
        code, answer, _ = rapt("export", session, "--out", target)
        assert code == 0
        assert answer["rows"] == len(rows)
        table = reader(target)
        assert list(table.columns) == list(TIMELINE_COLUMNS)
        pd.testing.assert_series_equal(
            table["p_happy"], rows["p_happy"], check_dtype=False, rtol=1e-5
        )
        assert table["viewer"].tolist() == rows["viewer"].tolist()
    sheets = set(openpyxl.load_workbook(tmp_path / "out.xlsx").sheetnames)
    assert {"seconds", "scenes", "viewers", "timeline", "method"} <= sheets


def test_a_format_without_a_file_writes_the_sessions_name_here(
    rapt: Rapt, session: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert rapt("export", session, "--format", "parquet")[0] == 0
    assert (tmp_path / "portrait.parquet").exists()
    code, answer, _ = rapt("export", session, "--out", "notes.doc")
    assert code == 1
    assert ".doc" in answer["error"]
    assert not (tmp_path / "notes.doc").exists()


def test_people_get_a_table_and_a_hint_where_there_is_nothing(
    session: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sessions", "list", "--home", str(tmp_path / "home")]) == 0
    said = capsys.readouterr().out
    assert session in said
    assert "Quality" in said
    assert main(["sessions", "list", "--home", str(tmp_path / "empty")]) == 0
    assert "rapt demo" in capsys.readouterr().err


def test_a_demo_is_not_made_where_there_is_a_session(rapt: Rapt, session: str) -> None:
    code, answer, err = rapt("demo")
    assert code == 0
    assert answer["status"] == "skipped"
    assert "--force" in err
    assert rapt("demo", "--if-empty")[2] == ""


def test_the_doctor_finds_this_installation_sound(rapt: Rapt, session: str) -> None:
    code, answer, _ = rapt("doctor")
    found = {check["name"]: check for check in answer["checks"]}
    assert {"python", "packages", "video", "faces", "models", "store", "disk"} <= set(found)
    wrong = [check for check in answer["checks"] if check["status"] == "fail"]
    assert (code, answer["ok"], wrong) == (0, True, [])
    assert found["store"]["message"].startswith("1 sessions")


def test_the_doctor_tells_of_an_analysis_that_was_cut_short(home: Home, tmp_path: Path) -> None:
    begin_session(home, AnalysisSpec.new(tmp_path / "long.mp4"), "digest")
    found = checks.interrupted(home)
    assert found.status == "warn"
    assert "long" in found.message
    assert "--resume" in found.advice


@pytest.fixture
def damaged(home: Home) -> Home:
    """A home whose own model is not the file that its card describes."""
    from fer_core.zoo import find_model

    stored = find_model()
    home.models.mkdir(parents=True)
    write_json(home.models / "mine.json", read_json(stored.folder / f"{stored.card.name}.json"))
    for entry in stored.card.files.values():
        (home.models / entry.name).write_bytes(b"not the model")
    return home


def test_the_doctor_notices_a_model_whose_file_is_another(damaged: Home) -> None:
    found = checks.models(damaged)
    assert found.status == "fail"
    assert "SHA-256" in found.message
    assert found.advice


def test_the_doctor_goes_on_when_one_check_cannot_be_made(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fer_core.errors import StoreError

    def broken(_home: Home) -> checks.DoctorCheck:
        raise StoreError("The store is not readable.", "Copy it aside.")

    monkeypatch.setattr(checks, "CHECKS", (broken, checks.python))
    first, second = checks.run_checks(home)
    assert (first.status, first.message, first.advice) == (
        "fail", "The store is not readable.", "Copy it aside.",
    )  # fmt: skip
    assert second.status == "ok"
