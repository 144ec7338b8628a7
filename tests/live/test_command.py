"""`rapt live` as a person starts and ends it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from fer_core.cli.main import main
from fer_core.home import Home
from fer_core.live import Engines
from fer_core.storage import open_store
from fer_core.storage.timeline.session_file import read_session
from tests.films import portrait_film
from tests.waiting import until


def rapt(home: Home, *args: str | Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "fer_core.cli.main", "live", *map(str, args)]
    return subprocess.Popen(
        [*command, "--home", str(home.root)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def test_ctrl_c_ends_with_a_complete_session(
    live_home: Home, engines: Engines, tmp_path: Path
) -> None:
    film = portrait_film(tmp_path / "room.mp4", frames=50)
    child = rapt(live_home, film, "--loop", "--study", "Open day", "--condition", "A")
    assert child.stderr is not None
    lines = []
    while len(lines) < 3:
        lines.append(child.stderr.readline())
    child.send_signal(signal.SIGINT)
    said, _ = child.communicate(timeout=30)
    assert child.returncode == 0
    assert "1 person, 1 attending, engagement" in lines[-1]
    assert "“room”" in said
    session_id = said.split()[1]
    with open_store(live_home) as store:
        row = store.sessions.get(session_id)
        assert (row.status, row.kind, row.condition) == ("done", "live", "A")
        assert row.frames > 20
    session = read_session(live_home, session_id)
    assert session is not None
    assert session.summary.ended == "stopped"


def test_sigterm_does_too_beside_a_store_that_another_process_owns(
    live_home: Home, engines: Engines, tmp_path: Path
) -> None:
    film = portrait_film(tmp_path / "room.mp4", frames=50)
    with open_store(live_home) as owner:
        child = rapt(live_home, film, "--loop", "--json", "--name", "Hall 2", "--fps", "5")

        def taken_in() -> list[str]:
            found = owner.sessions.list()
            ids = found["session_id"][(found["name"] == "Hall 2") & (found["frames"] > 5)]
            return [str(one) for one in ids]

        (session_id,) = until(taken_in)  # the owner takes the timeline in while it runs
        child.terminate()
        said, errors = child.communicate(timeout=30)
        assert child.returncode == 0, errors
        document = json.loads(said)
        assert document["session_id"] == session_id
        assert document["fps"] <= 6  # a busy machine gives less than it was asked for
        assert owner.sessions.get(session_id).status == "done"
        assert owner.sessions.get(session_id).frames == document["frames"]


def test_no_camera_is_one_line(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    assert main(["live", "97", "--home", str(tmp_path)]) == 1
    assert "There is no camera /dev/video97." in capsys.readouterr().err
    assert main(["live", "0", "--fast", "--home", str(tmp_path)]) == 1
    assert "--loop and --fast are for files" in capsys.readouterr().err
