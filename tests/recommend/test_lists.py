"""Lists: what a look brings, their variety and reasons, what answers change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fer_core.labels import EMOTIONS, PROBABILITY_COLUMNS
from fer_core.recommend.catalogue import Catalogue, starter_catalogue
from fer_core.recommend.lists import Owner, past_of, suggest
from fer_core.recommend.look import (
    SAID,
    Look,
    Unreadable,
    look_of_face,
    look_of_seconds,
    look_said,
)
from fer_core.recommend.policies import Policy, rule_scores
from fer_core.recommend.recommending import Recommended, recommend
from fer_core.storage import Store
from fer_core.storage.recommend.catalogue import Medium, NewItem, SaveItems
from fer_core.storage.recommend.feedback import Action, DeleteFeedback, Feedback, GiveFeedback
from fer_core.storage.sessions import AssignSession
from fer_core.storage.studies import AddStimulus
from fer_core.studies.membership import find_study, load_study
from tests.demo import copy_of

CATALOGUE = Catalogue.of(starter_catalogue())
LOW = look_said("low-spirited")


def shown(store: Store, look: Look, policy: Policy, **more: Any) -> Recommended:
    found = recommend(store, look, policy, **more)
    assert isinstance(found, Recommended)
    return found


def mean_tag(found: Recommended, name: str) -> float:
    return float(np.mean([getattr(item, name) for item, _ in found.items]))


def test_policies_lead_where_they_say(store: Store) -> None:
    by = {one: shown(store, LOW, one, each=4) for one in Policy}
    assert mean_tag(by[Policy.MATCH], "valence") < -0.1
    assert mean_tag(by[Policy.LIFT], "valence") > 0.4
    assert mean_tag(by[Policy.CALM], "energy") < 0.25
    assert mean_tag(by[Policy.CALM], "tension") < 0.2


def test_reasons_name_the_look_and_no_feeling(store: Store) -> None:
    for word in SAID:
        for policy in Policy:
            for _, one in shown(store, look_said(word), policy).items:
                assert f"{word} look" in one.reason
                assert not {"feel", "you are", "mood is", "sad"} & set(one.reason.split(", "))
                assert "feel" not in one.reason
                assert one.basis == "rules"


def test_a_list_varies(store: Store) -> None:
    found = shown(store, look_said("calm"), Policy.MATCH, each=8, media=[Medium.SONG])
    creators = [item.creator for item, _ in found.items]
    assert len(set(creators)) >= 7
    best = rule_scores(Policy.MATCH, CATALOGUE.tags, np.array([0.1, 0.06, 0.0]))
    songs = np.flatnonzero(CATALOGUE.media == list(Medium).index(Medium.SONG))
    plain = songs[np.argsort(-best[songs])[:8]]
    places = [CATALOGUE.index[item.item_id] for item, _ in found.items]
    assert CATALOGUE.tags[places].std(axis=0).sum() > CATALOGUE.tags[plain].std(axis=0).sum()


def test_without_feedback_lists_are_the_rules_and_the_same_again(store: Store) -> None:
    first, second = (shown(store, LOW, Policy.LIFT, seed=seed) for seed in (1, 2))
    assert first.items == second.items
    assert first.taken_over == 0


def test_what_was_just_shown_rests(store: Store) -> None:
    owner = Owner(visitor="v1")
    lists = [shown(store, LOW, Policy.LIFT, owner=owner, keep=True) for _ in range(3)]
    ids = [{item.item_id for item, _ in one.items} for one in lists]
    assert not ids[0] & ids[1]
    assert not ids[2] & (ids[0] | ids[1])
    other = shown(store, LOW, Policy.LIFT, owner=Owner(visitor="v2"))
    assert {item.item_id for item, _ in other.items} & ids[0], "it rests for the one who saw it"


def answered(visitor: str, lists: int, likes: Callable[[NewItem], bool]) -> list[Feedback]:
    """Feedback on random lists of three for a low-spirited look."""
    rng = np.random.default_rng(5)
    rows = []
    for number in range(lists):
        for place in rng.choice(len(CATALOGUE), 3, replace=False):
            item = CATALOGUE.items[place]
            for action in (Action.SHOWN, Action.LIKED if likes(item) else Action.DISLIKED):
                rows.append(
                    Feedback(
                        f"f{len(rows):05d}", f"i{visitor}{number}", item.item_id, action, None,
                        visitor, Policy.LIFT, LOW.valence, LOW.energy, LOW.tension,
                        datetime(2026, 1, 1),
                    )
                )  # fmt: skip
    return rows


def test_new_items_get_their_chance() -> None:
    films = np.flatnonzero(CATALOGUE.media == 0)
    unseen = int(films[-1])
    shown_often = {int(place): 9 for place in films[:-1]}
    past = replace(past_of([], CATALOGUE, Owner()), shown=shown_often)
    rng = np.random.default_rng(0)
    found = suggest(CATALOGUE, LOW, Policy.LIFT, past, media=[Medium.FILM], rng=rng)
    assert found[-1].place == unseen
    assert found[-1].basis == "new"
    assert found[-1].reason.endswith("new here")
    assert len({one.place for one in found}) == 3


def test_answers_take_over_from_the_rules() -> None:
    rows = answered("v1", 60, lambda item: item.tension > 0.3)
    past = past_of(rows, CATALOGUE, Owner(visitor="v1"))
    assert past.bandit.taken_over > 0.9
    rng = np.random.default_rng(0)
    found = suggest(CATALOGUE, LOW, Policy.LIFT, past, rng=rng)
    items = [CATALOGUE.items[one.place] for one in found]
    assert np.mean([item.tension for item in items]) > 0.35
    assert {one.basis for one in found} <= {"learned", "new"}
    for one in found:
        ends = ("liked before", "favour it", "to learn whether it fits", "new here")
        assert one.reason.endswith(ends)


def test_answers_that_the_rules_explain_leave_the_choice_to_them() -> None:
    rows = answered("v1", 60, lambda item: item.valence > 0.4 and item.warmth > 0.5)
    noise = np.random.default_rng(1)
    mixed = [
        replace(one, action=Action.LIKED if noise.random() < 0.5 else Action.DISLIKED)
        if one.action is not Action.SHOWN else one
        for one in rows
    ]  # fmt: skip
    assert past_of(mixed, CATALOGUE, Owner(visitor="v1")).bandit.taken_over < 0.3


def test_answers_of_others_count_less() -> None:
    rows = answered("v1", 12, lambda item: item.tension > 0.3)
    own, other = (past_of(rows, CATALOGUE, Owner(visitor=one)) for one in ("v1", "v2"))
    assert other.bandit.taken_over < own.bandit.taken_over


def test_what_was_learned_goes_with_its_visitor(store: Store) -> None:
    owner = Owner(visitor="v1")
    found = shown(store, LOW, Policy.LIFT, owner=owner, keep=True, each=1)
    for item, _ in found.items:
        store.run(GiveFeedback(list_id=found.list_id, item_id=item.item_id, action=Action.DISLIKED))
    assert shown(store, LOW, Policy.LIFT, owner=owner).answers == len(found.items)
    store.run(DeleteFeedback(visitor="v1"))
    again = shown(store, LOW, Policy.LIFT, owner=owner, each=1)
    assert (again.taken_over, again.answers) == (0, 0)
    assert again.items == found.items


def test_a_flat_mix_is_less_sure_and_drawn_to_the_middle() -> None:
    clear = look_of_face(np.array([0.0, 0.0, 0.0, 0.02, 0.96, 0.0, 0.02]))
    flat = look_of_face(np.array([0.05, 0.0, 0.05, 0.3, 0.4, 0.1, 0.1]))
    assert clear.words == "low-spirited"
    assert clear.sure > 0.85 > 0.65 > flat.sure
    assert abs(flat.valence) < abs(float(flat.mix[EMOTIONS.index("happy")] - 0.5))


def test_a_session_counts_each_viewer_once_and_says_how_sure_it_is() -> None:
    happy = np.eye(7)[EMOTIONS.index("happy")]
    sad = np.eye(7)[EMOTIONS.index("sad")]
    rows = [("s", 0, *happy)] * 30 + [("s", 1, *sad)] * 10
    table = pd.DataFrame(rows, columns=["session_id", "viewer", *PROBABILITY_COLUMNS])
    found = look_of_seconds(table)
    assert found is not None
    assert found.mix[EMOTIONS.index("happy")] == pytest.approx(0.5)
    one = look_of_seconds(table[table["viewer"] == 0])
    assert one is not None
    assert found.sure < one.sure
    assert look_of_seconds(table.iloc[:0]) is None


def test_what_cannot_be_read_is_asked(store: Store) -> None:
    asked = recommend(store, Unreadable("the face is blurred"))
    assert isinstance(asked, Unreadable)
    assert asked.question.endswith("?")
    assert all(word in asked.question for word in SAID)


def test_what_was_measured_here_counts_and_is_shown(demo_template: Path, tmp_path: Path) -> None:
    """Of two creatives alike, the one whose viewers were more engaged comes first."""
    with copy_of(demo_template, tmp_path) as store:
        study = load_study(store, find_study(store, None))
        other = store.run(AddStimulus(title="Version B", study_id=study.study_id))
        ids = study.counted.loc[study.counted["condition"] == "B", "session_id"]
        for one in ids:
            store.run(AssignSession(session_id=one, stimulus="Version B"))
        first = study.stimuli[0].stimulus_id
        store.run(SaveItems(items=tuple(spot(name, link) for name, link in
                                        (("a", first), ("b", other), ("c", None)))))  # fmt: skip
        found = shown(store, look_said("bright"), Policy.MATCH, media=[Medium.CREATIVE])
        assert [item.title for item, _ in found.items] == ["b", "c", "a"]
        best = found.items[0][1]
        assert best.measured is not None
        assert (best.measured.viewers, len(best.measured.curve)) == (24, 30)
        assert "; engaged its viewers more than what else was measured" in best.reason
        assert found.items[1][1].measured is None


def spot(title: str, stimulus_id: str | None) -> NewItem:
    return NewItem(item_id=f"creative-{title}", medium=Medium.CREATIVE, title=title, valence=0.5,
                   energy=0.5, warmth=0.5, tension=0.1, stimulus_id=stimulus_id)  # fmt: skip
