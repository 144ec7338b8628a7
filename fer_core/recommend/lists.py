"""Lists: what to show after a look, with the reason of each; from the rules and from feedback."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import SettingsError
from fer_core.recommend.bandit import OF_OTHERS, REWARDS, Answers, Bandit
from fer_core.recommend.catalogue import Catalogue
from fer_core.recommend.look import Look
from fer_core.recommend.measured import Measured
from fer_core.recommend.policies import Policy, reason, rule_scores
from fer_core.storage.recommend.catalogue import Medium, NewItem
from fer_core.storage.recommend.feedback import Action, Feedback
from fer_core.types import Array

#: What was shown in so many of somebody's last lists is not shown again.
RESTS: Final = 2
#: An item is new until it was shown so often.
NEW_UNTIL: Final = 3
#: Only the best of a medium are looked at closely.
CLOSELY: Final = 300
#: The reward that an item loses that is just like one of the list.
_VARIETY: Final = 0.08
_ALIKE: Final = 0.25  # distance of mood tags at which two items are still alike
_CHANCE: Final = 0.25  # how much luck is in a surprise


@dataclass(frozen=True)
class Suggestion:
    """One item of a list, by its place in the catalogue.

    reason: why it is there. basis: ``rules``, ``learned`` or ``new`` (shown so that it gets its
    chance). expected: the reward that is expected of it, 0 to 1. measured: what its viewers
    showed, where it was analysed here.
    """

    place: int
    reason: str
    basis: str
    expected: float
    measured: Measured | None = None


@dataclass(frozen=True)
class Owner:
    """Whose list it is: a session's or an anonymous visitor's."""

    session_id: str | None = None
    visitor: str | None = None

    def owns(self, one: Feedback) -> bool:
        """Whether this feedback is the owner's own."""
        if self.session_id is not None:
            return one.session_id == self.session_id
        return self.visitor is not None and one.visitor == self.visitor


@dataclass(frozen=True)
class Past:
    """What earlier feedback says, for one owner: answers to learn from; what rests and is new.

    shown: how often each item was shown, by place. resting: places that the owner saw lately.
    liked: places that the owner liked.
    """

    bandit: Bandit
    shown: Mapping[int, int]
    resting: frozenset[int]
    liked: frozenset[int]


def past_of(feedback: Sequence[Feedback], catalogue: Catalogue, owner: Owner) -> Past:
    """From the store's feedback, oldest first; what is no longer in the catalogue tells nothing."""
    known = [one for one in feedback if one.item_id in catalogue.index]
    place = catalogue.index
    shown = Counter(place[one.item_id] for one in known if one.action is Action.SHOWN)
    answered = {  # the last answer counts
        (one.list_id, one.item_id): one for one in known if one.action in REWARDS
    }
    own_lists = list(dict.fromkeys(one.list_id for one in known if owner.owns(one)))[-RESTS:]
    rest = frozenset(place[one.item_id] for one in known if one.list_id in own_lists)
    liked = frozenset(
        place[one.item_id]
        for one in answered.values()
        if owner.owns(one) and one.action is Action.LIKED
    )
    return Past(Bandit(_answers(list(answered.values()), catalogue, owner)), shown, rest, liked)


def _answers(rows: Sequence[Feedback], catalogue: Catalogue, owner: Owner) -> Answers:
    items = np.array([catalogue.index[one.item_id] for one in rows], np.int64)
    looks = np.array([(one.valence, one.energy, one.tension) for one in rows], np.float64)
    rules = np.zeros(len(rows))
    for policy in Policy:
        mine = np.array([one.policy == policy for one in rows], bool)
        if mine.any():
            rules[mine] = rule_scores(policy, catalogue.tags[items[mine]], looks[mine])
    rules += catalogue.bonuses[items]
    return Answers(
        looks.reshape(-1, 3),
        catalogue.tags[items],
        catalogue.media[items],
        items,
        rules,
        np.array([REWARDS[one.action] for one in rows], np.float64),
        np.array([1.0 if owner.owns(one) else OF_OTHERS for one in rows], np.float64),
    )


