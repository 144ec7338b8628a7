"""The demo study and its report, made once; tests that change a study make their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fer_core.reports.compose import compose
from fer_core.reports.content import Content, gather
from fer_core.reports.document import Document
from fer_core.storage import Store
from fer_core.studies.membership import Study, find_study, load_study
from tests.demo import copy_of


@pytest.fixture(scope="session")
def store(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """For reading alone."""
    with copy_of(demo_template, tmp_path_factory.mktemp("reports")) as opened:
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
