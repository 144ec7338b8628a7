"""Trainings of seconds: how fast the finished model answers is measured briefly."""

from __future__ import annotations

import pytest

from fer_core.evaluation import milliseconds_per_face
from fer_core.jobs import training


@pytest.fixture(autouse=True)
def timed_briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    def briefly(network: training.Classifier, *, seconds: float) -> dict[str, float]:
        return milliseconds_per_face(network, seconds=seconds / 50)

    monkeypatch.setattr(training, "milliseconds_per_face", briefly)
