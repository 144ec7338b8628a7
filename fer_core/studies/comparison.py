"""Two to six groups of a study side by side: gathered once, for page and report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from fer_core.analytics.compare import COMPARED, Comparison
from fer_core.analytics.scenes import Scene
from fer_core.analytics.seconds import Curves, audience, curves
from fer_core.sentences import Finding
from fer_core.studies.groups import (
    Group,
    compare_seconds,
    hide_few,
    is_paired,
    scenes_of,
    sentences,
)
from fer_core.studies.membership import Study
from fer_core.studies.response import VIEWER, emotion_shares


@dataclass(frozen=True)
class Compared:
    """Groups side by side.

    pairs: the comparison of each two. lines: the viewers' curves by measure, then by group;
    curves: their audience's second, mean, low, high, n. shares: by group, then by emotion.
    """

    names: tuple[str, ...]
    pairs: dict[tuple[str, str], Comparison]
    lines: Mapping[str, Mapping[str, Curves]]
    curves: Mapping[str, Mapping[str, pd.DataFrame]]
    shares: Mapping[str, Mapping[str, pd.DataFrame]]
    scenes: tuple[Scene, ...]
    paired: bool
    length_ms: int

    def viewers(self, measure: str) -> dict[str, int]:
        """How many viewers of each group have a known second of a measure."""
        return {group: one.n for group, one in self.lines[measure].items()}

    @property
    def tested(self) -> list[tuple[str, str]]:
        """The pairs with enough viewers on both sides for a test."""
        return [pair for pair, one in self.pairs.items() if not one.too_few]

    @property
    def sentences(self) -> list[Finding]:
        return sentences(self.pairs)


def tested_with(measure: str) -> tuple[str, ...]:
    """The measures that are tested with the one that a page draws, and corrected for together."""
    return COMPARED if measure in COMPARED else (measure,)


def compare_side_by_side(
    study: Study,
    seconds: pd.DataFrame,
    groups: Sequence[Group],
    *,
    tested: Sequence[str],
    drawn: Sequence[str],
    minimum: int = 1,
    with_shares: bool = False,
) -> Compared:
    """From the study's seconds to everything that is shown of these groups.

    tested: the measures compared, and corrected for, together; drawn: those with curves and a
    band of their difference. with_shares: also how many show each emotion.
    """
    parts = {
        one.name: seconds[seconds["session_id"].isin(one.sessions["session_id"])] for one in groups
    }
    scenes, paired = scenes_of(study, groups), is_paired(groups)
    length_ms = study.length_ms() or 1000 * (int(seconds["second"].max()) + 1)
    last = -(-length_ms // 1000) - 1
    by = ("respondent",) if paired else VIEWER
    pairs = compare_seconds(
        parts, measures=tested, scenes=scenes, paired=paired, length_ms=length_ms, bands=drawn
    )
    lines = {
        name: {
            group: curves(part, name, by=by, first=0, last=last) for group, part in parts.items()
        }
        for name in drawn
    }
    return Compared(
        tuple(parts),
        {two: hide_few(one, minimum) for two, one in pairs.items()},
        lines,
        {
            name: {group: audience(one, minimum=minimum) for group, one in found.items()}
            for name, found in lines.items()
        },
        _shares(parts, last, by, minimum) if with_shares else {},
        scenes,
        paired,
        length_ms,
    )


def _shares(
    parts: dict[str, pd.DataFrame], last: int, by: Sequence[str], minimum: int
) -> dict[str, dict[str, pd.DataFrame]]:
    """For each group, how many show each emotion in the seconds from 0 to ``last``."""
    return {
        group: emotion_shares(part[part["second"].between(0, last)], last, by=by, minimum=minimum)
        for group, part in parts.items()
    }
