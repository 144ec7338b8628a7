"""The demo study and its report, made once; tests that change a study make their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fer_core.home import Home
from fer_core.reports.compose import compose
from fer_core.reports.content import Content, gather
from fer_core.reports.document import Document
from fer_core.storage import Store, open_store
from fer_core.studies.membership import Study, find_study, load_study


@pytest.fixture(scope="session")
def store(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """For reading alone."""
    root = tmp_path_factory.mktemp("reports") / "home"
    shutil.copytree(demo_template, root)
    with open_store(Home(root), look_after=False) as opened:
        yield opened


@pytest.fixture(scope="session")
def study(store: Store) -> Study:
    return load_study(store, find_study(store, None))


@pytest.fixture(scope="session")
def content(store: Store, study: Study) -> Content:
    return gather(store, study)


@pytest.fixture(scope="session")
def document(content: Content) -> Document:
    return compose(content)
