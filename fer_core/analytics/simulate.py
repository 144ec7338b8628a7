"""Simulated viewers: a study whose truth is known, for the demo and for tests.

Nobody was filmed. Each viewer has a resting face, a head that moves and looks away now
and then, and responds to a script with a delay and a strength of their own; version B
differs from A where ``Planted`` says so and nowhere else. The rows have every column of a
timeline and go the same way as real ones. ``SIMULATED`` and the sessions' ids say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import lfilter

from fer_core.analytics.scenes import Marker, Scene
from fer_core.labels import EMOTIONS, NEUTRAL, PROBABILITY_COLUMNS
from fer_core.measures import TIMELINE_COLUMNS, measure
from fer_core.types import Array

SIMULATED = "Simulated viewers: nobody was filmed."
LENGTH_S = 30
FPS = 10
VIEWERS = 24

SCENES = (
    Scene("Opening", 0, 5_000),
    Scene("Breakfast", 5_000, 12_000),
    Scene("Product", 12_000, 19_000),
    Scene("Turn", 19_000, 24_000),
    Scene("Punchline", 24_000, 28_000),
    Scene("Brand", 28_000, 30_000),
)
MARKERS = (Marker("Product in view", 12_000), Marker("Brand", 28_000))

#: What both versions draw: emotion, from, to (s), strength in logits.
_SCRIPT = (
    ("happy", 7.0, 10.0, 1.6),
    ("surprise", 20.0, 22.0, 1.8),
    ("happy", 24.0, 28.0, 1.0),
)
#: Calm faces are mostly read as neutral, and as sad or angry more often than as the rest.
_RESTING = {"neutral": 2.4, "sad": 0.4, "angry": 0.1, "happy": -0.2}


@dataclass(frozen=True, slots=True)
class Planted:
    """A difference that was put in: heads turned from A, or more of an emotion in B.

    ``degrees`` is how far A's heads turn on average, ``logits`` how much more of the
    emotion B draws.
    """

    from_ms: int
    to_ms: int
    degrees: float = 0.0
    emotion: str = ""
    logits: float = 0.0

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures in which B is higher because of it."""
        if self.degrees:
            return ("attention", "engagement")
        pleasant = ("valence",) if self.emotion == "happy" else ()
        return (f"p_{self.emotion}", "expressiveness", "activation", "engagement", *pleasant)


PLANTED = (
    Planted(12_000, 19_000, degrees=24.0),
    Planted(24_000, 28_000, emotion="happy", logits=1.8),
)


@dataclass(frozen=True)
class SimulatedSession:
    """One viewer's session: what an analysis of a recording would have stored."""

    session_id: str
    name: str
    condition: str
    respondent: str
    timeline: pd.DataFrame
    frames: pd.DataFrame
    kind: str = "demo"
    note: str = SIMULATED


@dataclass(frozen=True)
class SimulatedStudy:
    """Two versions of one film, their viewers, and what is different between them."""

    name: str
    conditions: tuple[str, str]
    length_ms: int
    scenes: tuple[Scene, ...]
    markers: tuple[Marker, ...]
    planted: tuple[Planted, ...]
    sessions: tuple[SimulatedSession, ...]
    note: str = SIMULATED


def simulate_study(
    *,
    viewers: int = VIEWERS,
    planted: Sequence[Planted] = PLANTED,
    seed: int = 2026,
    names: tuple[str, str] = ("A", "B"),
    fps: float = FPS,
) -> SimulatedStudy:
    """The demo study, or with ``planted=()`` one without any difference."""
    rng = np.random.default_rng(seed)
    sessions: list[SimulatedSession] = []
    for side, condition in enumerate(names):
        sessions += _condition(condition, side == 1, viewers, planted, rng, fps, len(sessions))
    return SimulatedStudy(
        "Demo: one ad, two versions (simulated)",
        names,
        LENGTH_S * 1000,
        SCENES,
        MARKERS,
        tuple(planted),
        tuple(sessions),
    )


