"""Two to six groups compared, ready to draw: curves, spans, scenes and who was in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer_core.analytics.scenes import Scene, viewer_means
from fer_core.analytics.seconds import Curves
from fer_core.studies.comparison import Compared, compare_side_by_side, tested_with
from fer_core.studies.groups import KINDS, Group, available, is_paired
from fer_core.studies.membership import Study
from fer_core.studies.segments import names, segments

__all__ = ["KINDS", "CompareView", "Group", "available", "is_paired"]


@dataclass(frozen=True)
class CompareView:
    """What the compare page draws of one measure.

    ``spread``: scene, group, viewer's mean; the scene «Whole film» where there are none.
    """

    measure: str
    compared: Compared
    spread: pd.DataFrame

    @property
    def curves(self) -> Mapping[str, pd.DataFrame]:
        """Each group's second, mean, low, high, n."""
        return self.compared.curves[self.measure]


def kinds(study: Study) -> dict[str, list[Group]]:
    """The kinds of group of which there are at least two."""
    found = {kind: available(study, kind) for kind in KINDS}
    found |= {name: segments(study, name) for name in names(study)}
    return {kind: groups for kind, groups in found.items() if len(groups) > 1}


def compared(
    study: Study,
    seconds: pd.DataFrame,
    groups: Sequence[Group],
    measure: str,
    *,
    minimum: int = 1,
) -> CompareView:
    """From the study's seconds to everything that the page shows of these groups."""
    found = compare_side_by_side(
        study, seconds, groups, tested=tested_with(measure), drawn=(measure,), minimum=minimum
    )
    spread = _spread(found.lines[measure], found.scenes, found.length_ms, minimum)
    return CompareView(measure, found, spread)


def _spread(
    lines: Mapping[str, Curves],
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
