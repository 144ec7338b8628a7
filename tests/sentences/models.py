"""Sentences about models: one evaluation, and two models compared."""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np
import pandas as pd

from dashboard.lab.models import charts, compare_view
from dashboard.lab.models.data import SideBySide
from dashboard.lab.models.figures import Figures, ReliabilityBin
from dashboard.lab.train import promotion
from dashboard.lab.train.data import Run
from fer_core.evaluation.metrics import Scores
from fer_core.evaluation.paired import Paired, compare, forgot
from fer_core.evaluation.review import confused_pairs
from fer_core.types import JobStatus
from tests.sentences.case import Case, Read, near, share, signed

Array = np.ndarray
LABELS = ("happy", "sad", "fear")
WHERE = {"own labels": "your held-out faces", "public labels": "public faces"}


# -- two models on the same faces; data: by name, who was right before and after, (faces,) bool ----

Right = dict[str, tuple[Array, Array]]


def right(won: int, lost: int, both: int = 100, neither: int = 40) -> tuple[Array, Array]:
    sizes = ((1, 1, both), (1, 0, lost), (0, 1, won), (0, 0, neither))
    before = np.concatenate([np.full(n, a, bool) for a, _, n in sizes])
    after = np.concatenate([np.full(n, b, bool) for _, b, n in sizes])
    return before, after


def pair(on: str, data: Right) -> Paired:
    before, after = (one.astype(np.int32) for one in data[on])
    return compare(on, np.ones(len(before), np.int32), before, after)


def p_of(before: Array, after: Array) -> float:
    """McNemar's exact test, by counting."""
    won, lost = int((after & ~before).sum()), int((before & ~after).sum())
    n, k = won + lost, min(won, lost)
    return min(1.0, 2 * sum(comb(n, i) for i in range(k + 1)) / 2**n)


def gain(before: Array, after: Array) -> float:
    return 100 * float(after.mean() - before.mean())


def paired_said(data: Right) -> str:
    return pair(next(iter(data)), data).sentence


def figures(read: Read, data: Right) -> bool:
    """The accuracies, the interval (normal approximation) and p that a sentence carries."""
    before, after = data[read["on"]]
    gains = 100 * (after.astype(float) - before.astype(float))
    half = 1.96 * gains.std() / np.sqrt(len(gains))
    low, high = signed(read["low"]), signed(read["high"])
    p = p_of(before, after)
    return (
        int(read["faces"]) == len(before)
        and near(share(read["before"]), 100 * before.mean(), 0.05)
        and near(share(read["after"]), 100 * after.mean(), 0.05)
        and near(low, gains.mean() - half, 1.0)
        and near(high, gains.mean() + half, 1.0)
        and abs(float(read["p"]) - p) <= 0.06 * p
    )


def moved(sign: int) -> Any:
    def true(read: Read, data: Right) -> bool:
        before, after = data[read["on"]]
        change = gain(before, after)
        apart = near(float(read["points"]), sign * change, 0.05) and p_of(before, after) < 0.05
        return figures(read, data) and apart

    return true


def chance(read: Read, data: Right) -> bool:
    return figures(read, data) and p_of(*data[read["on"]]) >= 0.05


def verdict(data: Right) -> promotion.Verdict:
    found = [pair(on, data) for on in data]
    return promotion.verdict(
        Run(
            "j", "new", JobStatus.DONE, "old", 3, 1.0, None, "", "", False,
            pd.Timestamp("2026-01-01").to_pydatetime(), comparison=tuple(found),
            forgot=forgot(found),
        )
    )  # fmt: skip


def judged(data: Right) -> tuple[Array, Array]:
    return data.get("own labels") or data["public labels"]


def clear(read: Read, data: Right) -> bool:
    change = gain(*judged(data))
    where = WHERE["own labels" if "own labels" in data else "public labels"]
    size = float(read["points"])
    word = "better" if change > 0 else "worse"
    told = (read["name"], read["base"], read["word"], read["where"])
    return told == ("new", "old", word, where) and near(size, abs(change)) and p_of(
        *judged(data)
    ) < 0.05  # fmt: skip


def fell(read: Read, data: Right) -> bool:
    change = gain(*data["public labels"])
    return near(float(read["points"]), -change, 0.05) and change < -0.5


