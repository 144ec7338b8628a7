"""The Train page's parts: the model in use, a run and what came of it, a new run, past ones."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import streamlit as st

from dashboard.lab.train import data as lab_train
from dashboard.lab.train.charts import (
    comparison,
    estimate_said,
    example_faces,
    examples_said,
    growing,
    growing_said,
)
from dashboard.lab.train.data import Plan, Run
from dashboard.navigation import go, page_of
from dashboard.shared.charts.figure import figure
from dashboard.shared.empty_state import empty
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import notice, show_errors, theme_look
from dashboard.state import app_state
from fer_core.errors import RaptError
from fer_core.jobs.training_sources import OWN_LABELS, Source
from fer_core.storage import Store
from fer_core.text import ago, count, percent, shorten, wait
from fer_core.training.recipes import FINE_TUNE

BATCHES = (8, 16, 32, 64, 128, 256, 512)
RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.05, 0.1)


def in_use() -> None:
    """Which model makes every new number, and the way back."""
    state = app_state()
    now = lab_train.used(state.home)
    accuracy = lab_train.accuracy_of(now.card)
    said = f"In use: **{escape_markdown(now.card.name)}**"
    if accuracy is not None:
        said += f", right on {percent(accuracy)} of held-out faces"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(said)
        if now.before is not None:
            st.button(
                f"Go back to {now.before}", icon=":material/undo:", on_click=_roll_back,
                help="Recordings analysed from now on are read by it again. Nothing is lost.",
            )  # fmt: skip
        if len(now.history) > 1:
            with st.popover("History", icon=":material/history:"):
                for one in reversed(now.history):
                    what = "back to " if one.back else ""
                    when = f" · {one.at[:16].replace('T', ' ')} UTC" if one.at else ""
                    st.markdown(f"{what}**{escape_markdown(one.name)}**{when}")


def _roll_back() -> None:
    state = app_state()
    try:
        card = lab_train.roll_back(state.home, state.store)
        notice(f"{card.name} is in use again.")
    except RaptError as error:
        notice(str(error))


# -- a run --------------------------------------------------------------------------------


def run_shown(run: Run) -> None:
    """A run: live while it goes on, and what came of it."""
    with st.container(key=f"training-{run.job_id}"):
        st.subheader(escape_markdown(run.name), anchor=False)
        if run.active:
            _live(run.job_id)
            return
        state = app_state()
        run = lab_train.whole(state.home, state.store, run)
        _ended(run)
        if run.status == "done":
            outcome(run)
        _details(run)


@st.fragment(run_every=1)
def _live(job_id: str) -> None:
    """Drawn again every second; the whole page follows when the run ends."""
    state = app_state()
    found = next((r for r in lab_train.runs(state.home, state.store) if r.job_id == job_id), None)
    if found is None or not found.active:
        st.rerun()
    run = lab_train.whole(state.home, state.store, found)
    share = run.share or 0.0
    if run.status == "queued":
        said = "Waits for the training before it"
    elif run.stopping:
        said = "Stopping"
    else:
        said = " · ".join(
            one for one in (f"{int(100 * share)} %", wait(run.eta_s), run.message) if one
        )
    inner = f'<i style="width:{100 * share:.1f}%"></i>'
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(
            f'<div class="rapt-bar" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
            f'aria-valuenow="{round(100 * share)}" aria-label="{escape(run.name)}">{inner}</div>'
            f'<div class="rapt-meta">{escape(said)}</div>'
        )
        st.button(
            "Stop training", key=f"stop-{job_id}", disabled=run.stopping, on_click=_do,
            args=(lab_train.stop, job_id),
        )  # fmt: skip
    _details(run)


def _details(run: Run) -> None:
    """Curves and current examples."""
    if len(run.epochs):
        said = growing_said(run.epochs, run.epochs_planned, run.active)
        st.html(
            f'<div class="rapt-finding"><b>{escape(said)}</b><span>Accuracy on held-out faces, '
            "loss on training faces and learning rate, after each epoch.</span></div>"
        )
        figure(
            growing(run.epochs, run.epochs_planned, theme_look()),
            alt=said,
            key=f"curves-{run.job_id}",
        )
    elif run.active and run.status == "running":
        st.caption("The curves begin after the first epoch.")
    if run.examples:
        st.html(
            f'<div class="rapt-finding"><b>{escape(examples_said(run.examples))}</b><span>Held-out '
            "faces, the same ones every time: their label, and what the network says.</span></div>"
            + example_faces(run.examples)
        )
    if sources := lab_train.source_names(run):
        notes = [f"Trains on {sources}." if run.active else f"Trained on {sources}."]
        notes += [f"{one[0].upper()}{one[1:]}." for one in run.data.get("notes", ())]
        st.caption(" ".join(notes))


def _ended(run: Run) -> None:
    """How it ended, and what can be done where that was early."""
    if run.status == "done":
        return
    done = len(run.epochs)
    if run.status == "failed":
        st.error(escape_markdown(run.error or "It failed without a word."), icon=":material/error:")
    else:
        kept = f"; {count(done, 'epoch is', 'epochs are')} kept" if done else ""
        st.info(f"Stopped{kept}. It goes on where it stopped.", icon=":material/pause_circle:")
    with st.container(horizontal=True):
        st.button(
            "Resume" if done else "Start again", key=f"resume-{run.job_id}", type="primary",
            on_click=_do, args=(lab_train.resume, run.job_id),
        )  # fmt: skip
        st.button(
            "Dismiss", key=f"dismiss-{run.job_id}", type="tertiary", on_click=_do,
            args=(lab_train.forget, run.job_id),
        )  # fmt: skip


def outcome(run: Run) -> None:
    """The candidate beside the model that it was compared with, and the way to promote it."""
    state = app_state()
    found = lab_train.verdict(run)
    tone = "" if found.better else " rapt-doubt"
    st.html(f'<div class="rapt-sentence{tone}"><p>{escape(found.sentence)}</p></div>')
    for warning in found.warnings:
        st.warning(warning, icon=":material/warning:")
    if rows := run.metrics.get("comparison"):
        st.html(comparison(rows, run.base, run.name))
        st.caption(
            "Both models read the same faces, which trained neither. The interval is drawn from "
            "the faces again and again (bootstrap); p is McNemar's exact test, over the faces "
            "that only one of them reads right."
            + (
                " The new model's best epoch was chosen by the public ones, which flatters it a "
                "little there."
                if run.chose_best
                else ""
            )
        )
    now = lab_train.used(state.home)
    with st.container(horizontal=True, vertical_alignment="center"):
        if now.card.name == run.name:
            st.badge("In use", icon=":material/check:", color="green")
        elif found.better and not found.warnings:
            st.button(
                "Promote", type="primary", icon=":material/upgrade:",
                key=f"promote-{run.job_id}", on_click=_promote, args=(run.name,),
                help="Every recording analysed from now on is read by it. You can go back.",
            )  # fmt: skip
        elif st.button("Promote anyway", icon=":material/upgrade:", key=f"promote-{run.job_id}"):
            _confirm(run, found.warnings)
        st.button(
            "Dismiss", key=f"dismiss-{run.job_id}", type="tertiary", on_click=_do,
            args=(lab_train.forget, run.job_id),
            help="Takes it off this list; the model stays.",
        )  # fmt: skip


@st.dialog("Promote it all the same?")
def _confirm(run: Run, warnings: tuple[str, ...]) -> None:
    for warning in warnings:
        st.markdown(f"- {escape_markdown(warning)}")
    st.write("You can go back to the model in use at any time.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        keep = st.button("Keep the model in use")
        yes = st.button("Promote", type="primary", key="promote-yes")
    if keep:
        st.rerun()
    if yes:
        _promote(run.name)
        st.rerun()


def _promote(name: str) -> None:
    state = app_state()
    try:
        lab_train.promote(state.home, state.store, name)
        notice(f"{name} is in use.")
    except RaptError as error:
        notice(str(error))


def _do(action: Callable[[Store, str], None], job_id: str) -> None:
    try:
        action(app_state().store, job_id)
    except RaptError as error:
        notice(str(error))


# -- a new run ----------------------------------------------------------------------------


def nothing_to_train_on() -> None:
    if empty(
        "A model learns from faces with labels. Add a data set, or label faces that were kept "
        "for review.",
        "Add a data set",
        key="no-data",
    ):
        go("data")


def new_run(found: list[lab_train.Choice]) -> None:
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
            lab_train.start(state.home, state.store, plan)
            for key in ("run-name", "estimate"):
                st.session_state.pop(key, None)
            st.query_params.pop("run", None)
            st.rerun()
    if ask:
        with show_errors(), st.spinner("Measuring a few batches here, about ten seconds"):
            spec = lab_train.spec_of(state.home, state.store, plan)
            st.session_state["estimate"] = (plan, lab_train.estimate(state.home, spec))
    kept = st.session_state.get("estimate")
    if kept is not None and kept[0] == plan:
        st.info(estimate_said(kept[1]), icon=":material/timer:")


def _plan(found: list[lab_train.Choice]) -> Plan:
    state = app_state()
    card = lab_train.used(state.home).card
    names = lab_train.recipes(card)
    left, right = st.columns([3, 2])
    recipe = left.selectbox("What to train", list(names), format_func=names.__getitem__)
    stem = card.name if recipe == FINE_TUNE else recipe
    name = right.text_input(
        "Name of the new model",
        value=lab_train.new_name(state.home, state.store, stem),
        max_chars=60,
        key=f"run-name-{recipe}-{len(lab_train.names_taken(state.home, state.store))}",
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
    epochs, batch, rate = lab_train.usual(state.home, recipe)
    one, two, three = st.columns(3)
    low, high = lab_train.EPOCHS
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


def _usual_sources(found: list[lab_train.Choice]) -> list[str]:
    """Own labels, where there are any, and the largest of the others."""
    others = sorted((one for one in found if one.key != OWN_LABELS), key=lambda c: -(c.faces or 0))
    return [one.key for one in found if one.key == OWN_LABELS] + [one.key for one in others[:1]]


def _choice(one: lab_train.Choice) -> str:
    faces = f" ({one.faces:,})" if one.faces is not None else ""
    return escape_markdown(f"{shorten(one.name, 40)}{faces}")


def _weights(chosen: list[lab_train.Choice]) -> tuple[Source, ...]:
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


# -- past runs ----------------------------------------------------------------------------


def past(runs: list[Run], shown: str | None) -> None:
    """Every other run; a click opens it."""
    rest = [run for run in runs if run.job_id != shown]
    if not rest:
        return
    st.subheader("Other trainings", anchor=False)
    words = {"done": "done", "failed": "failed", "cancelled": "stopped", "queued": "waits",
             "running": "under way"}  # fmt: skip
    for run in rest:
        with st.container(key=f"row-{run.job_id}", gap=None):
            st.page_link(
                page_of("train"), label=escape_markdown(run.name), query_params={"run": run.job_id}
            )
            st.html(
                f'<div class="rapt-meta">{words[run.status]} · {ago(run.created)} · '
                f"{count(run.epochs_planned, 'epoch')}</div>"
            )
