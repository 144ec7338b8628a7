"""The demo study, for pages and for what they are made of."""

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


@pytest.fixture(scope="module")
def demo(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store that holds the demo study: two versions of an ad, 24 viewers each."""
    root = tmp_path_factory.mktemp("demo-study") / "home"
    shutil.copytree(demo_template, root)
    with open_store(Home(root), look_after=False) as store:
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
