"""What the tests of the lab share: evaluated models, a store, sessions with kept faces."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fer_core.home import Home
from fer_core.jobs.evaluation import run_job
from fer_core.storage import Store, open_store
from tests.dashboard.pages import served
from tests.jobs.progress import Progress
from tests.lab import KeepFaces, Lab, plant_model
from tests.once import made_once
from tests.storage.kept import seen, write
from tests.storage.rows import record
from tests.training.sets import some_faces, write_csv

DATA = "set.csv"


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Two small models, both evaluated on the same 70 faces; whoever changes it changes it back."""
    made = made_once(tmp_path_factory, "lab", make_lab)
    home = Home(tmp_path_factory.mktemp("lab") / "home")
    shutil.copytree(made / "home", home.root)
    with open_store(home, look_after=False) as store:
        yield Lab(home, store, made / DATA)


def make_lab(folder: Path) -> None:
    home = Home(folder / "home")
    for name, seed in (("one", 3), ("two", 8)):
        plant_model(home, name, seed=seed)
    data = write_csv(
        folder / DATA, (some_faces(70), "Training"), (some_faces(70, seed=1), "PublicTest")
    )
    for name in ("one", "two"):
        run_job(home, {"model": name, "data": str(data), "neighbours": False}, Progress())


@pytest.fixture
def lab_pages(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """The pages show the home with two evaluated models."""
    with served(lab.home, monkeypatch):
        yield lab


@pytest.fixture
def keep_faces(home: Home, store: Store) -> KeepFaces:

    def keep(name: str, sure: tuple[float, ...]) -> None:
        record(home, name, frames=25 * len(sure), name=f"Session {name}")
        write(home, [seen(25 * n, p) for n, p in enumerate(sure)], session_id=name)
        store.sync()

    return keep
