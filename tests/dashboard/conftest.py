"""Homes for pages: empty, or with simulated sessions taken in once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fer_core.home import Home
from fer_core.storage import open_store
from tests.dashboard.pages import served
from tests.dashboard.simulated import Furnished, plant


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    home = Home(tmp_path_factory.mktemp("furnished"))
    one = plant(home, "Respondent 01", seconds=60, viewers=1, study="Ad test")
    many = plant(home, "The whole room", seconds=40, viewers=6, seed=3)
    with open_store(home, look_after=False) as store:
        store.sync()
        yield Furnished(store, home, one, many)


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
