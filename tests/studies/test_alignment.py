from __future__ import annotations

import pytest

from fer_core.errors import DataError
from fer_core.storage import Store
from fer_core.storage.markers import AddMarkers
from fer_core.studies.alignment import BEGINNING, align, film_markers, marker_names, offsets
from fer_core.studies.membership import find_study, load_study


def mark(store: Store, session_id: str, name: str, *times: int) -> None:
    store.run(
        AddMarkers(
            session_id=session_id,
            markers=[{"name": name, "from_ms": one} for one in times],
        )
    )


def test_a_marker_says_where_the_film_begins(small_store: Store) -> None:
    study = load_study(small_store, find_study(small_store, None))
    one, two, third = (str(key) for key in study.sessions["session_id"].head(3))
    mark(small_store, one, "ad starts", 4200, 9000)  # the first of them counts
    mark(small_store, two, "ad starts", 3000)
    mark(small_store, third, "cough", 1000)
    assert marker_names(small_store, study) == {"ad starts": 2, "cough": 1}

    found = {o.session_id: o for o in offsets(small_store, study, "ad starts")}
    assert (found[one].then_ms, found[two].then_ms, found[third].then_ms) == (4200, 3000, None)
    assert "ad starts" in found[third].why_not
    before = small_store.timeline.seconds(one)["second"].min()
    assert align(small_store, list(found.values())) == 2
    study = load_study(small_store, study.study_id)
    assert align(small_store, offsets(small_store, study, "ad starts")) == 0
    assert small_store.sessions.get(one).offset_ms == 4200
    # its seconds are on the film's clock now: they begin before it
    assert (before, small_store.timeline.seconds(one)["second"].min()) == (0, -5)


def test_a_marker_can_be_put_on_a_place_of_the_film(small_store: Store) -> None:
    study = load_study(small_store, find_study(small_store, None))
    session_id = str(study.sessions["session_id"].iloc[0])
    mark(small_store, session_id, "logo seen", 30_500)
    names = film_markers(study)
    assert names[0] == BEGINNING
    place = next(mark for mark in study.markers if mark.name == names[-1])
    (found,) = [o for o in offsets(small_store, study, "logo seen", names[-1]) if o.then_ms]
    assert found.then_ms == 30_500 - place.from_ms
    nowhere = offsets(small_store, study, "logo seen", "no such place")
    assert all(one.then_ms is None for one in nowhere)
    with pytest.raises(DataError, match="has a marker"):
        offsets(small_store, study, "nothing")
