"""Scenes and markers of a stimulus: how each scene did, for an audience.

A second belongs to a scene when its middle lies in it; a scene too short to hold any
middle has the second in which its own middle lies. A viewer's scene is the mean of its
seconds there, the scene's mean is the mean over viewers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core.analytics import shape
from fer_core.analytics.bands import DRAWS, mean_band
from fer_core.analytics.seconds import Curves, curves
from fer_core.errors import DataError
from fer_core.measures import find_measure

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scene:
    """A named stretch of the stimulus; its end is no longer part of it."""

    name: str
    from_ms: int
    to_ms: int

    def __post_init__(self) -> None:
        if self.to_ms <= self.from_ms:
            raise DataError(
                f"Scene {self.name!r} ends at {self.to_ms} ms and starts at {self.from_ms} ms.",
                "A scene must end after it starts.",
            )

    def holds(self, seconds: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which whole seconds belong to it."""
        middle = seconds * 1000 + 500
        inside = (middle >= self.from_ms) & (middle < self.to_ms)
        if inside.any():
            return inside
        own: NDArray[np.bool_] = seconds == (self.from_ms + self.to_ms) // 2000
        return own


@dataclass(frozen=True, slots=True)
class Marker:
    """A named moment: the brand, the jump scare."""

    name: str
    t_ms: int


def viewer_means(lines: Curves, scene: Scene | None = None) -> Array:
    """Each viewer's mean over the scene, or over the whole; NaN where nothing is known."""
    values = lines.values if scene is None else lines.values[:, scene.holds(lines.seconds)]
    return shape.known_mean(values, axis=1)


def scene_table(
    lines: Curves,
    scenes: Sequence[Scene],
    *,
    minimum: int = 1,
    draws: int = DRAWS,
    seed: int = 0,
) -> pd.DataFrame:
    """One row a scene: ``scene, from_ms, to_ms, measure, n, mean, low, high, lift, hook, peak,
    peak_s, end``.

    ``hook``, ``peak`` and ``end`` are of the scene itself: its first 8 seconds, its highest
    smoothed second and when that was, its last 5. Below the minimum group only n is shown.
    """
    rule = find_measure(lines.measure)
    line = audience_line(lines)
    after = lines.seconds >= 0  # the pre-roll is no part of the whole
    whole_of_viewers = viewer_means(_cut(lines, after))
    whole = shape.mean_known(whole_of_viewers)
    smoothed = shape.smooth(line)
    rows = []
    means = np.stack([viewer_means(lines, scene) for scene in scenes], axis=1) if scenes else None
    band = mean_band(
        np.zeros((lines.n, 0)) if means is None else means,
        draws=draws,
        seed=seed,
        lowest=rule.lowest,
        highest=rule.highest,
    )
    for place, scene in enumerate(scenes):
        inside = scene.holds(lines.seconds)
        at = np.flatnonzero(inside & ~np.isnan(smoothed))
        top = at[np.argmax(smoothed[at])] if len(at) else None
        n = int(band.n[place])
        numbers = {
            "mean": float(band.mean[place]),
            "low": float(band.low[place]),
            "high": float(band.high[place]),
            "lift": float(band.mean[place]) - whole,
            "hook": shape.mean_known(line[inside][: shape.HOOK_S]),
            "peak": float(smoothed[top]) if top is not None else float("nan"),
            "peak_s": float(lines.seconds[top]) if top is not None else float("nan"),
            "end": shape.mean_known(line[inside][-shape.END_S :]),
        }
        if n < max(minimum, 1):
            numbers = dict.fromkeys(numbers, float("nan"))
        about = {"scene": scene.name, "from_ms": scene.from_ms, "to_ms": scene.to_ms}
        rows.append({**about, "measure": lines.measure, "n": n, **numbers})
    columns = ["scene", "from_ms", "to_ms", "measure", "n", "mean", "low", "high"]
    return pd.DataFrame(rows, columns=[*columns, "lift", "hook", "peak", "peak_s", "end"])


def marker_table(lines: Sequence[Curves], markers: Sequence[Marker]) -> pd.DataFrame:
    """One row a measure and marker: ``marker, t_ms, measure, before_s, after_s``.

    NaN: no peak on that side.
    """
    rows = []
    for one in lines:
        line = audience_line(one)
        for marker in markers:
            distance = shape.peak_to_marker(line, marker.t_ms, one.seconds)
            about = (marker.name, marker.t_ms, one.measure)
            rows.append((*about, distance.before_s, distance.after_s))
    table = pd.DataFrame(rows, columns=["marker", "t_ms", "measure", "before_s", "after_s"])
    return table.astype({"before_s": np.float64, "after_s": np.float64})


def all_scenes(
    seconds: pd.DataFrame,
    scenes: Sequence[Scene],
    measures: Sequence[str],
    *,
    by: Sequence[str] = ("session_id", "viewer"),
    minimum: int = 1,
    seed: int = 0,
) -> pd.DataFrame:
    """The scene table of several measures, one under the other, as exports hold it."""
    tables = [
        scene_table(curves(seconds, name, by=by), scenes, minimum=minimum, seed=seed)
        for name in measures
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def audience_line(lines: Curves) -> Array:
    """The mean over viewers of each second, without its band."""
    return shape.known_mean(lines.values, axis=0)


def _cut(lines: Curves, columns: NDArray[np.bool_]) -> Curves:
    return Curves(lines.measure, lines.values[:, columns], lines.seconds[columns], lines.viewers)
