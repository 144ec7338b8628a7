"""``recommend``: a list for a photograph or a session, from the store; the way in for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fer_core.recommend.bandit import Bandit
from fer_core.recommend.catalogue import Catalogue, load_catalogue
from fer_core.recommend.lists import Owner, Suggestion, past_of, suggest
from fer_core.recommend.look import Look, Unreadable
from fer_core.recommend.policies import RULES, Policy
from fer_core.storage import Store
from fer_core.storage.recommend.catalogue import Medium, NewItem
from fer_core.storage.recommend.feedback import ShowItems


@dataclass(frozen=True)
class Recommended:
    """A list and what it rests on.

    items: what is recommended, each with its suggestion. taken_over: how far answers choose in
    place of the rules, 0 to 1, from ``answers`` of them. list_id: where it was kept; "" if not.
    """

    look: Look
    policy: Policy
    items: tuple[tuple[NewItem, Suggestion], ...]
    taken_over: float
    answers: int
    list_id: str = ""

    @property
    def heading(self) -> str:
        """What the list is: «A list that stays close to the look.»"""
        return f"A list that {RULES[self.policy].purpose}."


def recommend(
    store: Store,
    look: Look | Unreadable,
    policy: Policy = Policy.MATCH,
    *,
    each: int = 3,
    media: Sequence[Medium] = (),
    owner: Owner | None = None,
    keep: bool = False,
    seed: int | None = None,
    catalogue: Catalogue | None = None,
) -> Recommended | Unreadable:
    """What fits a look (``face.look_of_picture``, ``face.look_of_session``, ``look.look_said``).

    Args:
        each: how many of every medium.
        owner: whose list it is; without one everybody's answers count alike.
        keep: whether the store keeps what was shown, so that it can be answered; needs an owner.
        seed: makes chance repeatable.
        catalogue: what to choose from, where it was loaded already.
    """
    if isinstance(look, Unreadable):
        return look
    owner = owner or Owner()
    catalogue = catalogue or load_catalogue(store)
    past = past_of(store.feedback.list(), catalogue, owner)
    rng = np.random.default_rng(seed)
    found = suggest(catalogue, look, policy, past, each=each, media=media, rng=rng)
    items = tuple((catalogue.items[one.place], one) for one in found)
    list_id = ""
    if keep and items:
        list_id = store.run(
            ShowItems(
                item_ids=tuple(item.item_id for item, _ in items), policy=policy,
                valence=look.valence, energy=look.energy, tension=look.tension,
                session_id=owner.session_id, visitor=owner.visitor,
            )
        )  # fmt: skip
    bandit: Bandit = past.bandit
    return Recommended(look, policy, items, bandit.taken_over, len(bandit.answers), list_id)
