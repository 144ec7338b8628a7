"""What the page Recommend keeps of answers, and what it takes of what people type."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.audience.recommend import data
from fer_core.errors import SettingsError
from fer_core.recommend.catalogue import load_catalogue, removed_items, starter_catalogue
from fer_core.recommend.lists import Owner
from fer_core.recommend.look import look_said
from fer_core.recommend.policies import Policy
from fer_core.recommend.recommending import Recommended, recommend
from fer_core.storage import Store
from fer_core.storage.recommend.catalogue import Medium, RemoveItems, SaveItems

TYPED: dict[str, Any] = {
    "medium": Medium.CREATIVE, "title": " Our  spot ", "creator": "", "year": "", "sentence": "",
    "valence": 0.5, "energy": 0.5, "warmth": 0.5, "tension": 0.0, "stimulus_id": None,
}  # fmt: skip


@pytest.fixture
def shown(store: Store) -> Recommended:
    owner = Owner(visitor="n000000000000")
    found = recommend(store, look_said("calm"), Policy.LIFT, owner=owner, keep=True, seed=1)
    assert isinstance(found, Recommended)
    return found


def answers(store: Store) -> list[tuple[str, str]]:
    rows = store.feedback.list()
    return [(one.item_id, str(one.action)) for one in rows if one.action != "shown"]


def test_answers_are_kept_changed_and_taken_back(store: Store, shown: Recommended) -> None:
    first, second = (item.item_id for item, _ in shown.items[:2])
    kept = data.keep_answers(store, shown.list_id, {}, {first: "liked", second: "skipped"})
    assert answers(store) == [(first, "liked"), (second, "skipped")]
    kept = data.keep_answers(store, shown.list_id, kept, {first: "disliked", second: ""})
    assert kept == {first: "disliked"}
    assert answers(store) == [(first, "liked"), (first, "disliked")]
    again = data.keep_answers(store, shown.list_id, kept, {first: "disliked", second: ""})
    assert again == kept
    assert len(answers(store)) == 2, "what is kept already is not kept again"


def test_nonsense_from_a_browser_is_no_answer(store: Store, shown: Recommended) -> None:
    first = shown.items[0][0].item_id
    assert data.keep_answers(store, shown.list_id, {}, {first: "shown", "": 3, "x": None}) == {}
    assert answers(store) == []


def test_a_list_is_grouped_by_medium_and_every_title_has_its_reason(shown: Recommended) -> None:
    groups = data.groups(shown)
    assert [one["name"] for one in groups] == ["Films", "Books", "Songs", "Games"]
    titles = [title for one in groups for title in one["items"]]
    assert len({one["id"] for one in titles}) == len(titles) == 12
    assert all("calm look" in one["reason"] for one in titles)
    assert {one["badge"] for one in titles} == {"by the rules"}


def test_a_typed_title_is_sound_or_refused_with_the_reason(store: Store) -> None:
    made = data.typed_item(None, TYPED | {"year": "1999"})
    assert (made.item_id, made.title, made.year) == ("creative-our-spot-1999", "Our spot", 1999)
    with pytest.raises(SettingsError, match="The title is missing"):
        data.typed_item(None, TYPED | {"title": " "})
    with pytest.raises(SettingsError, match="The year is 'soon'"):
        data.typed_item(None, TYPED | {"year": "soon"})
    shipped = starter_catalogue()[0]
    values = {name: getattr(shipped, name) for name in TYPED} | {"year": str(shipped.year)}
    assert data.typed_item(shipped, values) == shipped
    assert not data.was_changed(shipped)
    changed = data.typed_item(shipped, values | {"energy": 0.99})
    store.run(SaveItems(items=(changed,)))
    kept = load_catalogue(store).find(shipped.title)[0]
    assert data.was_changed(kept)
    assert kept == changed


def test_titles_are_found_by_words_in_any_order_without_accents(store: Store) -> None:
    found = load_catalogue(store).find("jeunet amelie")
    assert [one.title for one in found] == ["Amélie"]
    assert not load_catalogue(store).find("amelie", Medium.BOOK)
    store.run(RemoveItems(items=(found[0],)))
    assert not load_catalogue(store).find("amelie")
    assert [one.title for one in removed_items(store).find("amelie")] == ["Amélie"]


def test_formulas_and_html_are_counted(store: Store) -> None:
    harmless = data.typed_item(None, TYPED | {"title": "3 < 4"})
    formula = data.typed_item(None, TYPED | {"title": "=1+1"})
    markup = data.typed_item(None, TYPED | {"sentence": "<b>Loud</b>"})
    assert data.marked_as_text([harmless, formula, markup]) == 2
