"""Sentences about a study's audience and about groups beside each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from fer_core.analytics.compare import Comparison, compare, compare_all
from fer_core.analytics.methods.synchrony import synchrony
from fer_core.analytics.norms import norm
from fer_core.labels import DISPLAY_ORDER
from fer_core.reports import findings
from fer_core.studies.groups import sentences
from fer_core.studies.response import emotion_shares
from tests.responses import response_of, seconds_of
from tests.sentences.case import Case, Read, at, near, noise, share

Array = np.ndarray
WHO = ("", "this viewer", "these two viewers", "these three viewers", "these four viewers")


# -- one audience; data: (viewers, seconds) of engagement, and the smallest group -----------------


def numbers(values: Array) -> tuple[Array, Array, Array, int]:
    """Mean, 1.96 standard errors, which seconds are carried, and how many viewers."""
    n = (~np.isnan(values)).sum(axis=0)
    viewers = int((~np.isnan(values)).any(axis=1).sum())
    total = np.nansum(values, axis=0)
    mean = total / np.maximum(n, 1)
    error = 1.96 * np.sqrt(np.nansum((values - mean) ** 2, axis=0) / np.maximum(n - 1, 1))
    return mean, error / np.sqrt(np.maximum(n, 1)), (2 * n >= viewers) & (n > 0), viewers


def said(data: tuple[Array, int]) -> str:
    return findings.response(response_of(data[0], minimum=data[1]))


def hidden(_read: Read, data: tuple[Array, int]) -> bool:
    n = (~np.isnan(data[0])).sum(axis=0)
    return bool((n < data[1]).all())


def hidden_second(read: Read, data: tuple[Array, int]) -> bool:
    mean, _, carried, _ = numbers(data[0])
    line = np.where(carried, mean, np.nan)
    n = (~np.isnan(data[0])).sum(axis=0)
    extremes = n[np.nanargmax(line)], n[np.nanargmin(line)]
    return int(read["minimum"]) == data[1] and min(extremes) < data[1]


def few_range(read: Read, data: tuple[Array, int]) -> bool:
    mean, _, _, viewers = numbers(data[0])
    return (
        viewers < 5
        and read["who"] == WHO[viewers]
        and near(float(read["low"]), mean.min())
        and near(float(read["high"]), mean.max())
        and at(read["when"]) == int(mean.argmax())
        and float(np.ptp(mean)) > 10
    )


def few_flat(read: Read, data: tuple[Array, int]) -> bool:
    mean, _, _, viewers = numbers(data[0])
    ends = near(float(read["low"]), mean.min()) and near(float(read["high"]), mean.max())
    return viewers < 5 and read["who"] == WHO[viewers] and ends and float(np.ptp(mean)) <= 10


def too_few(_read: Read, data: tuple[Array, int]) -> bool:
    _, error, carried, viewers = numbers(data[0])
    return viewers >= 5 and bool(carried.mean() < 0.5 or np.median(error[carried]) > 9)


def peaks(read: Read, data: tuple[Array, int]) -> bool:
    mean, error, carried, viewers = numbers(data[0])
    top = int(np.where(carried, mean, -np.inf).argmax())
    clear = mean[top] - error[top] > mean[carried].mean()
    return viewers >= 5 and at(read["when"]) == top and bool(clear)


def lowest(read: Read, data: tuple[Array, int]) -> bool:
    mean, error, carried, viewers = numbers(data[0])
    low = int(np.where(carried, mean, np.inf).argmin())
    clear = mean[low] + error[low] < mean[carried].mean()
    return viewers >= 5 and at(read["when"]) == low and bool(clear)


def holds(read: Read, data: tuple[Array, int]) -> bool:
    mean, error, carried, _ = numbers(data[0])
    whole = mean[carried].mean()
    flat = np.abs(mean[carried] - whole).max() <= 10 and np.median(error[carried]) <= 10
    return near(float(read["mean"]), whole) and bool(flat)


def varies(read: Read, data: tuple[Array, int]) -> bool:
    mean, error, carried, _ = numbers(data[0])
    line = mean[carried]
    ends = near(float(read["low"]), line.min()) and near(float(read["high"]), line.max())
    top = int(np.where(carried, mean, -np.inf).argmax())
    unclear = mean[top] - error[top] < line.mean() + 2.5
    return ends and bool(np.abs(line - line.mean()).max() > 10) and bool(unclear)


def whole(read: Read, data: tuple[Array, int]) -> bool:
    mean, _, carried, viewers = numbers(data[0])
    n = (~np.isnan(data[0])).sum(axis=0)
    return (
        near(float(read["mean"]), mean[carried].mean())
        and read["seconds"] == f"{carried.sum()} seconds"
        and read["viewers"] == f"{viewers} viewers"
        and read["n"] == (f"n {n.min()} to {n.max()}" if np.ptp(n) else f"n {n[0]}")
    )


FLAT = 60 + noise(40, 30, size=6)
WAVE = np.tile(np.linspace(20, 90, 30), (2, 1))
BUMP = FLAT + 15 * (np.arange(30) == 20)
DIP = FLAT - 15 * (np.arange(30) == 20)
WIDE = np.clip(60 + noise(6, 30, size=30), 0, 100)
SPLIT = 60 + noise(20, 30, size=3)
SPLIT[:, 10] = np.where(np.arange(20) % 2, 44.0, 100.0)
FOUR = 60 + noise(8, 20, size=1)
FOUR[:4, 7], FOUR[4:, 7] = np.nan, 90
GAPS = BUMP.copy()
GAPS[3:, 5], GAPS[:3, 5] = np.nan, 100  # a second of three viewers is no peak

AUDIENCE = [
    Case("response.hidden", said, hidden, (WAVE, 5), (FLAT, 5)),
    Case("response.hidden_second", said, hidden_second, (FOUR, 5), (BUMP, 5)),
    Case("response.few.range", said, few_range, (WAVE, 1), (WAVE[:, ::-1], 1)),
    Case("response.few.flat", said, few_flat, (FLAT[:1] * 0 + 60, 1), (WAVE, 1)),
    Case("response.too_few", said, too_few, (WIDE, 1), (FLAT, 1)),
    Case("response.peaks", said, peaks, (GAPS, 1), (GAPS[:, ::-1], 1)),
    Case("response.lowest", said, lowest, (DIP, 1), (DIP[:, ::-1], 1)),
    Case("response.holds", said, holds, (FLAT, 1), (FLAT + 3, 1)),
    Case("response.varies", said, varies, (SPLIT, 1), (FLAT, 1)),
    Case("response.whole", lambda data: findings.alt_text(response_of(data[0])), whole,
         (GAPS, 1), (FLAT + 3, 1)),
]  # fmt: skip


# -- expressions; data: (viewers, seconds) whether each is happy, the rest neutral ----------------


def shares_said(happy: Array) -> str:
    table = seconds_of(happy, "p_happy")
    for name in DISPLAY_ORDER:
        if name != "happy":
            table[f"p_{name}"] = 1 - table["p_happy"] if name == "neutral" else 0.0
    return findings.shares(emotion_shares(table, happy.shape[1] - 1))


def shown(happy: Array) -> Array:
    return 100 * (happy > 0.5).mean(axis=0)


def shares_top(read: Read, happy: Array) -> bool:
    top = shown(happy)
    return (
        read["name"] == "Happy"
        and near(float(read["share"]), top.max())
        and at(read["when"]) == int(top.argmax())
    )


SMILES = np.zeros((20, 15))
SMILES[:11, 9] = 0.9
SHARES = [
    Case("shares.too_few", shares_said, lambda _, data: len(data) < 5, SMILES[:4], SMILES),
    Case("shares.none", shares_said, lambda _, data: shown(data).max() < 20, SMILES * 0, SMILES),
    Case("shares.top", shares_said, shares_top, SMILES, SMILES[:, ::-1]),
]


# -- two groups; data: (a, b), each (viewers, seconds) of engagement -------------------------------


def compared(data: tuple[Array, ...]) -> Comparison:
    a, b = (seconds_of(one) for one in data[:2])
    return compare(a, b, measures=("engagement",), permutations=300, draws=50)


def drawn(data: tuple[Array, ...]) -> str:
    return findings.compared(compared(data), "engagement")


def over(data: tuple[Array, ...]) -> Array:
    """The difference in standard errors, second by second."""
    a, b = data[:2]
    return (a.mean(0) - b.mean(0)) / np.sqrt(a.var(0) / len(a) + b.var(0) / len(b))


def spans(text: str) -> list[slice]:
    pairs = [one.split(" to ") for one in text.split(", ")]
    return [slice(at(start), at(stop)) for start, stop in pairs]


def higher(read: Read, data: tuple[Array, ...]) -> bool:
    sign = 1 if read["higher"] == "A" else -1
    return all((sign * over(data)[one]).mean() > 2 for one in spans(read["when"]))


def both(read: Read, data: tuple[Array, ...]) -> bool:
    means = [over(data)[one].mean() for one in spans(read["when"])]
    return min(np.abs(means)) > 2 and min(means) < 0 < max(means)


def alike(_read: Read, data: tuple[Array, ...]) -> bool:
    return bool(np.abs(over(data)).mean() < 1.5)


def few_a_side(_read: Read, data: tuple[Array, ...]) -> bool:
    return min(len(data[0]), len(data[1])) < 6


def span(read: Read, data: tuple[Array, ...]) -> bool:
    inside = over(data)[at(read["start"]) : at(read["stop"])].mean()
    return inside > 2 if read["higher"] == "A" else inside < -2


def found(read: Read, data: tuple[Array, ...]) -> bool:
    """All that differs is in the spans: outside them the two do not."""
    outside = np.ones(data[0].shape[1], bool)
    for one in read["spans"].split("; "):
        outside[spans(one.split(" from ")[1])[0]] = False
    counts = {f"{len(data[0])} viewers a side", f"{len(data[0])} and {len(data[1])} viewers"}
    return bool(np.abs(over(data)[outside]).mean() < 1.5) and read["viewers"] in counts


def too_few_a_side(read: Read, data: tuple[Array, ...]) -> bool:
    counts = [len(one) for one in data[:2]]
    return [int(read["n_a"]), int(read["n_b"])] == counts and min(counts) < int(read["fewest"])


def pairs_said(data: tuple[Array, ...]) -> str:
    tables = [seconds_of(one).assign(respondent=lambda t: t["session_id"]) for one in data[:2]]
    chosen = {"measures": ("engagement",), "by": ("respondent",), "pairs": True}
    return compare(*tables, permutations=50, draws=20, **chosen).sentence


def too_few_pairs(read: Read, data: tuple[Array, ...]) -> bool:
    return int(read["n"]) == len(data[0]) == len(data[1]) < int(read["fewest"])


def of_pair_said(data: tuple[Array, ...]) -> str:
    groups = {name: seconds_of(one) for name, one in zip("ABC", data)}
    all_pairs = compare_all(groups, measures=("engagement",), permutations=500, draws=20)
    return next(one for one in sentences(all_pairs) if one.startswith("A and C: "))


def of_pair(read: Read, data: tuple[Array, ...]) -> bool:
    pair = tuple(data["ABC".index(read[one])] for one in ("a", "b"))
    return bool(np.abs(over(pair)).max() > 4) and read["said"].startswith("C ")


ONE, TWO = 50 + noise(20, 30, size=8, seed=1), 50 + noise(20, 30, size=8, seed=2)
LATER = TWO + 25 * (np.arange(30) >= 20)
CROSSING = LATER - 25 * (np.arange(30) < 10)
GROUPS = [
    Case("compared.too_few", drawn, few_a_side, (ONE[:4], TWO), (ONE, TWO)),
    Case("compared.same", drawn, alike, (ONE, TWO), (ONE, LATER + 20)),
    Case("compared.higher", drawn, higher, (ONE, LATER), (LATER, ONE)),
    Case("compared.higher", drawn, higher, (LATER, ONE), (ONE, LATER)),
    Case("compared.both", drawn, both, (ONE, CROSSING), (ONE, LATER)),
    Case("comparison.span", lambda data: compared(data).sentence.split("; ")[0], span,
         (ONE, LATER), (LATER, ONE)),
    Case("comparison.span", lambda data: compared(data).sentence.split("; ")[0], span,
         (LATER, ONE), (ONE, LATER)),
    Case("comparison.found", lambda data: compared(data).sentence, found,
         (ONE, LATER), (ONE, CROSSING)),
    Case("comparison.none", lambda data: compared(data).sentence, alike,
         (ONE, TWO), (ONE, LATER + 20)),
    Case("comparison.too_few", lambda data: compared(data).sentence, too_few_a_side,
         (ONE[:4], TWO[:7]), (ONE, TWO)),
    Case("comparison.too_few_pairs", pairs_said, too_few_pairs, (ONE[:4], TWO[:4]), (ONE, TWO)),
    Case("comparison.of_pair", of_pair_said, of_pair, (ONE, TWO, LATER), (ONE, TWO, TWO)),
]  # fmt: skip


# -- together; data: (viewers, seconds) ------------------------------------------------------------


def tied(data: Array) -> float:
    """The mean correlation of two viewers' curves."""
    return float(np.corrcoef(data)[np.triu_indices(len(data), 1)].mean())


