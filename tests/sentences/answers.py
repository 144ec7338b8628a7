"""Sentences about a model's answers face by face: ranks, mistakes, slices, one face."""

from __future__ import annotations

from typing import Any

import numpy as np

from dashboard.lab.inside import view as inside_view
from dashboard.lab.mistakes import one_face
from dashboard.lab.mistakes import view as mistakes
from dashboard.lab.mistakes.data import Filter
from dashboard.lab.models import charts, model_view
from dashboard.lab.models import slices as model_slices
from dashboard.lab.models.figures import Figures
from fer_core.evaluation import slices
from fer_core.evaluation.label_errors import label_doubts
from fer_core.evaluation.metrics import score
from tests.sentences.case import Case, Read, near, share

Array = np.ndarray
LABELS = ("happy", "sad", "fear")

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

CASES = FACES
