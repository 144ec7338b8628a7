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
from fer_core.analytics.carried import OWN_VIEW, shown
from fer_core.analytics.methods.bands import DRAWS, mean_band
from fer_core.analytics.seconds import Curves
from fer_core.analytics.statistics import numbers
from fer_core.errors import DataError
from fer_core.measures import find_measure
from fer_core.types import Array


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
    minimum: int = OWN_VIEW,
    draws: int = DRAWS,
    seed: int = 0,
) -> pd.DataFrame:
    """One row a scene: ``scene, from_ms, to_ms, measure, n, mean, low, high, lift, hook, peak,
    peak_s, end``.

    ``lift`` is against the mean among ``statistics.numbers``; ``hook``, ``peak`` and ``end`` are
    of the scene itself: its first 8 seconds, its highest and when that was, its last 5. Below
    the smallest group only n is shown, and no number of a part of the scene with fewer.
    """
    rule = find_measure(lines.measure)
    whole = numbers(lines)["mean"].value
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
        n = int(band.n[place])
        found = {
            "mean": float(band.mean[place]),
            "low": float(band.low[place]),
            "high": float(band.high[place]),
            "lift": float(band.mean[place]) - whole,
            **_parts(lines, scene.holds(lines.seconds), minimum),
        }
        if not shown(np.array(n), minimum):
            found = dict.fromkeys(found, float("nan"))
        about = {"scene": scene.name, "from_ms": scene.from_ms, "to_ms": scene.to_ms}
        rows.append({**about, "measure": lines.measure, "n": n, **found})
    columns = ["scene", "from_ms", "to_ms", "measure", "n", "mean", "low", "high"]
    return pd.DataFrame(rows, columns=[*columns, "lift", "hook", "peak", "peak_s", "end"])


def _parts(lines: Curves, scene: NDArray[np.bool_], minimum: int) -> dict[str, float]:
    """Hook, peak and end of a scene's seconds (seconds,), NaN where too few viewers have them."""
    unknown = float("nan")
    at = np.flatnonzero(scene)
    first, last = np.zeros_like(scene), np.zeros_like(scene)
    first[at[: shape.HOOK_S]] = last[at[-shape.END_S :]] = True
    found = {}
    for name, part in (("hook", first), ("end", last)):
        used = part & lines.carried
        enough = bool(shown(np.array(lines.in_seconds(used)), minimum))
        found[name] = shape.mean_known(lines.mean[used]) if enough else unknown
    top = shape.peak(np.where(scene, lines.headline, np.nan), lines.seconds)
    if top is not None and not shown(lines.counts[lines.seconds == top.second], minimum)[0]:
        top = None
    return found | {
        "peak": unknown if top is None else top.value,
        "peak_s": unknown if top is None else float(top.second),
    }


def scene_parts(table: pd.DataFrame) -> dict[str, int]:
    """Which parts of a scene table's scenes are worth a column, each with its length in ms.

    Hook and end of a scene that is no longer are the scene itself, and repeat its mean.
    """
    longest = float((table["to_ms"] - table["from_ms"]).max()) if len(table) else 0.0
    parts = {"hook": 1000 * shape.HOOK_S, "end": 1000 * shape.END_S}
    return {name: ms for name, ms in parts.items() if longest > ms}


def marker_table(lines: Sequence[Curves], markers: Sequence[Marker]) -> pd.DataFrame:
    """One row a measure and marker: ``marker, t_ms, measure, before_s, after_s``.

    NaN: no peak on that side.
    """
    rows = []
    for one in lines:
        for marker in markers:
            distance = shape.peak_to_marker(one.headline, marker.t_ms, one.seconds)
            about = (marker.name, marker.t_ms, one.measure)
            rows.append((*about, distance.before_s, distance.after_s))
    table = pd.DataFrame(rows, columns=["marker", "t_ms", "measure", "before_s", "after_s"])
    return table.astype({"before_s": np.float64, "after_s": np.float64})


def all_scenes(
    lines: Sequence[Curves], scenes: Sequence[Scene], *, minimum: int = OWN_VIEW, seed: int = 0
) -> pd.DataFrame:
    """The scene table of several measures, one under the other, as exports hold it."""
    tables = [scene_table(one, scenes, minimum=minimum, seed=seed) for one in lines]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