def also_worse(read: Read, data: Right) -> bool:
    on = next(key for key, where in WHERE.items() if where == read["where"])
    return gain(*data[on]) < 0 and p_of(*data[on]) < 0.05


OWN_BETTER, OWN_WORSE, OWN_CHANCE = (
    {"own labels": right(won, lost)} for won, lost in ((30, 5), (5, 30), (12, 10))
)
FORGOT = OWN_BETTER | {"public labels": right(5, 30)}
PAIRED = [
    Case("paired.better", paired_said, moved(1), OWN_BETTER, OWN_WORSE),
    Case("paired.worse", paired_said, moved(-1), OWN_WORSE, OWN_BETTER),
    Case("paired.chance", paired_said, chance, OWN_CHANCE, OWN_BETTER),
    Case("promotion.untold", lambda d: verdict(d).sentence, lambda _, d: not d, {}, OWN_BETTER),
    Case("promotion.clear", lambda d: verdict(d).sentence, clear, FORGOT, OWN_WORSE),
    Case("promotion.unclear", lambda d: verdict(d).sentence,
         lambda _, d: p_of(*judged(d)) >= 0.05, OWN_CHANCE, OWN_BETTER),
    Case("promotion.no_gain", lambda d: verdict(d).warnings[0],
         lambda _, d: gain(*judged(d)) <= 0 or p_of(*judged(d)) >= 0.05, OWN_CHANCE, OWN_BETTER),
    Case("promotion.also_worse", lambda d: verdict(d).warnings[0], also_worse, FORGOT,
         OWN_BETTER | {"public labels": right(30, 5)}),
    Case("promotion.forgot", lambda d: verdict(d).warnings[1], fell, FORGOT,
         OWN_BETTER | {"public labels": right(11, 10)}),
]  # fmt: skip


# -- two models on their page ----------------------------------------------------------------------


def side(data: Right) -> str:
    table = pd.DataFrame({"item": []})
    found = SideBySide("one", "two", "set", "PublicTest", pair("own labels", data), table)
    return compare_view.verdict(found)


def side_clear(read: Read, data: Right) -> bool:
    change = gain(*data["own labels"])
    named = (read["better"], read["worse"]) == (("two", "one") if change > 0 else ("one", "two"))
    return (
        named
        and near(float(read["points"]), abs(change), 0.05)
        and int(read["faces"]) == len(data["own labels"][0])
        and p_of(*data["own labels"]) < 0.05
    )


def scores(confusion: Array) -> Scores:
    n = int(confusion.sum())
    return Scores(LABELS, n, float(np.trace(confusion) / n), 0.5, 0.1, 0.8, 0.9, confusion)


def apart(data: tuple[Array | None, Array | None]) -> str:
    one, two = (None if m is None else Figures("", scores(m), ()) for m in data)
    return compare_view.apart("one", one, "two", two)


def same_faces(read: Read, data: tuple[Array, Array]) -> bool:
    a, b = data
    return bool((a.sum(1) == b.sum(1)).all()) and int(read["faces"]) == a.sum()


def other_faces(read: Read, data: tuple[Array, Array]) -> bool:
    a, b = data
    sizes = (int(read["n_a"]), int(read["n_b"])) == (a.sum(), b.sum())
    return sizes and bool((a.sum(1) != b.sum(1)).any())


GOOD = np.array([[80, 15, 5], [10, 60, 30], [5, 25, 20]])
POOR = np.array([[50, 40, 10], [20, 50, 30], [10, 25, 15]])  # the same faces, read otherwise
RARE = np.array([[80, 15, 5], [10, 60, 30], [0, 2, 0]])  # two fearful faces
SIDES = [
    Case("models.clear", side, side_clear, OWN_BETTER, OWN_WORSE),
    Case("models.unclear", side,
         lambda r, d: int(r["faces"]) == len(d["own labels"][0])
         and p_of(*d["own labels"]) >= 0.05, OWN_CHANCE, OWN_BETTER),
    Case("models.same_faces", apart, same_faces, (GOOD, POOR), (GOOD, RARE)),
    Case("models.other_faces", apart, other_faces, (GOOD, RARE), (GOOD, POOR)),
    Case("models.no_figures", apart,
         lambda r, d: d[["one", "two"].index(r["name"])] is None, (GOOD, None), (GOOD, GOOD)),
]  # fmt: skip


# -- one evaluation; data: a confusion, rows truth -------------------------------------------------


