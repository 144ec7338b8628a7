"""Sentences about models: trainings, evaluations, two of them, and data sets."""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np
import pandas as pd

from dashboard.lab.data import view as data_view
from dashboard.lab.inside import view as inside_view
from dashboard.lab.mistakes import one_face
from dashboard.lab.mistakes import view as mistakes
from dashboard.lab.mistakes.data import Filter
from dashboard.lab.models import charts, compare_view, learning_charts, model_view
from dashboard.lab.models import slices as model_slices
from dashboard.lab.models.data import SideBySide
from dashboard.lab.models.figures import Figures, ReliabilityBin
from dashboard.lab.train import charts as train_charts
from dashboard.lab.train import overlay, promotion
from dashboard.lab.train.data import ExampleFace, Examples, Run
from fer_core.evaluation import slices
from fer_core.evaluation.label_errors import label_doubts
from fer_core.evaluation.metrics import Scores, score
from fer_core.evaluation.paired import Paired, compare, forgot
from fer_core.evaluation.review import confused_pairs
from fer_core.jobs.data_inspection import DataInspection, SplitInspection
from fer_core.labels import DISPLAY_ORDER
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


# -- answers face by face; data: probabilities (faces, labels) and truths --------------------------

Answers = tuple[Array, Array]
Sliced = tuple[dict[str, Array], Array]


def top2(data: Answers) -> float:
    rank = (-data[0]).argsort(axis=1)[:, :2]
    return 100 * float((rank == data[1][:, None]).any(axis=1).mean())


def ranks_said(data: Answers) -> str:
    found = score(data[0].astype(np.float32), data[1].astype(np.int32), LABELS)
    return charts.ranks_said([found.accuracy, found.top2 - found.accuracy])


def counted(data: Answers, truth: str | None, guess: str | None, wrong: bool) -> int:
    guesses = data[0].argmax(axis=1)
    kept = guesses != data[1] if wrong else guesses == data[1]
    if truth:
        kept &= data[1] == LABELS.index(truth)
    if guess:
        kept &= guesses == LABELS.index(guess)
    return int(kept.sum())


def gallery(truth: str | None, guess: str | None, wrong: bool = True) -> Any:
    """What the filters leave, counted in the confusion, and what is said of it."""

    def said(data: Answers) -> str:
        found = score(data[0].astype(np.float32), data[1].astype(np.int32), LABELS)
        m = found.confusion * (1 - np.eye(3, dtype=int) if wrong else np.eye(3, dtype=int))
        rows = [LABELS.index(truth)] if truth else [0, 1, 2]
        columns = [LABELS.index(guess)] if guess else [0, 1, 2]
        total = int(m[np.ix_(rows, columns)].sum())
        wanted = Filter("e", truth, guess, wrong_only=wrong)
        return mistakes.finding(total, Figures("", found, ()), wanted)

    return said


def left(wrong: bool = True) -> Any:
    def true(read: Read, data: Answers) -> bool:
        count = counted(data, read.get("truth"), read.get("guess"), wrong)
        sized = "all" not in read or int(read["all"]) == len(data[1])
        return int(read["faces"].split()[0]) == count and sized

    return true


def doubtful(truth: str | None) -> Any:
    """The labels that confident learning suspects, of one truth or all."""

    def said(data: Answers) -> str:
        p, labels = data[0].astype(np.float32), data[1].astype(np.int32)
        found = label_doubts(p, labels).suspect
        total = int(found.sum() if truth is None else found[labels == LABELS.index(truth)].sum())
        wanted = Filter("e", truth, doubtful=True)
        return mistakes.finding(total, Figures("", score(p, labels, LABELS), ()), wanted)

    return said


