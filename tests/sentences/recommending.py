"""Sentences about looks and about creatives of an audience."""

from __future__ import annotations

import numpy as np

from dashboard.audience.recommend import charts
from fer_core.analytics.methods.ranking import rank
from fer_core.labels import EMOTIONS
from fer_core.recommend.look import look_of_face
from fer_core.studies.creatives import Creatives, Kind
from tests.sentences.case import Case, Read, near, noise, share

Array = np.ndarray

# -- a look; data: probabilities of the seven emotions ---------------------------------------------


def leads(read: Read, mix: Array) -> bool:
    top = int(mix.argmax())
    bright = mix[EMOTIONS.index("happy")] > 0.5
    named = read["name"] == EMOTIONS[top] and (read["words"] == "bright") == bright
    return named and near(share(read["share"]), 100 * mix[top])


def mixed(name: str, most: float) -> Array:
    mix = np.full(len(EMOTIONS), (1 - most) / (len(EMOTIONS) - 1))
    mix[EMOTIONS.index(name)] = most
    return mix


LOOKS = [
    Case("recommend.look", lambda mix: charts.finding(look_of_face(mix)), leads,
         mixed("happy", 0.88), mixed("sad", 0.88)),
]  # fmt: skip

# -- creatives; data: each one's viewers' engagement -----------------------------------------------

Groups = dict[str, Array]


def said(groups: Groups) -> str:
    ranked = tuple(rank(groups))
    return Creatives("engagement", "women", Kind.STIMULUS, ranked, ()).finding


def ranks(read: Read, groups: Groups) -> bool:
    """The first is that of the highest mean, of as many as two viewers or more saw."""
    seen = {name: values for name, values in groups.items() if len(values) > 1}
    if len(seen) < 2 or int(read["n"]) != len(seen):
        return False
    return bool(max(seen, key=lambda name: seen[name].mean()) == read["first"])


def apart(groups: Groups) -> float:
    """How many standard errors the two highest means are apart."""
    two = sorted(groups.values(), key=lambda values: -float(values.mean()))[:2]
    error = np.sqrt(sum(values.var(ddof=1) / len(values) for values in two))
    return float((two[0].mean() - two[1].mean()) / error)


def leading(read: Read, groups: Groups) -> bool:
    return ranks(read, groups) and apart(groups) > 1.3 and share(read["best"].strip("<> ")) >= 90


def close(read: Read, groups: Groups) -> bool:
    return ranks(read, groups) and apart(groups) < 1.7 and share(read["best"].strip("<> ")) < 90


def only(read: Read, groups: Groups) -> bool:
    return [name for name, values in groups.items() if len(values) > 1] == [read["first"]]


CLEAR = {"Cut A": 50 + noise(12, size=6), "Cut B": 70 + noise(12, size=6, seed=1)}
CLOSE = {"Cut A": 50 + noise(12, size=9), "Cut B": 51 + noise(12, size=9, seed=1)}
ALONE = {"Cut A": CLEAR["Cut A"], "Cut B": CLEAR["Cut B"][:1]}
NOBODY = {"Cut A": CLEAR["Cut A"][:1]}
CREATIVES = [
    Case("creatives.leads", said, leading, CLEAR, CLOSE),
    Case("creatives.open", said, close, CLOSE, CLEAR),
    Case("creatives.one", said, only, ALONE, CLEAR),
    Case("creatives.none", said, lambda _, d: all(len(one) < 2 for one in d.values()), NOBODY,
         ALONE),
]  # fmt: skip

CASES = [*LOOKS, *CREATIVES]
