"""Links for respondents: who gets which film, and when a link no longer holds."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from fer_core.errors import StoreError
from fer_core.storage import Store
from fer_core.storage.links import AddLink, Arm, RevokeLink, UpdateLink
from fer_core.storage.respondents import (
    BeginResponse,
    MarkResponse,
    Place,
    ResponseState,
    TakePlace,
)
from fer_core.storage.studies import AddStimulus, AddStudy, DeleteStudy


def make(store: Store, arms: int = 1, **more: object) -> str:
    study = store.run(AddStudy(name="Spot", conditions=("A", "B", "C")[:arms]))
    films = [store.run(AddStimulus(title=f"Cut {i}", study_id=study)) for i in range(arms)]
    pairs = tuple(Arm(film, "ABC"[i]) for i, film in enumerate(films))
    return store.run(AddLink(study_id=study, title="A film", consent="Yes?", arms=pairs, **more))


def begin(store: Store, link: str) -> Place:
    """Someone agreed, and a first picture came."""
    place = store.run(BeginResponse(link_id=link, consent="Yes?"))
    store.run(TakePlace(response_id=place.response_id))
    return place


def test_tokens_are_long_and_never_the_same(store: Store) -> None:
    make(store)
    make(store)
    tokens = store.frame("SELECT token FROM links")["token"].tolist()
    assert len(set(tokens)) == 2
    assert min(map(len, tokens)) >= 32  # 192 bits


def test_conditions_stay_balanced_at_every_moment(store: Store) -> None:
    link = make(store, arms=3)
    seen: Counter[object] = Counter()
    for _ in range(12):
        seen[begin(store, link).condition] += 1
        assert max(seen.values()) - min(seen[one] for one in "ABC") <= 1
    assert seen == {"A": 4, "B": 4, "C": 4}


def test_who_withdraws_gives_the_place_and_the_condition_back(store: Store) -> None:
    link = make(store, arms=2, most_uses=2)
    first, _ = begin(store, link), begin(store, link)
    with pytest.raises(StoreError, match="used up"):
        begin(store, link)
    store.run(MarkResponse(response_id=str(first.response_id), state=ResponseState.WITHDRAWN))
    assert begin(store, link).condition == first.condition


def test_who_never_starts_gives_the_place_back_after_a_while(store: Store) -> None:
    link = make(store, most_uses=1)
    begin(store, link)
    with store.transaction() as cursor:
        cursor.execute("UPDATE responses SET begun = begun - INTERVAL 31 MINUTE")
    assert begin(store, link).number == 2


def test_a_place_counts_from_the_first_picture(store: Store) -> None:
    link = make(store, most_uses=1)
    waiting = [store.run(BeginResponse(link_id=link, consent="Yes?")) for _ in range(3)]
    first = begin(store, link)
    with pytest.raises(StoreError, match="used up"):
        store.run(TakePlace(response_id=waiting[0].response_id))
    store.run(TakePlace(response_id=first.response_id))  # again: nothing
    assert [one.state for one in store.respondents.responses(link)].count(ResponseState.SEEN) == 1


@pytest.mark.parametrize(("change", "why"), [("revoke", "revoked"), ("end", "expired")])
def test_a_closed_link_takes_nobody_and_opens_again(store: Store, change: str, why: str) -> None:
    link = make(store)
    study = store.frame("SELECT study_id FROM links")["study_id"][0]

    def end(moment: datetime) -> None:
        store.run(UpdateLink(link_id=link, title="A", consent="B", ends=moment.isoformat()))

    if change == "revoke":
        store.run(RevokeLink(link_id=link))
    else:
        end(datetime.now(UTC) - timedelta(seconds=1))
    with pytest.raises(StoreError, match=why):
        begin(store, link)
    assert store.respondents.links(study)[0].closed == why
    if change == "revoke":
        store.run(RevokeLink(link_id=link, revoked=False))
    else:
        end(datetime.now(UTC) + timedelta(hours=1))
    assert begin(store, link).number == 1


def test_a_stimulus_of_another_study_is_refused(store: Store) -> None:
    make(store)
    film = store.frame("SELECT stimulus_id FROM stimuli")["stimulus_id"][0]
    other = store.run(AddStudy(name="Other"))
    with pytest.raises(StoreError, match="another study"):
        store.run(AddLink(study_id=other, title="A", consent="B", arms=(Arm(film),)))


def test_a_deleted_study_takes_its_links_along(store: Store) -> None:
    link = make(store)
    begin(store, link)
    study = store.frame("SELECT study_id FROM links")["study_id"][0]
    store.run(DeleteStudy(study_id=study))
    assert store.respondents.links(study) == []
    assert store.respondents.responses(link) == []