def simulate_curves(
    rng: np.random.Generator,
    viewers: int,
    seconds: int = LENGTH_S,
    *,
    lasting: float = 0.5,
    own_level: float = 0.5,
) -> Array:
    """Viewers' curves of mean 0 and standard deviation 1 in every second, tied to nothing.

    ``own_level`` is the share of the variance that lies between viewers, some of whom
    always show more; ``lasting`` the correlation of neighbouring seconds in the rest.
    """
    noise = _lasting_noise(rng, (viewers, seconds), lasting)
    level = rng.normal(size=(viewers, 1))
    mixed: Array = np.sqrt(own_level) * level + np.sqrt(1 - own_level) * noise
    return mixed


def _lasting_noise(rng: np.random.Generator, shape: tuple[int, ...], lasting: float) -> Array:
    """Autoregressive noise of variance 1 along the last axis."""
    noise = rng.normal(size=shape) * np.sqrt(1 - lasting**2)
    noise[..., 0] /= np.sqrt(1 - lasting**2)
    filtered: Array = lfilter([1.0], [1.0, -lasting], noise, axis=-1)
    return filtered


def _condition(
    condition: str,
    is_b: bool,
    viewers: int,
    planted: Sequence[Planted],
    rng: np.random.Generator,
    fps: float,
    already: int,
) -> list[SimulatedSession]:
    frames = round(LENGTH_S * fps)
    # Recordings of browsers have no steady rate: each frame is early or late by a bit.
    late = rng.uniform(0.0, 0.6, (viewers, frames))
    late[:, 0] = 0.0
    t_ms = np.floor((np.arange(frames) + late) * 1000 / fps).astype(np.int64)
    p = _faces(t_ms, is_b, planted, rng)
    pose = _heads(t_ms, is_b, planted, rng)
    sessions = []
    for one in range(viewers):
        number = already + one + 1
        session_id = f"sim-{condition.lower()}-{one + 1:02d}"
        timeline, table = _rows(session_id, t_ms[one], p[one], pose[one], rng)
        sessions.append(
            SimulatedSession(
                session_id,
                f"Version {condition}, viewer {one + 1} (simulated)",
                condition,
                f"R{number:02d}",
                timeline,
                table,
            )
        )
    return sessions


def _faces(
    t_ms: NDArray[np.int64], is_b: bool, planted: Sequence[Planted], rng: np.random.Generator
) -> Array:
    """Probabilities (viewers, frames, 7)."""
    viewers, frames = t_ms.shape
    resting = np.array([_RESTING.get(name, -0.6) for name in EMOTIONS])
    logits = resting + rng.normal(0, 0.45, (viewers, 1, len(EMOTIONS)))
    noise = _lasting_noise(rng, (viewers, len(EMOTIONS), frames), 0.85)
    logits = logits + 0.45 * np.swapaxes(noise, 1, 2)
    strength = rng.lognormal(-0.08, 0.4, size=(viewers,))
    delay_s = rng.uniform(0.1, 0.7, size=(viewers,))
    script = [(name, start, stop, size) for name, start, stop, size in _SCRIPT]
    if is_b:
        script += [
            (one.emotion, one.from_ms / 1000, one.to_ms / 1000, one.logits)
            for one in planted
            if one.emotion
        ]
    for name, start, stop, size in script:
        felt = _ramp(t_ms, start, stop, delay_s) * size * strength[:, None]
        logits[..., EMOTIONS.index(name)] += felt
        logits[..., NEUTRAL] -= 0.5 * felt
    p = np.exp(logits - logits.max(axis=-1, keepdims=True))
    calm: Array = p / p.sum(axis=-1, keepdims=True)
    return calm


