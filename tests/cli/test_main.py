"""What every command has in common: help at once, one line on failure, one JSON document."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fer_core.cli import main as cli
from fer_core.errors import VideoError

INSTALLED = [name for name in cli.COMMANDS if any(Path(cli.__file__).parent.rglob(f"{name}.py"))]


HEAVY = {"numpy", "pandas", "duckdb", "pyarrow", "cv2", "av", "tensorflow", "streamlit"}
#: Runs the command line; what it imported is the last line of its errors.
PROGRAM = """
import sys
from fer_core.cli.main import main
code = main(sys.argv[1:])
print(*sys.modules, file=sys.stderr)
sys.exit(code)
"""


def helped(*args: str) -> str:
    """What ``--help`` says; it is there at once, for it imports nothing that is slow."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *args, "--help"], capture_output=True, text=True, check=True
    )
    imported = set(done.stderr.splitlines()[-1].split())
    assert "fer_core.cli.main" in imported
    assert sorted(HEAVY & imported) == []
    return done.stdout


def test_the_list_of_commands_imports_nothing_heavy() -> None:
    text = helped()
    assert all(name in text for name in INSTALLED)


@pytest.mark.parametrize("name", INSTALLED)
def test_a_commands_help_imports_nothing_heavy(name: str) -> None:
    text = helped(name)
    assert "--home" in text
    assert "--json" in text


@pytest.mark.parametrize("name", INSTALLED)
def test_the_line_in_the_list_is_how_the_commands_own_help_begins(name: str) -> None:
    own = (cli.load(name).help or "").strip().splitlines()[0]
    assert own == cli.COMMANDS[name]


def test_an_unknown_command_names_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["docter"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "'doctor'" in said.err


def test_an_unknown_option_is_one_line_and_exit_code_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["doctor", "--loud"]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("rapt: No such option: --loud")
    assert said.err.count("\n") == 1


def fail_with(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_home: object) -> None:
        raise error

    monkeypatch.setattr("fer_core.cli.upkeep.checks.run_checks", broken)


def test_an_error_is_one_line_with_its_hint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_with(VideoError("No video\nin here.", "Take another file."), monkeypatch)
    assert cli.main(["doctor"]) == 1
    said = capsys.readouterr()
    assert said.err == "rapt: No video in here. Take another file.\n"
    assert said.out == ""


def test_with_json_an_error_is_a_document_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_with(VideoError("No video.", "Take another file."), monkeypatch)
    assert cli.main(["doctor", "--json"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out) == {"error": "No video.", "hint": "Take another file."}


def test_a_traceback_shows_only_with_debug(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_with(ZeroDivisionError("a bug"), monkeypatch)
    assert cli.main(["doctor"]) == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert "--debug" in said
    assert cli.main(["--debug", "doctor"]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("before", [True, False])
def test_home_and_json_count_before_and_after_the_commands_name(
    before: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shared = ["--home", str(tmp_path), "--json"]
    assert cli.main([*shared, "doctor"] if before else ["doctor", *shared]) in (0, 1)
    assert json.loads(capsys.readouterr().out)["home"] == str(tmp_path)


def test_the_environment_names_the_home_where_no_option_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAPT_HOME", str(tmp_path / "from-environment"))
    cli.main(["doctor", "--json"])
    assert json.loads(capsys.readouterr().out)["home"] == str(tmp_path / "from-environment")


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("rapt ")
