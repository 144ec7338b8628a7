"""Baseline correction: a resting face that reads sad or angry is taken back to neutral.

baseline/1 is a prior shift: p' is proportional to p · (u / b), where b is the viewer's
mean over the usable frames of the pre-roll and u the reference that a resting face should
give. Raw numbers stay as they are; the corrected timeline is a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core.analytics.frame_time import Span, usable_rows
from fer_core.errors import SettingsError
from fer_core.inference.measures import measure
from fer_core.labels import EMOTIONS, NEUTRAL, PROBABILITY_COLUMNS
from fer_core.types import AnalysisSettings

Array = NDArray[np.float64]

PRE_ROLL = Span(0, 3000)
#: What a resting face gives: mostly neutral, the rest shared evenly (decision 072).
REFERENCE: Array = np.where(np.arange(len(EMOTIONS)) == NEUTRAL, 0.7, 0.05)
#: No part of the viewer's mean counts as less: dividing by almost nothing would turn a
#: trace of an emotion that the pre-roll happened not to show into the whole answer.
SMALLEST = 0.01


@dataclass(frozen=True)
class Corrected:
    """The corrected timeline, and for each viewer how the correction came about."""

    timeline: pd.DataFrame
    viewers: pd.DataFrame  # viewer, frames of the pre-roll, corrected, b_angry … b_neutral


def shift(p: Array, baseline: Array, reference: Array = REFERENCE) -> Array:
    """Probabilities (rows, 7) as if the viewer's resting face gave the reference."""
    weights = reference / np.maximum(baseline, SMALLEST)
    scaled = p * weights
    return scaled / scaled.sum(axis=-1, keepdims=True)


def correct(
    timeline: pd.DataFrame,
    *,
    pre_roll: Span = PRE_ROLL,
    reference: Sequence[float] | Array = REFERENCE,
    settings: AnalysisSettings | None = None,
) -> Corrected:
    """A timeline of one session with every viewer's scores corrected by the pre-roll.

    A viewer without a usable frame there stays as it is and is listed as not corrected.
    ``settings`` are the session's own, for engagement's two weights.
    """
    u = np.asarray(reference, np.float64)
    if u.shape != (len(EMOTIONS),) or (u <= 0).any():
        raise SettingsError(
            f"A reference needs {len(EMOTIONS)} numbers above 0, not {list(u)}.",
            f"In the order {', '.join(EMOTIONS)}.",
        )
    u = u / u.sum()
    p = timeline[list(PROBABILITY_COLUMNS)].to_numpy(np.float64, na_value=np.nan)
    result = p.copy()
    viewer: NDArray[np.int64] = timeline["viewer"].to_numpy()
    resting = (
        usable_rows(timeline)
        & pre_roll.holds(timeline["t_ms"].to_numpy())
        & ~np.isnan(p).any(axis=1)
    )
    table = []
    for one in np.unique(viewer[viewer >= 0]):
        mine = viewer == one
        rest = p[mine & resting]
        baseline = rest.mean(axis=0) if len(rest) else np.full(len(EMOTIONS), np.nan)
        if len(rest):
            result[mine] = shift(p[mine], baseline, u)
        table.append((int(one), len(rest), bool(len(rest)), *baseline))
    changed = timeline.copy()
    changed[list(PROBABILITY_COLUMNS)] = result.astype(np.float32)
    _follow(changed, result, settings)
    names = ["viewer", "frames", "corrected", *(f"b_{name}" for name in EMOTIONS)]
    return Corrected(changed, pd.DataFrame(table, columns=names))


def _follow(timeline: pd.DataFrame, p: Array, settings: AnalysisSettings | None) -> None:
    """Make again what is made of the probabilities; rows without any stay as they are."""
    known = ~np.isnan(p.sum(axis=1))
    pose = timeline.loc[known, ["yaw", "pitch", "roll"]].to_numpy(np.float32, na_value=np.nan)
    measures = measure(p[known].astype(np.float32), pose, settings)
    for name in ("expressiveness", "valence", "activation", "engagement"):
        column = timeline[name].to_numpy(np.float32, na_value=np.nan).copy()
        column[known] = getattr(measures, name)
        timeline[name] = column
    names = timeline["emotion"].to_numpy(object).copy()
    names[known] = np.array(EMOTIONS, dtype=object)[p[known].argmax(axis=1)]
    timeline["emotion"] = pd.array(names, dtype="str")
    confidence = timeline["confidence"].to_numpy(np.float32, na_value=np.nan).copy()
    confidence[known] = p[known].max(axis=1)
    timeline["confidence"] = confidence
