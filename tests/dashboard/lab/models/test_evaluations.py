"""Evaluations as jobs."""

from __future__ import annotations

import pytest

from dashboard.lab.models import evaluations
from dashboard.shared.queue.jobs import cancel
from fer_core.errors import DataError
from tests.lab import Lab


def test_what_is_typed_is_refused_in_words(lab: Lab) -> None:
    home, store, data = lab
    with pytest.raises(DataError, match="No data set was given"):
        evaluations.evaluate(store, "one", "  ")
    assert evaluations.data_sets(store, home) == [str(data)]
    job = evaluations.evaluate(store, "one", f'"{data}"')
    (shown,) = evaluations.shown(store)
    assert (shown.title, shown.active) == ("one on set.csv", True)
    cancel(store, job)
    assert evaluations.shown(store) == []