def together(data: Array) -> str:
    return findings.together("engagement", synchrony(data, shifts=200))


SINE = 50 + 30 * np.sin(np.arange(40) / 3) + noise(12, 40, size=5)
ALONE = 50 + noise(12, 40, size=5, seed=4)
TOGETHER = [
    Case("together.unknown", together, lambda _, data: data.shape[1] < 10, SINE[:, :8], SINE),
    Case("together.yes", together, lambda _, data: tied(data) > 0.3, SINE, ALONE),
    Case("together.no", together, lambda _, data: abs(tied(data)) < 0.1, ALONE, SINE),
]


# -- norms; data: a value and those of other studies -----------------------------------------------


def below(data: tuple[float, Array]) -> float:
    return 100 * float((data[1] < data[0]).mean())


def norm_said(data: tuple[float, Array]) -> str:
    return findings.norm(norm(data[0], list(data[1])))


def norms_said(data: tuple[float, Array]) -> Any:
    return findings.norms({"engagement": norm(data[0], list(data[1]))})


OTHERS = np.arange(20.0)
NORMS = [
    Case("norm.too_few", norm_said,
         lambda read, data: read["others"] == f"{len(data[1])} other studies"
         and len(data[1]) < int(read["needed"]),
         (5.0, OTHERS[:9]), (5.0, OTHERS)),
    Case("norm", norm_said,
         lambda read, data: near(float(read["share"]), below(data))
         and read["others"] == f"{len(data[1])} other studies",
         (14.5, OTHERS), (4.5, OTHERS)),
    Case("norm.report", norms_said,
         lambda read, data: near(share(read["shares"].split(" of them")[0]), below(data))
         and int(read["others"]) == len(data[1]),
         (14.5, OTHERS), (4.5, OTHERS)),
]  # fmt: skip

CASES = [*AUDIENCE, *SHARES, *GROUPS, *TOGETHER, *NORMS]