def f1(m: Array) -> dict[str, float]:
    return {
        name: 2 * m[k, k] / (m[k].sum() + m[:, k].sum())
        for k, name in enumerate(LABELS)
        if m[k].sum() >= 30
    }


def classes(read: Read, m: Array) -> bool:
    known = f1(m)
    best, worst = max(known, key=known.__getitem__), min(known, key=known.__getitem__)
    named = (read["best"], read["worst"]) == (best, worst)
    high, low = float(read["high"]), float(read["low"])
    return named and near(high, known[best], 0.005) and near(low, known[worst], 0.005)


def odd(read: Read, m: Array) -> bool:
    k = LABELS.index(read["name"])
    predicted, actual = int(m[:, k].sum()), int(m[k].sum())
    told = (int(read["found"]), int(read["faces"])) == (predicted, actual)
    return told and (predicted > actual) == (read["word"] == "often") and actual >= 30


def mistake(read: Read, m: Array) -> bool:
    i, j = LABELS.index(read["truth"]), LABELS.index(read["guess"])
    wrong = m - np.diag(np.diag(m))
    counted = int(read["times"].split()[0]) == m[i, j] == wrong.max()
    return bool(counted) and near(share(read["share"]), 100 * m[i, j] / m[i].sum())


def confusion_said(m: Array) -> str:
    return charts.confusion_said(confused_pairs(m, LABELS, most=1))


EXACT = np.diag([40, 50, 60])
EVALUATED = [
    Case("classes.all", lambda m: charts.per_class_said(scores(m)), classes, GOOD, GOOD[::-1]),
    Case("classes.some", lambda m: charts.per_class_said(scores(m)),
         lambda r, m: classes(r, m) and len(f1(m)) < 3, RARE, GOOD),
    Case("classes.too_few", lambda m: charts.per_class_said(scores(m)),
         lambda _, m: len(f1(m)) < 2, GOOD // 10, GOOD),
    Case("counts.too_few", lambda m: charts.counts_said(scores(m)),
         lambda _, m: (m.sum(1) < 30).all(), GOOD // 10, GOOD),
    Case("counts.even", lambda m: charts.counts_said(scores(m)),
         lambda _, m: (abs(m.sum(0) / m.sum(1) - 1) <= 0.15).all(), EXACT, POOR),
    Case("counts.odd", lambda m: charts.counts_said(scores(m)), odd, POOR, POOR.T),
    Case("confusion.none", confusion_said, lambda _, m: np.trace(m) == m.sum(), EXACT, GOOD),
    Case("confusion.most", confusion_said, mistake, GOOD, GOOD.T),
]  # fmt: skip


# -- how sure; data: rows of confidence, share right, faces ----------------------------------------


def bins(data: Array) -> list[ReliabilityBin]:
    return [ReliabilityBin(0, 1, sure, ok, int(n)) for sure, ok, n in data]


def ece(data: Array) -> float:
    return float((data[:, 2] * abs(data[:, 0] - data[:, 1])).sum() / data[:, 2].sum())


def sure_said(data: Array) -> str:
    return charts.reliability_said(bins(data), ece(data))


def sure(sign: int) -> Any:
    def true(read: Read, data: Array) -> bool:
        lean = float((data[:, 2] * (data[:, 0] - data[:, 1])).sum() / data[:, 2].sum())
        points = near(float(read["points"].split()[0]), 100 * ece(data))
        leans = sign * lean > 0 and ece(data) >= 0.03 if sign else ece(data) < 0.04
        return points and leans

    return true


SURE = np.array([[0.9, 0.7, 60], [0.6, 0.5, 40]])
UNSURE = SURE[:, [1, 0, 2]]
EVEN = np.array([[0.9, 0.88, 60], [0.6, 0.62, 40]])
RELIABLE = [
    Case("reliability.over", sure_said, sure(1), SURE, UNSURE),
    Case("reliability.under", sure_said, sure(-1), UNSURE, SURE),
    Case("reliability.right", sure_said, sure(0), EVEN, SURE),
    Case("reliability.card", lambda d: charts.CALIBRATION(points=charts.points_of(ece(d))),
         lambda r, d: near(float(r["points"].split()[0]), 100 * ece(d)), SURE, EVEN),
]  # fmt: skip

CASES = [*PAIRED, *SIDES, *EVALUATED, *RELIABLE]
