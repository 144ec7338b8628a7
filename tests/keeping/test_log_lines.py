"""The log as JSON lines: what it keeps, and that no personal data reach it."""

from __future__ import annotations

import ast
import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fer_core.keeping.log_lines import JsonLines
from fer_core.storage.ids import new_id

PROJECT = Path(__file__).resolve().parents[2]
#: A person's name as a session's, a file's and a folder's.
PLANTED = "Anneliese Mustermann"


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, Any]]:
    """A logger of ours, and what reads its lines."""
    into = io.StringIO()
    handler = logging.StreamHandler(into)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("fer_core.test_log_lines")
    logger.addHandler(handler)
    logger.propagate = False
    yield logger, lambda: [json.loads(line) for line in into.getvalue().splitlines()]
    logger.removeHandler(handler)


def test_ids_and_numbers_are_kept_and_every_other_word_is_not(log: Any) -> None:
    logger, lines = log
    session = new_id("session")
    logger.error("Session %s of %s at %s: %d", session, PLANTED, f"/home/{PLANTED}", 7)
    logger.error("The thread %s ended.", "keeper", extra={"named": "keeper"})
    one, other = lines()
    assert one["event"] == "Session %s of %s at %s: %d"
    assert (one["ids"], one["numbers"], one["level"]) == ([session], [7], "error")
    assert other["named"] == "keeper"
    assert "ids" not in other
    assert "Anneliese" not in json.dumps([one, other])


@pytest.mark.parametrize("almost", ["anneliese", "annelieseabcd", "Session_12345", "s" * 13 + "x"])
def test_a_name_that_looks_like_an_id_is_none(log: Any, almost: str) -> None:
    logger, lines = log
    logger.error("%s", almost)
    assert "ids" not in lines()[0]


def test_an_exception_is_told_by_class_and_place(log: Any) -> None:
    logger, lines = log
    try:
        try:
            raise FileNotFoundError(f"/home/{PLANTED}/film.mp4")
        except OSError as error:
            raise ValueError(PLANTED) from error
    except ValueError:
        logger.exception("It failed.")
    (line,) = lines()
    assert line["error"] == ["ValueError", "FileNotFoundError"]
    assert line["at_code"][-1].startswith(f"{__name__}:")
    assert "Anneliese" not in json.dumps(line)


def test_what_other_libraries_say_is_left_out() -> None:
    record = logging.LogRecord(
        "uvicorn.error", logging.INFO, "/x/server.py", 7, "GET /home/%s", (PLANTED,), None
    )
    line = json.loads(JsonLines().format(record))
    assert line["where"] == "server:7"
    assert "event" not in line
    assert "Anneliese" not in json.dumps(line)


def test_our_messages_are_constants() -> None:
    """A message that is put together before it is logged would carry what it was made of."""
    found = 0
    for folder in ("fer_core", "dashboard", "pages"):
        for path in (PROJECT / folder).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (
                    isinstance(call, ast.Call)
                    and isinstance(call.func, ast.Attribute)
                    and isinstance(call.func.value, ast.Name)
                    and call.func.value.id == "log"
                    and hasattr(logging.Logger, call.func.attr)
                ):
                    found += 1
                    assert isinstance(call.args[0], ast.Constant), f"{path}:{call.lineno}"
    assert found > 30


def test_nothing_planted_reaches_the_log_of_a_server_with_damaged_things(tmp_path: Path) -> None:
    """A real process: damaged session, order and job that bear a name; a route that fails."""
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(tmp_path / PLANTED), PLANTED],
        capture_output=True, text=True, timeout=300, check=True, cwd=PROJECT,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    said = done.stderr.casefold()
    for part in (*PLANTED.casefold().split(), str(tmp_path).casefold()):
        assert part not in said
    faults = [name for line in lines for name in line.get("error", [])]
    assert "KeyError" in faults
    assert any(line.get("event") == "A request to %s failed" for line in lines)
    assert any("Nobody expected" in line.get("event", "") for line in lines)


_SCRIPT = """
import asyncio, json, sys, threading
from pathlib import Path
from dashboard.shared.web import json_log
json_log.take_over()
import streamlit.logger
from dashboard.shared.web.requests import RequestRefused, errors_as_json
from dashboard.state import AppState
from fer_core.home import Home
from starlette.requests import Request
home, name = Home(Path(sys.argv[1])), sys.argv[2]
for session, text in (("s1", '{"status": ["done"], "name": "%s"}'), ("s2", '{"name": "%s",')):
    home.session(session).mkdir(parents=True)
    (home.session(session) / "session.json").write_text(text % name)
home.inbox.mkdir(parents=True)
(home.inbox / f"{name}.json").write_text('{"command": "%s"}' % name)
(home.inbox / "o1.json").write_text('{"command": "add_study", "payload": {"nam": "%s"}}' % name)
state = AppState(home)
state.whole_store.sync()
async def broken(request):
    raise KeyError(name)
scope = {"type": "http", "method": "GET", "path": f"/clip/{name}", "headers": [],
         "query_string": b"", "server": ("x", 1), "scheme": "http"}
answer = errors_as_json(broken, RequestRefused("Sorry.", ""))
asyncio.run(answer(Request(scope)))
streamlit.logger.get_logger("streamlit.later").warning("%s", name)
thread = threading.Thread(target=lambda: Path(f"/{name}").read_bytes())
thread.start(); thread.join()
state.close()
"""
