"""What the study's and the comparison's page let people choose of the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from streamlit.delta_generator import DeltaGenerator

from fer_core.analytics.carried import OWN_VIEW, SHARED
from fer_core.reports import units

#: The smallest groups of viewers that can be asked for.
GROUP_SIZES = (OWN_VIEW, 2, 3, SHARED, 10)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which measure, whether its baseline is taken out, and the smallest group shown."""

    measure: str
    corrected: bool
    minimum: int


def usual(offered: Sequence[str], *, corrected: bool = False) -> Choice:
    """What is chosen unless somebody does: the first of what is offered."""
    return Choice(offered[0] if offered else "engagement", corrected, GROUP_SIZES[0])


def choose(
    measure: DeltaGenerator, minimum: DeltaGenerator, corrected: DeltaGenerator, *,
    offered: Sequence[str], help_minimum: str | None = None, help_corrected: str | None = None,
) -> Choice:  # fmt: skip
    """The three filters, each in the column that is given for it; the address keeps them.

    ``offered``: the measures that there are here.
    """
    key = measure.selectbox(
        "Measure", list(offered), format_func=units.name, key="measure", bind="query-params"
    )
    smallest = minimum.selectbox(
        "Smallest group", GROUP_SIZES, key="minimum", bind="query-params", help=help_minimum
    )
    baseline = corrected.toggle(
        "Baseline correction", key="baseline", bind="query-params", help=help_corrected
    )
    return Choice(key or "engagement", bool(baseline), int(smallest or OWN_VIEW))
