"""Trainings over one another: their accuracy in one chart, their settings and notes in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.lab.models.axes import lay_out, percent_axis_of
from dashboard.lab.train import data as trainings
from dashboard.lab.train.data import Run
from dashboard.shared.charts import tables
from dashboard.shared.charts.figure import figure
from dashboard.shared.page import current_theme, show_errors
from dashboard.state import app_state
from fer_core.jobs import queue
from fer_core.jobs.training_sources import OWN_LABELS
from fer_core.palette import GROUP_COLOURS, Theme
from fer_core.sentences import Finding, Template
from fer_core.storage import Store
from fer_core.storage.lab.models import NoteTrainingRun
from fer_core.text import fine_percent

MOST_DRAWN: Final = len(GROUP_COLOURS)
MOST_NOTE: Final = 500
BEST = Template("trainings.best", "{name} reached most: {best} at epoch {epoch}")
HOW = (
    "Accuracy on each training's held-out faces after each epoch. Trainings on different data are "
    "measured on different faces"
)


@dataclass(frozen=True)
class Trial:
    """A training with epochs: what it was told, and how far it came."""

    run_id: str
    name: str
    row: dict[str, object]  # of the table
    epochs: pd.DataFrame


def trials(store: Store, runs: Sequence[Run]) -> list[Trial]:
    """The trainings that have epochs, in the order given. A name that comes again gets a number."""
    found: list[Trial] = []
    names: dict[str, int] = {}
    for run in runs:
        run_id = queue.training_run_of(store, store.jobs.get(run.job_id))
        epochs = trainings.curves(store.training_runs.epochs(run_id)) if run_id else pd.DataFrame()
        if run_id is None or epochs["accuracy"].isna().all():
            continue
        names[run.name] = names.get(run.name, 0) + 1
        name = run.name if names[run.name] == 1 else f"{run.name} ({names[run.name]})"
        kept = store.training_runs.get(run_id)
        best = epochs.iloc[int(np.nanargmax(epochs["accuracy"]))]
        sources = [str(one["data"]) for one in kept.data.get("sources") or ()]
        row = {
            "Training": name,
            "Best": 100 * float(best["accuracy"]),
            "At epoch": int(best["epoch"]),
            "Epochs": len(epochs),
            "Minutes": float(epochs["seconds"].sum()) / 60,
            "Began with": kept.base_model or "nothing",
            "Data": ", ".join(
                "own labels" if one == OWN_LABELS else Path(one).name for one in sources
            ),
            "Rate": kept.settings.get("rate"),
            "Batch": kept.settings.get("batch"),
            "Taught": kept.settings.get("distill_weight"),
            "Network": kept.architecture,
            "Note": kept.note or "",
        }
        found.append(Trial(run_id, name, row, epochs))
    return found


def best_said(found: Sequence[Trial]) -> Finding:
    """Which came furthest."""
    best = max(found, key=lambda one: float(one.epochs["accuracy"].max()))
    at = best.epochs.iloc[int(np.nanargmax(best.epochs["accuracy"]))]
    return BEST(name=best.name, best=fine_percent(float(at["accuracy"])), epoch=int(at["epoch"]))


def over_one_another(found: Sequence[Trial], theme: Theme) -> go.Figure:
    """Accuracy by epoch, a line a training."""
    fig = go.Figure()
    for one, tone in zip(found, GROUP_COLOURS):
        fig.add_trace(
            go.Scatter(
                x=one.epochs["epoch"],
                y=one.epochs["accuracy"],
                customdata=[fine_percent(share) for share in one.epochs["accuracy"]],
                name=one.name,
                mode="lines+markers",
                line={"color": tone, "width": 2},
                marker={"size": 4},
                hovertemplate=f"{one.name}, epoch %{{x}}: <b>%{{customdata}}</b><extra></extra>",
            )
        )
    every = pd.concat([one.epochs["accuracy"] for one in found])
    return lay_out(
        fig,
        theme,
        340,
        showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        margin={"t": 40, "b": 40, "l": 52, "r": 12},
        xaxis={"title": {"text": "Epoch"}, "showgrid": False},
        yaxis={"title": {"text": "Accuracy"}, **percent_axis_of(every)},
    )


def overlay(runs: Sequence[Run]) -> None:
    """All trainings with epochs beside each other, where there are at least two."""
    store = app_state().store
    found = trials(store, runs)
    if len(found) < 2:
        return
    st.subheader("Trainings over one another", anchor=False)
    by_name = {one.name: one for one in found}
    chosen = st.multiselect(
        "Drawn", list(by_name), default=list(by_name)[:MOST_DRAWN], max_selections=MOST_DRAWN,
        key="drawn-trainings",
    )  # fmt: skip
    if drawn := [by_name[name] for name in chosen if name in by_name]:
        said = best_said(drawn)
        st.html(tables.finding(said, HOW))
        figure(over_one_another(drawn, current_theme()), alt=said, key="overlay")
    with show_errors():
        _table(store, found)


def _table(store: Store, found: Sequence[Trial]) -> None:
    """Sorted by a click on a heading; the last column is for notes."""
    rows = pd.DataFrame([one.row for one in found])
    edited = st.data_editor(
        rows,
        hide_index=True,
        disabled=[column for column in rows.columns if column != "Note"],
        column_config={
            "Best": st.column_config.NumberColumn(format="%.1f %%"),
            "Minutes": st.column_config.NumberColumn(format="%.1f"),
            "Note": st.column_config.TextColumn(
                max_chars=MOST_NOTE, width="large", help="What you want to remember of it."
            ),
        },
        key=f"trainings-{len(found)}",
    )
    for one, note in zip(found, edited["Note"]):
        said = str(note or "").strip()
        if said != one.row["Note"]:
            store.run(NoteTrainingRun(run_id=one.run_id, note=said))
