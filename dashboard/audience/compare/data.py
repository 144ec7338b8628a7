"""Two to six groups compared, ready to draw: curves, spans, scenes and who was in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer_core.analytics import seconds as by_second
from fer_core.analytics.compare import COMPARED, Comparison
from fer_core.analytics.scenes import Scene, viewer_means
from fer_core.studies.groups import (
    KINDS,
    Group,
    available,
    compare_seconds,
    hide_few,
    is_paired,
    scenes_of,
    sentences,
)
from fer_core.studies.membership import Study

__all__ = ["COMPARED", "KINDS", "Compared", "Group", "available", "is_paired"]


@dataclass(frozen=True)
class Compared:
    """``curves``: each group's second, mean, low, high, n of the measure drawn.
    ``spread``: scene, group, viewer's mean; the scene «Whole film» where there are none.
    """

    measure: str
    names: tuple[str, ...]
    pairs: dict[tuple[str, str], Comparison]
    curves: dict[str, pd.DataFrame]
    spread: pd.DataFrame
    scenes: tuple[Scene, ...]
    paired: bool
    length_ms: int

    @property
    def sentences(self) -> list[str]:
        return sentences(self.pairs)


def tested(measure: str) -> tuple[str, ...]:
    """The measures that are tested with the one drawn, and corrected for together."""
    return COMPARED if measure in COMPARED else (measure,)


def kinds(study: Study) -> dict[str, list[Group]]:
    """The kinds of group of which there are at least two."""
    found = {kind: available(study, kind) for kind in KINDS}
    return {kind: groups for kind, groups in found.items() if len(groups) > 1}


def compared(
    study: Study,
    seconds: pd.DataFrame,
    groups: Sequence[Group],
    measure: str,
    *,
    minimum: int = 1,
) -> Compared:
    """From the study's seconds to everything that the page shows of these groups."""
    parts = {
        one.name: seconds[seconds["session_id"].isin(one.sessions["session_id"])] for one in groups
    }
    scenes, paired = scenes_of(study, groups), is_paired(groups)
    length_ms = study.length_ms() or 1000 * (int(seconds["second"].max()) + 1)
    pairs = compare_seconds(
        parts,
        measures=tested(measure),
        scenes=scenes,
        paired=paired,
        length_ms=length_ms,
        bands=(measure,),
    )
    by = ("respondent",) if paired else ("session_id", "viewer")
    last = -(-length_ms // 1000) - 1
    lines = {
        name: by_second.curves(part, measure, by=by, first=0, last=last)
        for name, part in parts.items()
    }
    return Compared(
        measure,
        tuple(parts),
        {two: hide_few(one, minimum) for two, one in pairs.items()},
        {name: by_second.audience(one, minimum=minimum) for name, one in lines.items()},
        _spread(lines, scenes, length_ms, minimum),
        scenes,
        paired,
        length_ms,
    )


def _spread(
    lines: Mapping[str, by_second.Curves],
    scenes: Sequence[Scene],
    length_ms: int,
    minimum: int,
) -> pd.DataFrame:
    """Each viewer's mean in each scene; nobody's where a minimum group is asked for."""
    tables = []
    for scene in scenes or (Scene("Whole film", 0, max(length_ms, 1000)),):
        for name, one in lines.items():
            values = viewer_means(one, scene)
            values = values[~np.isnan(values)]
            if minimum > 1:
                values = values[:0]
            tables.append(pd.DataFrame({"scene": scene.name, "group": name, "value": values}))
    return pd.concat(tables, ignore_index=True)
