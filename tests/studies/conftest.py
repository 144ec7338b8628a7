"""The demo study in a store, made once; tests that change it make their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fer_core.analytics.simulate import SimulatedStudy, simulate_study
from fer_core.home import Home
from fer_core.storage import Store, open_store
from fer_core.studies.demo import plant_demo
from fer_core.studies.membership import Study, load_study
from tests.demo import copy_of


def a_few(viewers: int = 3) -> SimulatedStudy:
    """The demo with few viewers: quick to plant where the numbers do not matter."""
    whole = simulate_study(viewers=viewers)
    return replace(whole, name="A few (simulated)")


@pytest.fixture(scope="session")
def demo_store(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """For reading alone: all tests of the run share it."""
    with copy_of(demo_template, tmp_path_factory.mktemp("studies")) as store:
        yield store


@pytest.fixture(scope="session")
def demo_study(demo_store: Store) -> Study:
    return load_study(demo_store, demo_store.studies.list()[0].study_id)


@pytest.fixture
def small_store(home: Home) -> Iterator[Store]:
    """A study of six sessions that a test may change."""
    with open_store(home, look_after=False) as store:
        plant_demo(store, study=a_few())
        yield store
