"""Cards that several rooms' tests begin from."""

from __future__ import annotations

from fer_core.labels import EMOTIONS
from fer_core.training.samples import FERPLUS
from fer_core.zoo.card import Card

#: Labels and votes, as the flagship has them; the votes serve.
TWO_OUTPUTS = Card(
    name="two",
    about="",
    arch="tiny",
    outputs={"fer2013": EMOTIONS, "ferplus": FERPLUS},
    serves="ferplus",
)
