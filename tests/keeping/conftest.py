"""A home in which a person's name and face stand wherever they can stand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fer_core.files import sha256_of_file
from fer_core.home import Home
from fer_core.storage import ShardWriter, Store, open_store
from fer_core.storage.lab.labels import AddLabel, Verdict
from fer_core.storage.links import AddLink, Arm
from fer_core.storage.respondents import BeginResponse, MarkResponse, ResponseState
from fer_core.storage.studies import AddStimulus, AddStudy
from tests.storage.kept import seen
from tests.storage.rows import say

NAME = "Aurelia-Quickenborn"


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    """The owner of a fresh store; new files are taken when the test says ``sync``."""
    with open_store(home, look_after=False) as opened:
        yield opened


def film(home: Home, name: str, seed: int) -> Path:
    """An upload with bytes of its own."""
    path = home.uploads / f"{seed:016x}" / f"{name}.mp4"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(np.random.default_rng(seed).bytes(5000))
    return path


def planted(
    home: Home, store: Store, session_id: str, name: str, seed: int, **more: object
) -> Path:
    """A done session of a person with two viewers, kept faces, a label and a recording."""
    path = film(home, name, seed)
    about = {
        "name": name, "path": str(path), "digest": sha256_of_file(path), "respondent": name, **more,
    }  # fmt: skip
    say(home, session_id, **about)
    writer = ShardWriter(home, session_id)
    for frame in range(60):
        writer.add(seen(frame, 0.8, 0.6, viewers=(0, 1)))
    writer.flush({"last": 59})
    say(home, session_id, status="done", **about)
    store.sync()
    for viewer in (0, 1):
        store.run(
            AddLabel(
                item=f"{session_id}/0/{viewer}", source="session", session_id=session_id, frame=0,
                viewer=viewer, emotion="happy", verdict=Verdict.EMOTION, labeller=name,
            )
        )  # fmt: skip
    return path


def study_with(store: Store, name: str, shown: Path | None = None) -> tuple[str, str, str]:
    """A study with a stimulus and a link: their ids."""
    study = store.run(AddStudy(name=name, question=f"What does {name} show?"))
    stimulus = store.run(
        AddStimulus(title=f"{name}'s film", study_id=study, path=str(shown) if shown else None)
    )
    link = store.run(
        AddLink(study_id=study, title=name, consent=f"{name} asks", arms=(Arm(stimulus),))
    )
    return study, stimulus, link


def responded(store: Store, link: str, session_id: str, respondent: str) -> str:
    place = store.run(BeginResponse(link_id=link, consent="I agree", respondent=respondent))
    store.run(
        MarkResponse(
            response_id=place.response_id, state=ResponseState.DONE, session_id=session_id or None
        )
    )
    return place.response_id


def traces(root: Path, *patterns: bytes) -> list[str]:
    """Every file below a folder whose name or content holds one of the patterns."""
    found = []
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        content = path.read_bytes() if path.is_file() else b""
        if any(p in content or p in name.encode() for p in patterns):
            found.append(name)
    return found


def unpacked(archive: Path, folder: Path) -> Path:
    """A backup's content, as files."""
    import zipfile

    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    return folder
