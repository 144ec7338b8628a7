"""Sentences about one recording, and about a camera's audience now."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.camera.live import finding as live
from dashboard.shared.charts import findings
from fer_core.live import LiveHistory
from tests.sentences.case import Case, Read, at, near, noise, share

Array = np.ndarray


# -- a recording; data: engagement by the second, NaN where nobody could be read ------------------


def seconds_of(engagement: Array) -> pd.DataFrame:
    known = ~np.isnan(engagement)
    n = np.arange(len(engagement))
    emotion = pd.array(np.where(known, "neutral", None), dtype="str")
    return pd.DataFrame(
        {
            "second": n,
            "t_ms": 1000 * n,
            "engagement": np.where(known, engagement, 0.0),
            "emotion": emotion,
            "valence": 0.0,
        }
    )


def said(data: Array) -> str:
    return findings.engagement(seconds_of(data))


def step(read: Read, data: Array) -> float:
    cut = at(read["when"])
    return float(np.nanmean(data[cut:]) - np.nanmean(data[:cut]))


def inside(read: Read, data: Array) -> float:
    part = np.zeros(len(data), bool)
    part[at(read["start"]) : at(read["end"])] = True
    return float(np.nanmean(data[part]) - np.nanmean(data[~part]))


def peak(read: Read, data: Array) -> bool:
    top = int(np.nanargmax(data))
    return at(read["when"]) == top and bool(data[top] - np.nanmean(data) >= 10)


def left(read: Read, data: Array) -> bool:
    when = at(read["when"])
    seen = ~np.isnan(data)
    return not seen[when:].any() and seen[:when].mean() >= 0.8


def smooth(data: Array) -> Array:
    return np.convolve(data, np.ones(3) / 3, "valid")


def holds(read: Read, data: Array) -> bool:
    return near(float(read["mean"]), data.mean()) and float(np.ptp(smooth(data))) <= 10


HIGH = np.r_[np.full(20, 70.0), np.full(25, 40.0)] + noise(45, size=2)
HILL = np.r_[np.full(20, 45.0), np.full(15, 75.0), np.full(25, 45.0)] + noise(60, size=2)
VALLEY = 120 - HILL
SPIKE = 50 + noise(40, size=1) + 11.0 * (3 - np.clip(1 + abs(np.arange(40) - 17), 1, 3))
EVEN = 52 + noise(40, size=1)
WAVY = 50 + 9 * np.sin(np.arange(60) / 1.6)
GONE = np.r_[EVEN[:8], np.full(20, np.nan)]
PATCHY = np.where(np.arange(60) % 4 == 0, 50.0, np.nan)

RECORDING = [
    Case("session.falls", said, lambda r, d: step(r, d) <= -5, HIGH, HIGH[::-1]),
    Case("session.rises", said, lambda r, d: step(r, d) >= 5, HIGH[::-1], HIGH),
    Case("session.highest", said, lambda r, d: inside(r, d) >= 5, HILL, VALLEY),
    Case("session.lowest", said, lambda r, d: inside(r, d) <= -5, VALLEY, HILL),
    Case("session.peaks", said, peak, SPIKE, SPIKE[::-1]),
    Case("session.holds", said, holds, EVEN, EVEN + 3),
    Case("session.varies", said, lambda _, d: np.ptp(smooth(d)) > 10, WAVY, EVEN),
    Case("session.nobody", said, lambda _, d: np.isnan(d).all(), GONE * np.nan, EVEN),
    Case("session.left", said, left, GONE, PATCHY),
    Case("session.readable", said,
         lambda r, d: near(share(r["share"]), 100 * (~np.isnan(d)).mean()), PATCHY, EVEN),
]  # fmt: skip


# -- its whole; data: engagement by the second -----------------------------------------------------

NEUTRAL = pd.Series({"neutral": 0.7, "happy": 0.3})


def whole(read: Read, data: Array) -> bool:
    known = np.isnan(data)
    values = np.where(known, 0.0, data)
    return (
        near(float(read["mean"]), values.mean())
        and near(float(read["top"]), values.max())
        and near(float(read["low"]), values.min())
        and at(read["top_at"]) == int(values.argmax())
        and at(read["low_at"]) == int(values.argmin())
    )


def whole_said(data: Array) -> str:
    return findings.session(seconds_of(data), NEUTRAL)


def nobody_said(data: Array) -> str:
    table = seconds_of(data)
    table["engagement"] = data
    return findings.session(table, NEUTRAL, "Ada")


WHOLE = [
    Case("session.whole", whole_said, whole, SPIKE, SPIKE[::-1]),
    Case("session.whole.nobody", nobody_said,
         lambda r, d: r["name"] == "Ada: " and np.isnan(d).all(), GONE * np.nan, EVEN),
]  # fmt: skip


# -- expressions; data: shares of time of neutral, happy, sad --------------------------------------

NAMES = ("neutral", "happy", "sad")


def mix_said(data: Array) -> str:
    return findings.expressions(pd.Series(data, index=list(NAMES)))


def mixed(read: Read, data: Array) -> bool:
    top = int(data.argmax())
    right = read["name"] == NAMES[top] and near(share(read["share"]), 100 * data[top])
    return right and data[top] < 0.5


def mostly(read: Read, data: Array) -> bool:
    first, second = np.argsort(-data)[:2]
    named = (read["first"], read["second"]) == (NAMES[first], NAMES[second])
    return named and near(share(read["share"]), 100 * data[second]) and data[first] >= 0.5


def one_only(read: Read, data: Array) -> bool:
    return read["name"] == NAMES[int(data.argmax())] and np.sort(data)[-2] < 0.03


BALANCED, NEUTRAL_FIRST, CALM = (
    np.array(one) for one in ((0.4, 0.35, 0.25), (0.7, 0.25, 0.05), (0.99, 0.01, 0.0))
)
MIX = [
    Case("session.mixed", mix_said, mixed, BALANCED, NEUTRAL_FIRST),
    Case("session.mostly", mix_said, mostly, NEUTRAL_FIRST, NEUTRAL_FIRST[::-1]),
    Case("session.one_expression", mix_said, one_only, CALM, NEUTRAL_FIRST),
]


# -- valence; data: by the second ------------------------------------------------------------------


def valence_said(data: Array) -> str:
    return findings.valence(pd.DataFrame({"valence": data}))


def leans(read: Read, data: Array) -> bool:
    return data.mean() >= 0.1 if read["side"] == "pleasant" else data.mean() <= -0.1


PLEASANT = 0.3 + noise(30, size=0.1)
VALENCE = [
    Case("session.valence.zero", valence_said, lambda _, d: abs(d.mean()) < 0.1,
         PLEASANT - 0.3, PLEASANT),
    Case("session.valence.leans", valence_said, leans, PLEASANT, -PLEASANT),
]  # fmt: skip


# -- live; data: people, attending, engagement of the last seconds, two points a second ------------

Room = tuple[int, int, Array]


def live_said(data: Room, paused: bool = False) -> str:
    people, attending, curve = data
    nothing = np.full(len(curve), np.nan)
    history = LiveHistory(
        0.5 * np.arange(1, len(curve) + 1), curve, nothing, nothing,
        np.full((len(curve), 7), np.nan), nothing,
    )  # fmt: skip
    return live.finding(
        history, people=people, attending=attending, engagement=float(curve[-1]), paused=paused
    )


def way(read: Read, data: Room) -> bool:
    """The second half of the last ten seconds against the first; a line moves by 6 in ten."""
    last = data[2][-20:]
    if np.isnan(last).any():
        return False
    gain = last[10:].mean() - last[:10].mean()
    moved = "rising" if gain >= 3 else "falling" if gain <= -3 else "steady"
    return read["way"] == moved


def people(read: Read, data: Room) -> bool:
    count, attending, _ = data
    words = {0: "nobody", count: "both" if count == 2 else "all"}
    right = read["attending"] == words.get(attending, str(attending))
    return read["people"] == ("1 person" if count == 1 else f"{count} people") and right


def tail(data: Room) -> str:
    return live_said(data).removeprefix("One person, attending").removesuffix(".")


UP = np.r_[np.full(40, 90.0), np.full(8, np.nan), np.linspace(3, 73, 20)]
LIVE = [
    Case("live.paused", lambda d: live_said((1, 1, UP), d), lambda _, d: d, True, False),
    Case("live.nobody", live_said, lambda _, d: d[0] == 0, (0, 0, UP), (1, 0, UP)),
    Case("live.one", live_said, lambda _, d: d[:2] == (1, 1), (1, 1, UP), (2, 1, UP)),
    Case("live.people", live_said, people, (5, 3, UP), (5, 4, UP)),
    Case("live.unread", tail, lambda _, d: np.isnan(d[2][-1]), (1, 1, UP * np.nan), (1, 1, UP)),
    Case("live.way", tail, way, (1, 1, UP), (1, 1, UP[::-1])),
]

CASES = [*RECORDING, *WHOLE, *MIX, *VALENCE, *LIVE]