def suggest(
    catalogue: Catalogue,
    look: Look,
    policy: Policy,
    past: Past,
    *,
    each: int = 3,
    media: Sequence[Medium] = (),
    rng: np.random.Generator,
) -> list[Suggestion]:
    """Up to ``each`` items of every medium asked for (all where none is), the best first.

    Without feedback and but for ``surprise me``, the same look gives the same list.
    """
    if each < 1:
        raise SettingsError(f"A list cannot have {each} items of a medium.", "Give 1 or more.")
    if not len(catalogue):
        return []
    found: list[Suggestion] = []
    where = np.array([look.valence, look.energy, look.tension])
    for code, medium in enumerate(Medium):
        places = np.flatnonzero(catalogue.media == code)
        if len(places) and (not media or medium in media):
            found += _of_medium(catalogue, look, where, policy, past, places, each, rng)
    return found


def _of_medium(
    catalogue: Catalogue,
    look: Look,
    where: Array,
    policy: Policy,
    past: Past,
    places: NDArray[np.int64],
    each: int,
    rng: np.random.Generator,
) -> list[Suggestion]:
    awake = places[~np.isin(places, list(past.resting))]
    places = awake if len(awake) >= each else places  # a small catalogue has to repeat itself
    rules = rule_scores(policy, catalogue.tags[places], where) + catalogue.bonuses[places]
    if policy is Policy.SURPRISE:
        seen = np.array([past.shown.get(int(one), 0) for one in places])
        rules = rules + _CHANCE * rng.standard_normal(len(places)) - 0.1 * np.log1p(seen)
    tags, media = catalogue.tags[places], catalogue.media[places]
    expected = past.bandit.expected(where, tags, media, places, rules)
    best = np.argsort(-expected, kind="stable")[:CLOSELY]
    places, rules, expected = places[best], rules[best], expected[best]
    scores, learned = past.bandit.draw(
        where, catalogue.tags[places], catalogue.media[places], places, rules, rng
    )
    chosen = _varied(catalogue, places, scores, each)
    fresh = _fresh(past, places, expected, chosen, each)
    basis = "learned" if learned else "rules"
    gain = expected - past.bandit.by_rules(rules)
    suggestions = []
    for at in chosen:
        place = int(places[at])
        why = _why(
            policy, catalogue.items[place], look,
            liked=place in past.liked, gain=float(gain[at]) if learned else None,
            bonus=float(catalogue.bonuses[place]),
        )  # fmt: skip
        suggestions.append(Suggestion(place, why, basis, float(expected[at])))
    if fresh is not None:
        about = reason(policy, catalogue.items[places[fresh]], look)
        suggestions[-1] = Suggestion(
            int(places[fresh]), f"{about}; new here", "new", float(expected[fresh])
        )
    return [replace(one, measured=catalogue.measured.get(one.place)) for one in suggestions]


def _varied(catalogue: Catalogue, places: NDArray[np.int64], scores: Array, each: int) -> list[int]:
    """One after the other the best that is not too much like those before, by row."""
    tags, makers = catalogue.tags[places] * [0.5, 1.0, 1.0, 1.0], catalogue.creators[places]
    left = scores.astype(np.float64).copy()
    chosen: list[int] = []
    for _ in range(min(each, len(places))):
        at = int(left.argmax())
        chosen.append(at)
        apart = ((tags - tags[at]) ** 2).sum(axis=1)
        left = left - _VARIETY * np.exp(-apart / (2 * _ALIKE**2))
        if makers[at]:
            left = left - _VARIETY * (makers == makers[at])
        left[at] = -np.inf
    return chosen


def _fresh(
    past: Past, places: NDArray[np.int64], expected: Array, chosen: list[int], each: int
) -> int | None:
    """The row that gets its chance on a list's last place: the best that was hardly shown yet.

    None while nothing was shown at all, on lists of one or two, and where the list has one.
    """
    if each < 3 or not past.shown:
        return None
    new = [past.shown.get(int(one), 0) < NEW_UNTIL for one in places]
    if any(new[at] for at in chosen):
        return None
    rows = [at for at in range(len(places)) if new[at] and at not in chosen]
    return max(rows, key=lambda at: expected[at]) if rows else None


def _why(
    policy: Policy, item: NewItem, look: Look, *, liked: bool, gain: float | None, bonus: float
) -> str:
    """The reason in words. gain: by how much answers raise what the rules expect; None where
    the rules chose. bonus: what its viewers' measured engagement adds."""
    about = reason(policy, item, look)
    if bonus > 0:
        about = f"{about}; engaged its viewers more than what else was measured"
    if liked:
        return f"{about}; liked before"
    if gain is None:
        return about
    return (
        f"{about}; answers so far favour it" if gain > 0 else f"{about}; to learn whether it fits"
    )
