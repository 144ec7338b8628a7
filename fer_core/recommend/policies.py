"""The rules: which mood of a title a policy looks for after a look, and its reason in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from fer_core.recommend.look import Look, wanted_as_array
from fer_core.storage.recommend.catalogue import NewItem
from fer_core.types import Array


class Policy(StrEnum):
    """What a list is for."""

    MATCH = "match"
    LIFT = "lift"
    CALM = "calm"
    SURPRISE = "surprise me"


@dataclass(frozen=True)
class Rule:
    """wanted: the mood tags (4,) that suit a look. purpose: what the list does, for a heading.

    weights: how much each tag counts, (4,).
    """

    wanted: Callable[[float, float, float], Array]
    purpose: str
    weights: tuple[float, float, float, float]


RULES: Final = {
    Policy.MATCH: Rule(
        lambda valence, energy, tension: wanted_as_array(
            0.1 + 0.8 * valence, 0.15 + energy, 0.5 + 0.35 * valence, 0.1 + 0.7 * tension
        ),
        "stays close to the look",
        (1.0, 0.8, 0.4, 0.6),
    ),
    Policy.LIFT: Rule(
        lambda valence, energy, tension: wanted_as_array(
            0.7 + 0.2 * valence, 0.5 + 0.4 * energy, 0.8, 0.1
        ),
        "goes a step brighter and livelier than the look",
        (1.0, 0.6, 0.7, 0.6),
    ),
    Policy.CALM: Rule(
        lambda valence, energy, tension: wanted_as_array(
            0.35 + 0.2 * valence, 0.1, 0.7, 0.03
        ),
        "goes slower and softer than the look",
        (0.5, 1.0, 0.5, 1.0),
    ),
    Policy.SURPRISE: Rule(
        lambda valence, energy, tension: wanted_as_array(
            0.2 - 0.6 * valence, 0.9 - energy, 0.5, 0.4 - 0.3 * tension
        ),
        "leads away from the look and from what was shown lately",
        (0.4, 0.4, 0.2, 0.2),
    ),
}  # fmt: skip

_HALF: Final = np.array([0.5, 1.0, 1.0, 1.0])  # brings valence to the width of the other tags


def rule_scores(policy: Policy, tags: Array, look: Array) -> Array:
    """How well items (n, 4) suit looks (n, 3) or one look (3,): 1 fits, less fits less (n,).

    A look is valence, energy, tension.
    """
    looks = np.broadcast_to(np.asarray(look, np.float64), (len(tags), 3))
    rule = RULES[policy]
    different, place = np.unique(looks, axis=0, return_inverse=True)
    wanted = np.array([rule.wanted(*map(float, one)) for one in different]).reshape(-1, 4)
    weights = np.array(rule.weights)
    apart = ((tags - wanted[place.ravel()]) * _HALF) ** 2 @ weights / weights.sum()
    found: Array = 1.0 - 2.0 * np.sqrt(apart)
    return found


def reason(policy: Policy, item: NewItem, look: Look) -> str:
    """Why the rules would show an item after this look; claims nothing of what somebody feels."""
    about = f"for a {look.words} look"
    if policy is Policy.SURPRISE:
        return f"something else than usual {about}"
    if policy is Policy.CALM:
        trait = "quiet and free of tension" if item.tension < 0.2 else "slower"
        return f"{trait}, {about}"
    if policy is Policy.LIFT:
        trait = "bright and warm" if item.warmth > 0.6 else "bright"
        return f"{trait if item.valence > 0.3 else 'a little brighter'}, {about}"
    close = abs(item.energy - look.energy - 0.15) < 0.2
    return f"keeps the energy, {about}" if close else f"close in mood, {about}"
