"""The confusion matrix: counts or shares, and the cell that a person opened."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.shared.widgets.component import component


def confusion(
    labels: Sequence[str], counts: np.ndarray, *, shares: bool, opens: bool, key: str
) -> tuple[str, str] | None:
    """Show it; the truth and the guess of the cell that was just clicked."""
    mount = component(__file__, "confusion", html='<div class="confusion"></div>')
    result = mount(
        key=key,
        data={
            "labels": list(labels),
            "counts": counts.tolist(),
            "shares": shares,
            "opens": opens,
        },
        on_cell_change=lambda: None,
    )
    cell = result.cell
    if isinstance(cell, dict) and {"truth", "guess"} <= set(cell):
        return str(cell["truth"]), str(cell["guess"])
    return None