def suspected(read: Read, data: Answers) -> bool:
    """Faces on which another class reaches its usual probability, and more than any other does."""
    p, labels = data
    usual = np.array([p[labels == k, k].mean() for k in range(3)])
    best = [max((k for k in range(3) if row[k] >= usual[k]), key=row.__getitem__, default=None)
            for row in p]  # fmt: skip
    wrong = [one is not None and one != label for one, label in zip(best, labels)]
    if "all" not in read:  # of one truth alone
        wrong = [one for one, label in zip(wrong, labels) if label == LABELS.index("sad")]
    sized = "all" not in read or int(read["all"]) == len(labels)
    return int(read["faces"].split()[0]) == sum(wrong) and sized


def overlaid(data: tuple[float, ...]) -> str:
    """What is said of trainings whose second epoch reached these accuracies."""
    trials = [
        overlay.Trial(str(k), f"run{k}", {}, pd.DataFrame({"epoch": [1, 2], "accuracy": [0.3, a]}))
        for k, a in enumerate(data)
    ]
    return overlay.best_said(trials)


def furthest(read: Read, data: tuple[float, ...]) -> bool:
    place = int(np.argmax(data))
    return (read["name"], read["epoch"]) == (f"run{place}", "2") and near(
        share(read["best"]), 100 * data[place], 0.05
    )


def sliced(data: Sliced) -> str:
    """What is said of slices given as members by key, and whether each answer is right."""
    found = [slices.Slice(slices.trait_called(key), 1.0, one) for key, one in data[0].items()]
    return model_slices.slices_said(model_slices.scores(found, data[1]))


def worst_slice(read: Read, data: Sliced) -> bool:
    """Its share, the share elsewhere, and that no other slice has a smaller one."""
    key = {"darkest": "dark", "most blurred": "blurred"}[read["name"]]
    shares = {name: 100 * data[1][one].mean() for name, one in data[0].items()}
    rest = 100 * data[1][~data[0][key]].mean()
    return near(share(read["share"]), shares[key]) and near(share(read["rest"]), rest) and (
        shares[key] == min(shares.values())
    )  # fmt: skip


def no_slice(read: Read, data: Sliced) -> bool:
    """No slice is below the rest by more than twice the error of its own share."""
    right, n = data[1], len(data[0])
    below = [right[~one].mean() - right[one].mean() for one in data[0].values()]
    error = [np.sqrt(right.mean() * (1 - right.mean()) / one.sum()) for one in data[0].values()]
    return int(read["all"]) == n and all(a <= 2 * b for a, b in zip(below, error))


