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


def one_euro(cutoff_hz: float, per_speed: float, speed_hz: float = 2.0) -> Filter:
    """Casiez, Roussel and Vogel 2012: the cutoff rises with the speed of change, in all
    columns together."""

    def share(hz: float, dt: float) -> float:
        turns = 2 * np.pi * hz * dt
        return float(turns / (turns + 1))

    def apply(t: Values, values: Values) -> Values:
        out = values.astype(np.float64)
        speed = np.zeros(out.shape[1])
        for i in range(1, len(out)):
            dt = t[i] - t[i - 1]
            speed += share(speed_hz, dt) * ((values[i] - out[i - 1]) / dt - speed)
            hz = cutoff_hz + per_speed * float(np.abs(speed).max())
            out[i] = out[i - 1] + share(hz, dt) * (values[i] - out[i - 1])
        return out

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
    backward: bool = False  # looks ahead


AS_NOW = Way("as now")
WAYS = (
    AS_NOW,
    Way("cut where the face is known to stand", true_boxes=True),
    Way("boxes, exponential 80 ms", boxes=exponential(0.08)),
    Way("boxes, exponential 160 ms", boxes=exponential(0.16)),
    Way("boxes, one-euro 1 Hz", boxes=one_euro(1.0, 10.0)),
    Way("probabilities, mean of 2 frames", probabilities=recent(2)),
    Way("probabilities, mean of 3 frames", probabilities=recent(3)),
    Way("probabilities, exponential 40 ms", probabilities=exponential(0.04)),
    Way("probabilities, exponential 80 ms", probabilities=exponential(0.08)),
    Way("probabilities, exponential 160 ms", probabilities=exponential(0.16)),
    Way("probabilities, exponential 320 ms", probabilities=exponential(0.32)),
    Way("probabilities, one-euro 1 Hz, 0.1", probabilities=one_euro(1.0, 0.1)),
    Way("probabilities, one-euro 1 Hz, 0.3", probabilities=one_euro(1.0, 0.3)),
    Way("probabilities, one-euro 2 Hz, 0.3", probabilities=one_euro(2.0, 0.3)),
    Way("boxes 160 ms, probabilities 80 ms", boxes=exponential(0.16),
        probabilities=exponential(0.08)),
    Way("afterwards: mean of 2 frames before and 2 after", probabilities=around(2), backward=True),
    Way("afterwards: mean of 4 frames before and 4 after", probabilities=around(4), backward=True),
)  # fmt: skip
