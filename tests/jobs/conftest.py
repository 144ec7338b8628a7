"""A supervisor of jobs; how fast a finished model answers is measured briefly."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fer_core.evaluation import milliseconds_per_face
from fer_core.home import Home
from fer_core.jobs import training
from fer_core.jobs.supervisor import Supervisor
from fer_core.storage import Store
from tests.jobs.trial_queue import supervising


@pytest.fixture(autouse=True)
def timed_briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    def briefly(network: training.Classifier, *, seconds: float) -> dict[str, float]:
        return milliseconds_per_face(network, seconds=seconds / 50)

    monkeypatch.setattr(training, "milliseconds_per_face", briefly)


@pytest.fixture
def supervisor(store: Store, home: Home) -> Iterator[Supervisor]:
    with supervising(store, home) as watching:
        yield watching