def _heads(
    t_ms: NDArray[np.int64], is_b: bool, planted: Sequence[Planted], rng: np.random.Generator
) -> Array:
    """Yaw, pitch and roll (viewers, frames, 3) in degrees; far to the side: not to be seen."""
    viewers, frames = t_ms.shape
    spread = np.array([5.0, 3.5, 3.0])
    noise = np.swapaxes(_lasting_noise(rng, (viewers, 3, frames), 0.9), 1, 2)
    pose = rng.normal(0, 3, (viewers, 1, 3)) + spread * noise
    side = rng.choice([-1.0, 1.0], (viewers, 1))
    strength = rng.gamma(6.0, 1 / 6.0, (viewers, 1))
    delay_s = rng.uniform(0.0, 0.4, size=(viewers,))
    for one in planted:
        if one.degrees and not is_b:
            turned = _ramp(t_ms, one.from_ms / 1000, one.to_ms / 1000, delay_s)
            pose[..., 0] += side * strength * one.degrees * turned
    for viewer in range(viewers):  # everybody looks elsewhere now and then
        for _ in range(rng.poisson(0.8)):
            start = float(rng.uniform(0, LENGTH_S - 1))
            stop = start + float(rng.uniform(0.5, 2.0))
            away = _ramp(t_ms[viewer : viewer + 1], start, stop, np.zeros(1))
            pose[viewer, :, 0] += rng.choice([-1.0, 1.0]) * rng.uniform(30, 110) * away[0]
    return pose


def _ramp(t_ms: NDArray[np.int64], start: float, stop: float, delay_s: Array) -> Array:
    """0 outside the span, 1 inside; it rises late and has gone when the span ends."""
    t: Array = t_ms / 1000
    rise: Array = np.clip((t - delay_s[:, None] - start) / 0.3, 0, 1)
    fall = np.clip((stop - t) / 0.3, 0, 1)
    return np.minimum(rise, fall)


def _rows(
    session_id: str,
    t_ms: NDArray[np.int64],
    p: Array,
    pose: Array,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A timeline and its frames; a head turned past 80 degrees leaves no face to find."""
    frames = len(t_ms)
    yaw = np.abs(pose[:, 0])
    seen = (yaw <= 80) & (rng.random(frames) > 0.005)  # detectors miss a frame now and then
    turned = yaw > 60
    blurred = _lasting_noise(rng, (frames,), 0.95) > 2.6
    measures = measure(p.astype(np.float32), pose.astype(np.float32))
    best = p.argmax(axis=1)
    wander = _lasting_noise(rng, (4, frames), 0.97)
    table = pd.DataFrame(
        {
            "session_id": session_id,
            "t_ms": t_ms,
            "frame": np.arange(frames),
            "viewer": 0,
            "x": 250 + 12 * wander[0],
            "y": 110 + 8 * wander[1],
            "w": 140 + 4 * wander[2],
            "h": 170 + 5 * wander[3],
            "score": 0.99 - 0.001 * yaw,
            "yaw": pose[:, 0],
            "pitch": pose[:, 1],
            "roll": pose[:, 2],
            "usable": ~(turned | blurred),
            "why_not": np.where(turned, "turned", np.where(blurred, "blurred", "")),
            **dict(zip(PROBABILITY_COLUMNS, p.T)),
            "emotion": np.array(EMOTIONS, dtype=object)[best],
            "confidence": p.max(axis=1),
            **measures.values,
        }
    )
    kinds = {"INTEGER": np.int32, "FLOAT": np.float32}
    types = {name: kinds[kind] for name, kind in TIMELINE_COLUMNS.items() if kind in kinds}
    timeline = table.loc[seen, list(TIMELINE_COLUMNS)].astype(types).reset_index(drop=True)
    frame_table = pd.DataFrame(
        {"frame": np.arange(frames), "t_ms": t_ms, "faces": seen.astype(np.int32)}
    ).astype({"frame": np.int32, "t_ms": np.int32})
    return timeline, frame_table
