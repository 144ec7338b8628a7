"""How the lab names, colours and orders the labels that a model answers."""

from __future__ import annotations

from collections.abc import Sequence

from fer_core.labels import DISPLAY_ORDER
from fer_core.palette import EMOTION_COLOURS

#: FER+ has other names for the same expressions, and one that is none of the seven.
SAME = {"happiness": "happy", "sadness": "sad", "anger": "angry"}
OTHER_COLOUR = "#A16207"


def display_name(label: str) -> str:
    """The name of an expression that every screen uses."""
    return str(SAME.get(label, label))


def colour(label: str) -> str:
    return EMOTION_COLOURS.get(display_name(label), OTHER_COLOUR)


def on_screen(labels: Sequence[str]) -> list[str]:
    """Labels in the order of every screen; what is none of the seven comes last."""
    place: dict[str, int] = {name: k for k, name in enumerate(DISPLAY_ORDER)}
    return sorted(labels, key=lambda label: place.get(display_name(label), len(place)))
