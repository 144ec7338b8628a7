"""A new training: what to train from what, how long it will take, and its start."""

from __future__ import annotations

import streamlit as st

from dashboard.lab.train import plan as plans
from dashboard.lab.train import promotion
from dashboard.lab.train.charts import (
    estimate_said,
)
from dashboard.lab.train.plan import Choice, Plan
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import show_errors
from dashboard.state import app_state
from fer_core.jobs.training_sources import OWN_LABELS, Source, names_taken, new_name
from fer_core.text import shorten
from fer_core.training.recipes import FINE_TUNE

BATCHES = (8, 16, 32, 64, 128, 256, 512)
RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.05, 0.1)


def new_run(found: list[Choice]) -> None:
    """What to train from what, how long it will take, and the start."""
    st.subheader("Train a model", anchor=False)
    plan = _plan(found)
    state = app_state()
    with st.container(horizontal=True, vertical_alignment="center"):
        begin = st.button(
            "Start training", type="primary", icon=":material/play_arrow:",
            disabled=not plan.sources,
        )  # fmt: skip
        ask = st.button(
            "How long will it take?", icon=":material/timer:", disabled=not plan.sources
        )
    if begin:
        with show_errors():
            plans.start(state.home, state.store, plan)
            for key in ("run-name", "estimate"):
                st.session_state.pop(key, None)
            st.query_params.pop("run", None)
            st.rerun()
    if ask:
        with show_errors(), st.spinner("Measuring a few batches here, about ten seconds"):
            spec = plans.spec_of(state.home, state.store, plan)
            st.session_state["estimate"] = (plan, plans.estimate(state.home, spec))
    kept = st.session_state.get("estimate")
    if kept is not None and kept[0] == plan:
        st.info(estimate_said(kept[1]), icon=":material/timer:")


def _plan(found: list[Choice]) -> Plan:
    state = app_state()
    card = promotion.used(state.home).card
    names = plans.recipes(card)
    left, right = st.columns([3, 2])
    recipe = left.selectbox("What to train", list(names), format_func=names.__getitem__)
    stem = card.name if recipe == FINE_TUNE else recipe
    name = right.text_input(
        "Name of the new model",
        value=new_name(state.home, state.store, stem),
        max_chars=60,
        key=f"run-name-{recipe}-{len(names_taken(state.home, state.store))}",
    )
    keys = {one.key: one for one in found}
    chosen = st.pills(
        "Data to learn from",
        list(keys),
        selection_mode="multi",
        default=_usual_sources(found),
        format_func=lambda key: _choice(keys[key]),
        key="run-sources",
    )
    sources = _weights([keys[key] for key in keys if key in chosen])
    epochs, batch, rate = plans.usual(recipe)
    one, two, three = st.columns(3)
    low, high = plans.EPOCHS
    chosen_epochs = one.number_input(
        "Epochs", low, high, epochs, key=f"epochs-{recipe}",
        help="How often the network sees the data.",
    )  # fmt: skip
    sizes = sorted({*BATCHES, batch})
    chosen_batch = two.selectbox(
        "Faces in a batch", sizes, index=sizes.index(batch), key=f"batch-{recipe}",
        help="Fewer faces a batch suit small data sets.",
    )  # fmt: skip
    rates = sorted({*RATES, rate})
    chosen_rate = three.selectbox(
        "Learning rate", rates, index=rates.index(rate), key=f"rate-{recipe}",
        format_func=lambda value: f"{value:g}" + (" (usual)" if value == rate else ""),
        help="Higher learns faster and forgets faster.",
    )  # fmt: skip
    return Plan(name.strip(), recipe, sources, int(chosen_epochs), chosen_batch, chosen_rate)


def _usual_sources(found: list[Choice]) -> list[str]:
    """Own labels, where there are any, and the largest of the others."""
    others = sorted((one for one in found if one.key != OWN_LABELS), key=lambda c: -(c.faces or 0))
    return [one.key for one in found if one.key == OWN_LABELS] + [one.key for one in others[:1]]


def _choice(one: Choice) -> str:
    faces = f" ({one.faces:,})" if one.faces is not None else ""
    return escape_markdown(f"{shorten(one.name, 40)}{faces}")


def _weights(chosen: list[Choice]) -> tuple[Source, ...]:
    """Each source's share of an epoch, where there are several."""
    if len(chosen) < 2:
        return tuple(Source(one.key) for one in chosen)
    columns = st.columns(min(3, len(chosen)))
    weights = []
    for number, one in enumerate(chosen):
        usual = 1 if one.key == OWN_LABELS else 3
        weights.append(
            columns[number % 3].number_input(
                f"Weight of {shorten(one.name, 30)}", 1, 20, usual, key=f"weight-{one.key}"
            )
        )
    total = sum(weights)
    shares = ", ".join(
        f"{100 * weight / total:.0f} % {shorten(one.name, 30)}"
        for one, weight in zip(chosen, weights)
    )
    st.caption(
        f"Each epoch shows {escape_markdown(shares)}. "
        "Public faces kept in keep the model from forgetting."
    )
    # public data first: the first source decides what the best epoch is judged by
    pairs = sorted(zip(chosen, weights), key=lambda pair: pair[0].key == OWN_LABELS)
    return tuple(Source(one.key, float(weight)) for one, weight in pairs)
