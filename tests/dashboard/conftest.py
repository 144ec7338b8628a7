"""A home with simulated sessions, taken in once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from fer_core.home import Home
from fer_core.storage import Store, open_store
from tests.dashboard.simulated import plant


@dataclass
class Furnished:
    store: Store
    home: Home
    one: str  # a session of one viewer, away for a while
    many: str  # a session of six


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    home = Home(tmp_path_factory.mktemp("furnished"))
    one = plant(home, "Respondent 01", seconds=60, viewers=1, study="Ad test")
    many = plant(home, "The whole room", seconds=40, viewers=6, seed=3)
    with open_store(home, look_after=False) as store:
        store.sync()
        yield Furnished(store, home, one, many)
