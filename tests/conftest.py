"""Fixtures shared by all tests."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from fer_core.home import Home
from tests.once import made_once

if TYPE_CHECKING:
    from fer_core.storage import Store

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# As the server has it, whose settings stand in its folder: no collection of all garbage after every
# run of a page, which takes a second beside all modules of the tests.
os.environ.setdefault("STREAMLIT_RUNNER_POST_SCRIPT_GC", "false")
# How fast a machine is decides no test.
settings.register_profile("rapt", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("rapt")

PROJECT = Path(__file__).resolve().parents[1]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, so that no process ends with one while the others wait."""
    slow = {one.path for one in items for name in ("e2e", "slow") if one.get_closest_marker(name)}
    items.sort(key=lambda one: one.path not in slow)


def pytest_collection_finish() -> None:
    """The collector of garbage need not look through modules and tests again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The public data sets and clips beside the project; a user's machine has none."""
    folder = PROJECT.parent / "shared"
    if not (folder / "data" / "fer2013" / "fer2013.py").exists():
        pytest.skip("the public data beside the project (../shared) is not on this machine")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A fresh, empty home."""
    return Home(tmp_path / "home")


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose store has nothing in it, made once a run: copy it, never open it."""
    from fer_core.storage import open_store

    def make(folder: Path) -> None:
        with open_store(Home(folder), look_after=False):
            pass

    return made_once(tmp_path_factory, "empty-home", make)


@pytest.fixture
def store(home: Home, empty_store: Path) -> Iterator[Store]:
    """An empty store of this test's own. It is its owner; files are taken when it says ``sync``."""
    from fer_core.storage import open_store

    home.root.mkdir(parents=True, exist_ok=True)
    shutil.copy(Home(empty_store).database, home.database)
    with open_store(home, look_after=False) as opened:
        yield opened


@pytest.fixture(scope="session")
def face_networks(request: pytest.FixtureRequest) -> Path:
    """A cache with the exported face networks. TensorFlow makes them once for all processes."""
    from fer_core.faces.networks import load_networks

    cache = request.config.cache
    assert cache is not None
    folder = Path(cache.mkdir("face-networks"))
    load_networks(folder)
    return folder


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample clip, drawn and encoded once a run: six seconds of a core."""
    from fer_core.video import sample_clip

    def make(folder: Path) -> None:
        sample_clip(folder / "sample.mp4")

    return made_once(tmp_path_factory, "sample-clip", make) / "sample.mp4"


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the demo study, made once a run: copy it, never open it."""
    from fer_core.storage import open_store
    from fer_core.studies.demo import plant_demo

    def make(folder: Path) -> None:
        with open_store(Home(folder), look_after=False) as store:
            plant_demo(store)

    return made_once(tmp_path_factory, "demo-home", make)