RNG = np.random.default_rng(5)
SLICED = (
    {"dark": np.arange(400) < 40, "blurred": np.arange(400) >= 360},
    (np.arange(400) % 4 > 0) & ((np.arange(400) >= 40) | (np.arange(400) % 2 > 0)),
)
ANSWERS = (RNG.dirichlet(np.ones(3), 300), RNG.integers(0, 3, 300))
FEWER = (ANSWERS[0][:99], ANSWERS[1][:99])
ONE_FACE = {"happy": 0.62, "sad": 0.3, "fear": 0.08}
MEASURED = Figures(
    "", score(ANSWERS[0].astype(np.float32), ANSWERS[1].astype(np.int32), LABELS), ()
)
FACES = [
    Case("ranks", ranks_said, lambda r, d: near(share(r["share"]), top2(d)), ANSWERS,
         (ANSWERS[0], (ANSWERS[1] + ANSWERS[0].argmin(1)) % 3)),
    Case("mistakes.all", gallery(None, None), left(), ANSWERS, FEWER),
    Case("mistakes.truth", gallery("sad", None), left(), ANSWERS, FEWER),
    Case("mistakes.guess", gallery(None, "fear"), left(), ANSWERS, FEWER),
    Case("mistakes.pair", gallery("sad", "fear"), left(), ANSWERS, FEWER),
    Case("mistakes.doubtful", doubtful(None), suspected, ANSWERS, FEWER),
    Case("mistakes.doubtful.left", doubtful("sad"), suspected, ANSWERS, FEWER),
    Case("mistakes.area", lambda d: mistakes.area_said(len(d), int(d.sum())),
         lambda r, d: r["faces"] == f"{len(d)} faces" and r["wrong"] == str(np.count_nonzero(d)),
         np.arange(12) % 3 == 0, np.arange(12) % 2 == 0),
    Case("mistakes.slice",
         lambda d: mistakes.finding(int(d.sum()), MEASURED, Filter("e", slice="flat")),
         lambda r, d: r["faces"] == f"{np.count_nonzero(d)} faces"
         and r["name"] == "lowest in contrast", np.arange(12) % 3 == 0, np.arange(12) % 2 == 0),
    Case("slices.worst", sliced, worst_slice, SLICED, (SLICED[0], SLICED[1][::-1])),
    Case("slices.none", sliced, no_slice, (SLICED[0], np.ones(400, bool)), SLICED),
    Case("mistakes.right", gallery("sad", "sad", False), left(False), ANSWERS, FEWER),
    Case("mistake", lambda d: one_face.ANSWER(guess=d[0], truth=d[1]),
         lambda r, d: (r["guess"], r["truth"]) == d, ("sad", "fear"), ("fear", "sad")),
    Case("alike", one_face.alike,
         lambda r, d: int(r["most"]) == max(np.unique(d, return_counts=True)[1])
         == d.count(r["name"]) and int(r["all"]) == len(d),
         ["sad"] * 5 + ["fear"] * 3, ["sad"] * 3 + ["fear"] * 5),
    Case("inside.reads", lambda d: inside_view.reads("m", d),
         lambda r, d: near(share(r["share"]), 100 * np.max(list(d.values())))
         and d[r["name"].lower()] == np.max(list(d.values())),
         ONE_FACE, ONE_FACE | {"sad": 0.7}),
    Case("leaked", lambda d: model_view.leaked_said(int(np.isin(d[0], d[1]).sum()), len(d[0])),
         lambda r, d: int(r["leaked"]) == len(np.intersect1d(*d)) and int(r["faces"]) == len(d[0]),
         (np.arange(50), np.arange(40, 90)), (np.arange(50), np.arange(45, 90))),
]  # fmt: skip


# -- trainings; data: accuracy by the epoch --------------------------------------------------------


def epochs(data: Array) -> pd.DataFrame:
    n = len(data)
    return pd.DataFrame({"epoch": np.arange(1, n + 1), "accuracy": data, "loss": 1.0, "rate": 0.1})


def learned(data: Array) -> str:
    return learning_charts.learning_said(epochs(data))


def still(read: Read, data: Array) -> bool:
    last = data[-int(read["epochs"]) :]
    rising = near(float(read["gain"]), 100 * (last[-1] - last[0]), 0.05)
    return rising and last[-1] > last[0] and data.argmax() >= len(data) - 2


def best(read: Read, data: Array) -> bool:
    at = int(data.argmax())
    named = int(read["epoch"]) == at + 1 and near(share(read["best"]), 100 * data[at])
    return named and near(share(read["last"]), 100 * data[-1]) and at < len(data) - 3


def level(read: Read, data: Array) -> bool:
    at = int(data.argmax())
    return int(read["epoch"]) == at + 1 and near(share(read["best"]), 100 * data[at])


def spread(read: Read, data: Array) -> bool:
    low, high = np.percentile(100 * data, [25, 75])
    return near(share(read["low"]), low) and near(share(read["high"]), high)


def growing(active: bool, planned: int = 20) -> Any:
    return lambda data: train_charts.growing_said(epochs(data), planned, active)


def now(read: Read, data: Array) -> bool:
    last = int(read["epoch"]) == len(data) and near(share(read["share"]), 100 * data[-1])
    if "best" in read:
        at = int(data.argmax())
        return last and int(read["best"]) == at + 1 and near(share(read["most"]), 100 * data[at])
    return last and bool(data.argmax() == len(data) - 1)


def examples_said(data: tuple[Array, Array, int]) -> str:
    faces = tuple(ExampleFace("", LABELS[t], LABELS[g], 0.5) for t, g in zip(*data[:2]))
    return train_charts.examples_said(Examples(data[2], faces))


