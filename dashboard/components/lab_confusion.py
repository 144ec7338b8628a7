"""The confusion matrix: counts or shares, and the cell that a person opened."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from dashboard.components.files import text

_CSS = """
.confusion { overflow-x: auto; }
table { border-collapse: separate; border-spacing: 2px; width: 100%; table-layout: fixed;
  font: inherit; font-size: 0.87rem; font-variant-numeric: tabular-nums; }
th { font-weight: 500; text-align: right; padding: 0 0.5rem 0 0; color: inherit; }
thead th.name { vertical-align: bottom; padding: 0; text-align: center; }
th.axis { text-align: center; font-size: 0.8rem; opacity: 0.72; padding: 0; }
th.axis.side { text-align: right; padding-right: 0.5rem; vertical-align: bottom; }
tr > :first-child { width: 5.2rem; }
.total { width: 3.4rem; text-align: right; opacity: 0.72; font-size: 0.8rem; font-weight: 400;
  padding: 0; vertical-align: bottom; }
tbody .total { vertical-align: middle; }
td { padding: 0; }
button { width: 100%; height: 2.5rem; border: 0; border-radius: 0.35rem; padding: 0; color: inherit;
  font: inherit; font-variant-numeric: tabular-nums; cursor: pointer;
  background: color-mix(in srgb, var(--tone) var(--level), transparent); }
button.right { --tone: #2563EB; }
button.wrong { --tone: #D55E00; }
button:disabled { cursor: default; }
button:not(:disabled):hover { box-shadow: inset 0 0 0 2px currentColor; }
button:focus-visible { outline: 3px solid #3B74F0; outline-offset: 1px; }
@media (max-width: 640px) {
  table { font-size: 0.75rem; border-spacing: 1px; }
  tr > :first-child { width: 3.9rem; }
  th { padding-right: 0.25rem; }
  thead th.name { height: 4.6rem; }
  thead th.name span { writing-mode: vertical-rl; transform: rotate(180deg); }
  .total { display: none; }
  button { height: 2.2rem; border-radius: 0.2rem; }
}
"""


def confusion(
    labels: Sequence[str], counts: np.ndarray, *, shares: bool, opens: bool, key: str
) -> tuple[str, str] | None:
    """Show it; the truth and the guess of the cell that was just clicked."""
    mount = st.components.v2.component(
        "rapt_confusion",
        html='<div class="confusion"></div>',
        css=_CSS,
        js=text("lab_confusion.js"),
    )
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
