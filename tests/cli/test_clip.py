"""`rapt clip`: moments listed, chosen and made into a file; what cannot be made is said."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from fer_core.access.audit import AuditLog
from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.storage.studies import UpdateStimulus
from tests.films import portrait_film
from tests.long import only_long

Rapt = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def home(demo_template: Path, tmp_path: Path) -> Home:
    """The demo study, which watched two seconds of a face."""
    found = Home(tmp_path / "home")
    shutil.copytree(demo_template, found.root)
    film = portrait_film(tmp_path / "film.mp4", 50)
    with open_store(found) as store:
        for one in store.studies.stimuli():
            store.run(UpdateStimulus(stimulus_id=one.stimulus_id, path=str(film)))
    return found


@only_long
def test_moments_are_listed_and_a_stretch_becomes_a_file(
    rapt: Rapt, home: Home, tmp_path: Path
) -> None:
    code, listed, _ = rapt("clip", "--moments")
    assert code == 0
    assert set(listed[0]) == {"name", "from_ms", "to_ms", "why"}
    target = tmp_path / "one.mp4"
    code, made, _ = rapt("clip", "--span", "Face=0:00-0:01", "--of", "A", "--out", target)
    assert code == 0
    assert made["spans"] == [{"name": "Face", "from_ms": 0, "to_ms": 1000}]
    assert (made["path"], made["length_ms"], made["blurred_whole"]) == (str(target), 1000, 0)
    with av.open(str(target)) as film:
        assert film.streams.video[0].frames == made["frames"] == 25
    (written,) = AuditLog(home).read()
    assert (str(written.deed), written.kind, written.detail) == ("exported", "study", "clip")


def test_what_cannot_be_made_is_said_and_leaves_no_file(
    rapt: Rapt, home: Home, tmp_path: Path
) -> None:
    target = tmp_path / "never.mp4"
    span = ("--span", "0:00-0:01", "--out", target)
    session = rapt("sessions", "list")[1][0]["session_id"]
    for wrong, why in (
        (("--span", "x", "--out", target), "no stretch"),
        (("--span", "0:00-0:01", "--out", tmp_path / "a.mov"), "no clip as 'mov'"),
        (("--span", "0:20-0:21", "--out", target), "ends before"),
        (("--session", session, *span), "is gone"),
        (("--session", session, "--moments"), "of a study"),
        (("--span", "0:00-0:01", "--out", tmp_path / "no" / "a.mp4"), "No such file"),
    ):
        code, said, _ = rapt("clip", *wrong)
        assert code == 1, wrong
        assert why in said["error"], (wrong, said)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["film.mp4", "home"]
    assert AuditLog(home).read() == []
