"""What may be done against flicker: filters over the frames' probabilities, and over boxes.

Filters take the n frames of one viewer, (n, k) values at times (n,) in seconds, and look back
alone unless they say otherwise. Probabilities are filtered as logarithms, as the model's own
outputs are averaged, and sum to 1 afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fer_core.inference.outputs import LEAST, softmax
from fer_core.live.steady import CUTOFF_HZ, PER_SPEED, OneEuro

Values = np.ndarray
Filter = Callable[[Values, Values], Values]


def as_they_are(_: Values, values: Values) -> Values:
    return values


def exponential(tau_s: float) -> Filter:
    """Each value moves towards the newest by 1 − exp(−Δt / τ) of the way."""

    def apply(t: Values, values: Values) -> Values:
        out = values.astype(np.float64)
        for i in range(1, len(out)):
            share = 1 - np.exp(-(t[i] - t[i - 1]) / tau_s)
            out[i] = out[i - 1] + share * (values[i] - out[i - 1])
        return out

    return apply


def one_euro(cutoff_hz: float = CUTOFF_HZ, per_speed: float = PER_SPEED) -> Filter:
    """As Live has it; other settings on request."""

    def apply(t: Values, values: Values) -> Values:
        state = OneEuro(cutoff_hz, per_speed)
        moments = zip(1000 * t, values.astype(np.float64), strict=True)
        return np.array([state.toward(t_ms, row) for t_ms, row in moments])

    return apply


def recent(frames: int) -> Filter:
    """The mean of the last frames."""

    def apply(_: Values, values: Values) -> Values:
        sums = np.cumsum(np.vstack([np.zeros(values.shape[1]), values.astype(np.float64)]), axis=0)
        begins = np.maximum(np.arange(len(values)) + 1 - frames, 0)
        ends = np.arange(len(values)) + 1
        return (sums[ends] - sums[begins]) / (ends - begins)[:, None]

    return apply


def around(frames: int) -> Filter:
    """The mean over so many frames before and after: possible only when all are there."""

    def apply(_: Values, values: Values) -> Values:
        n = len(values)
        return np.array(
            [values[max(0, i - frames) : i + frames + 1].mean(axis=0) for i in range(n)]
        ).reshape(values.shape)

    return apply


def of_probabilities(apply: Filter) -> Filter:
    """The same over probabilities (n, 7)."""
    if apply is as_they_are:
        return apply

    def filtered(t: Values, p: Values) -> Values:
        return softmax(apply(t, np.log(np.maximum(p.astype(np.float64), LEAST))))

    return filtered


def of_boxes(apply: Filter) -> Callable[[Values, Values], Values]:
    """The same over boxes (n, 4): their middles and the logarithms of their sides, in units of
    the face's size."""

    def filtered(t: Values, boxes: Values) -> Values:
        unit = float(np.sqrt(boxes[:, 2] * boxes[:, 3]).mean())
        state = np.concatenate(
            [(boxes[:, :2] + boxes[:, 2:] / 2) / unit, np.log(boxes[:, 2:])], axis=1
        )
        smooth = apply(t, state)
        sides = np.exp(smooth[:, 2:])
        return np.concatenate([smooth[:, :2] * unit - sides / 2, sides], axis=1)

    return filtered


@dataclass(frozen=True, slots=True)
class Way:
    """One way to read a film: how boxes are filtered before faces are cut, and probabilities
    after they were read."""

    name: str
    boxes: Filter = as_they_are
    probabilities: Filter = as_they_are
    true_boxes: bool = False  # where the face is known to stand: what no tracker can better


STEADY_BOXES = exponential(0.08)
AS_NOW = Way("as the model reads each frame")
SHOWN = Way("**as Live shows it: one-euro, 1 Hz, 0.3**", probabilities=one_euro())
WAYS = (
    AS_NOW,
    SHOWN,
    Way("one-euro, 1 Hz, 0.1", probabilities=one_euro(1.0, 0.1)),
    Way("one-euro, 1 Hz, 1", probabilities=one_euro(1.0, 1.0)),
    Way("one-euro, 2 Hz, 0.3", probabilities=one_euro(2.0, 0.3)),
    Way("exponential, 40 ms", probabilities=exponential(0.04)),
    Way("exponential, 80 ms", probabilities=exponential(0.08)),
    Way("exponential, 160 ms", probabilities=exponential(0.16)),
    Way("exponential, 320 ms", probabilities=exponential(0.32)),
    Way("mean of the last 2 frames", probabilities=recent(2)),
    Way("mean of the last 3 frames", probabilities=recent(3)),
    Way("boxes exponential, 80 ms", boxes=STEADY_BOXES),
    Way("boxes exponential, 80 ms, then as Live shows it", boxes=STEADY_BOXES,
        probabilities=SHOWN.probabilities),
    Way("afterwards: mean of 2 frames before and 2 after", probabilities=around(2)),
    Way("afterwards: mean of 4 frames before and 4 after", probabilities=around(4)),
    Way("cut where the face is known to stand", true_boxes=True),
)  # fmt: skip