def examples(read: Read, data: tuple[Array, Array, int]) -> bool:
    counts = (int((data[0] == data[1]).sum()), len(data[0]), data[2])
    return (int(read["right"]), int(read["all"]), int(read["epoch"])) == counts


RISING = np.linspace(0.3, 0.6, 12)
ROUND = np.r_[np.linspace(0.3, 0.6, 6), np.linspace(0.59, 0.5, 6)]
LEVEL = np.r_[np.linspace(0.3, 0.6, 8), 0.599, 0.598]
STILL = 0.4 + 0.001 * np.sin(np.arange(8))
ZERO_TO_TWO = np.arange(9) % 3
TRAININGS = [
    Case("learning.unknown", learned, lambda _, d: not len(d), RISING[:0], RISING),
    Case("learning.still", learned, still, RISING, ROUND),
    Case("learning.best", learned, best, ROUND, RISING),
    Case("learning.level", learned, level, LEVEL, RISING),
    Case("spread.too_few", lambda d: learning_charts.violins_said(epochs(d)),
         lambda _, d: len(d) < 4, RISING[:3], RISING),
    Case("spread", lambda d: learning_charts.violins_said(epochs(d)), spread, RISING, ROUND),
    Case("trainings.best", overlaid, furthest, (0.5, 0.71, 0.66), (0.8, 0.71, 0.66)),
    Case("training.first", growing(True), lambda _, d: not len(d), RISING[:0], RISING),
    Case("training.now", growing(True), now, RISING, ROUND),
    Case("training.now.best", growing(True), now, ROUND, RISING),
    Case("training.stayed", growing(False),
         lambda r, d: near(share(r["share"]), 100 * d[-1]) and np.ptp(d) < 0.01, STILL, RISING),
    Case("training.reached", growing(False),
         lambda r, d: near(share(r["share"]), 100 * d.max()) and d[-1] - d[0] >= 0.01
         and d.max() - d[-1] < 0.01, RISING, ROUND),
    Case("training.examples", examples_said, examples,
         (ZERO_TO_TWO, np.sort(ZERO_TO_TWO), 4), (ZERO_TO_TWO, ZERO_TO_TWO, 4)),
]  # fmt: skip


# -- data sets; data: faces of each expression in training -----------------------------------------


def inspected(data: Array) -> str:
    counts = dict(zip(DISPLAY_ORDER, (int(one) for one in data)))
    split = SplitInspection("train", int(data.sum()), counts, 0, 0, 0, 0, 0)
    return data_view.finding(DataInspection((split,), (), 0, {}))


def frequent(read: Read, data: Array) -> bool:
    top = int(data.argmax())
    named = read["most"] == DISPLAY_ORDER[top] and int(read["faces"].replace(",", "")) == data.sum()
    return named and near(share(read["share"]), 100 * data[top] / data.sum())


def absent(read: Read, data: Array) -> bool:
    missing = [DISPLAY_ORDER[k] for k in np.flatnonzero(data == 0)]
    return frequent(read, data) and read["absent"].replace(" or ", ", ").split(", ") == missing


def rarest(read: Read, data: Array) -> bool:
    low = int(data.argmin())
    part = near(share(read["rare"].removeprefix("only ")), 100 * data[low] / data.sum())
    return frequent(read, data) and read["least"] == DISPLAY_ORDER[low] and part


def even(read: Read, data: Array) -> bool:
    sized = int(read["faces"].replace(",", "")) == data.sum()
    return sized and bool(data.max() < 1.5 * data.min())


USUAL = np.array([700, 300, 500, 480, 400, 40, 390])
DATA = [
    Case("data.absent", inspected, absent, USUAL * (USUAL != 40) * (USUAL != 300), USUAL),
    Case("data.even", inspected, even, USUAL // USUAL * 300, USUAL),
    Case("data.rarest", inspected, rarest, USUAL, USUAL[::-1]),
]

CASES = [*PAIRED, *SIDES, *EVALUATED, *RELIABLE, *FACES, *TRAININGS, *DATA]
