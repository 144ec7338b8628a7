"""Sentences about one recording, and about a camera's audience now."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.camera.live import finding as live
from dashboard.shared.charts import findings
from fer_core.labels import DISPLAY_ORDER
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
            "n": 1,
            "attention": np.where(known, 1.0, 0.0),
            "away": np.where(known, 0.0, 1.0),
        }
        | {f"p_{name}": np.where(known, float(name == "neutral"), np.nan) for name in DISPLAY_ORDER}
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


# -- why; data: attention, the share out of view and the probability of happy, by the second ------

Parts = tuple[Array, Array, Array]


def parts_table(data: Parts) -> pd.DataFrame:
    attention, away, happy = data
    table = seconds_of(100 * attention * (0.4 + 0.6 * happy))
    return table.assign(attention=attention, away=away, p_happy=happy, p_neutral=1 - happy)


def why_said(data: Parts) -> str:
    return findings.engagement(parts_table(data))


def differences(read: Read, data: Parts) -> list[float]:
    """How much each part differs within the sentence's stretch from the rest."""
    end = len(data[0])
    words = read["said"].removeprefix("Engagement ").split(" from ")
    if len(words) == 2:
        start, end = (at(one) for one in words[1].split(" to "))
    else:
        start = at(words[0].split(" after ")[1])
    part = (np.arange(len(data[0])) >= start) & (np.arange(len(data[0])) < end)
    return [float(one[part].mean() - one[~part].mean()) for one in data]


def turned(read: Read, data: Parts) -> bool:
    attention, away, happy = differences(read, data)
    right = read["who"] == "the head is"
    return right and attention < -0.1 and away > attention / 2 and away < 0.1 and abs(happy) < 0.1


def facing(read: Read, data: Parts) -> bool:
    attention, _, happy = differences(read, data)
    return attention > 0.1 and abs(happy) < 0.1


def hidden(read: Read, data: Parts) -> bool:
    attention, away, _ = differences(read, data)
    return attention < -0.1 and away > -attention / 2


def happier(read: Read, data: Parts) -> bool:
    attention, _, happy = differences(read, data)
    return read["name"] == "happy" and abs(attention) < 0.1 and happy > 0.1


def less_happy(read: Read, data: Parts) -> bool:
    attention, _, happy = differences(read, data)
    return read["name"] == "happy" and abs(attention) < 0.1 and happy < -0.1


def eyes_said(data: tuple[Parts, Array, Array]) -> str:
    parts, closed, away = data
    return findings.engagement(parts_table(parts).assign(eyes_closed=closed, eyes_away=away))


def eyes_why(read: Read, data: tuple[Parts, Array, Array], which: int) -> bool:
    parts, *eyes = data
    attention, away, column = differences(read, (parts[0], parts[1], eyes[which]))
    return attention < -0.1 and away < 0.1 and column > -attention / 2


THERE = 0.9 + noise(60, size=0.02)
GOES = THERE - 0.5 * ((np.arange(60) >= 20) & (np.arange(60) < 35))
NEVER, QUIET = np.zeros(60), 0.3 + noise(60, size=0.02, seed=3)
SMILES = QUIET + 0.5 * ((np.arange(60) >= 20) & (np.arange(60) < 35))
TURNS: Parts = (GOES, NEVER, QUIET)
RETURNS: Parts = (THERE - 0.5 * (np.arange(60) < 30), NEVER, QUIET)
HIDES: Parts = (GOES, THERE - GOES, QUIET)
SMILING: Parts = (THERE, NEVER, SMILES)
SOBER: Parts = (THERE, NEVER, QUIET + 0.5 * (np.arange(60) < 30))
EYES_CLOSED = (TURNS, THERE - GOES, NEVER)
EYES_AWAY = (TURNS, NEVER, THERE - GOES)
WHY = [
    Case("session.why.closed", eyes_said, lambda r, d: eyes_why(r, d, 0), EYES_CLOSED, EYES_AWAY),
    Case("session.why.away", eyes_said, lambda r, d: eyes_why(r, d, 1), EYES_AWAY, EYES_CLOSED),
    Case("session.why.turned", why_said, turned, TURNS, HIDES),
    Case("session.why.facing", why_said, facing, RETURNS, TURNS),
    Case("session.why.hidden", why_said, hidden, HIDES, TURNS),
    Case("session.why.more", why_said, happier, SMILING, TURNS),
    Case("session.why.fewer", why_said, less_happy, SOBER, SMILING),
]


# -- attention; data: by the second -------------------------------------------------------------


def attention_said(data: Array) -> str:
    nothing = np.zeros(len(data))
    return findings.attention(parts_table((data, nothing, nothing)))


def attends(read: Read, data: Array) -> bool:
    return near(share(read["mean"]), 100 * data.mean())


def attends_least(read: Read, data: Array) -> bool:
    part = np.zeros(len(data), bool)
    part[at(read["start"]) : at(read["end"])] = True
    return attends(read, data) and bool(data[part].mean() - data[~part].mean() <= -0.1)


ATTENTION = [
    Case("session.attention", attention_said, attends, THERE, GOES),
    Case("session.attention.least", attention_said, attends_least, GOES, THERE),
]


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

CASES = [*RECORDING, *WHY, *ATTENTION, *WHOLE, *MIX, *VALENCE, *LIVE]
