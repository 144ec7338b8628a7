"""Homes for pages: empty, with simulated sessions, with the demo study."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from fer_core.home import Home
from fer_core.measures import MEASURES
from fer_core.storage import Store, open_store
from fer_core.studies.membership import Study, find_study, load_study
from fer_core.studies.seconds import study_seconds
from tests.dashboard.pages import served
from tests.dashboard.simulated import Furnished, plant
from tests.demo import copy_of
from tests.once import made_once


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    made = made_once(tmp_path_factory, "furnished-home", furnish)
    home = Home(tmp_path_factory.mktemp("furnished") / "home")
    shutil.copytree(made, home.root)
    with open_store(home, look_after=False) as store:
        named = store.sessions.list().set_index("name")["session_id"]
        yield Furnished(store, home, named["Respondent 01"], named["The whole room"])


def furnish(folder: Path) -> None:
    home = Home(folder)
    plant(home, "Respondent 01", seconds=60, viewers=1, study="Ad test")
    plant(home, "The whole room", seconds=40, viewers=6, seed=3)
    with open_store(home, look_after=False) as store:
        store.sync()


@pytest.fixture
def furnished_home(furnished: Furnished, monkeypatch: pytest.MonkeyPatch) -> Iterator[Furnished]:
    """The pages show the furnished home."""
    with served(furnished.home, monkeypatch):
        yield furnished


@pytest.fixture
def empty_home(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """The pages show a home without anything in it."""
    with served(home, monkeypatch):
        yield home


@pytest.fixture(scope="module")
def demo(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store that holds the demo study: two versions of an ad, 24 viewers each."""
    with copy_of(demo_template, tmp_path_factory.mktemp("demo-study")) as store:
        yield store


@pytest.fixture(scope="module")
def study(demo: Store) -> Study:
    return load_study(demo, find_study(demo, None))


@pytest.fixture(scope="module")
def seconds(demo: Store, study: Study) -> pd.DataFrame:
    """Every second of the study's sessions, with all measures."""
    return study_seconds(demo, study.counted, MEASURES)


@pytest.fixture
def demo_pages(demo: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The pages show the demo study's home."""
    with served(demo.home, monkeypatch):
        yield demo
