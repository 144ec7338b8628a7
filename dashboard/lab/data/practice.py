"""Practice: drawn faces, the mistakes of the model in use on them, and a model of one's own.

For whoever has no data set yet. One button asks for it all; the model that comes of it cannot be
put into use.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import streamlit as st

from dashboard.lab.data import data as data_sets
from dashboard.navigation import go
from dashboard.shared.page import notice, show_errors
from dashboard.state import app_state
from fer_core.evaluation.trusted_weights import trusted_model
from fer_core.home import Home
from fer_core.jobs import queue
from fer_core.jobs.evaluation import EvaluationSpec, enqueue_evaluation
from fer_core.jobs.training_sources import Source, changed, fine_tune, names_taken, new_name
from fer_core.storage import Store
from fer_core.training.practice.data import EACH, NAME, write_practice
from fer_core.zoo.model_store import in_use

MODEL: Final = "practice"
EPOCHS: Final = 6
RATE: Final = 0.0001
BATCH: Final = 64
ABOUT: Final = (
    "Drawn faces: they show how this works, and say nothing about people. What learns from them "
    "is a practice model, which cannot be put into use."
)


def place(home: Home) -> Path:
    """Where the drawn faces lie."""
    return data_sets.folder(home) / "practice" / "practice-faces.csv"


def is_practice(home: Home, data: str) -> bool:
    """Whether a data set's path is that of the drawn faces."""
    return data == str(place(home))


def begin(store: Store) -> str:
    """Draw the faces, and queue an evaluation and a training on them; the training's job."""
    home = store.home
    path = place(home)
    if not path.exists():
        write_practice(path)
    if not any(is_practice(home, one.path) for one in data_sets.known(store)):
        data_sets.add_imported(store, NAME, path)
    enqueue_evaluation(store, EvaluationSpec(in_use(home), str(path)))
    taken = names_taken(home, store)
    name = new_name(home, store, MODEL) if MODEL in taken else MODEL
    trusted_model(store, home, in_use(home))
    spec = fine_tune(home, name, (Source(str(path)),), epochs=EPOCHS, rate=RATE)
    # what the model in use says of a drawing is no help: the labels alone teach
    spec = replace(changed(spec, batch=BATCH, distill_weight=0.0), resume=True)
    return queue.enqueue(store, "train", spec.as_dict(), title=spec.name)


def offer(*, key: str) -> None:
    """The button that begins it, and what it does in a sentence."""
    with st.container(horizontal_alignment="center"):
        if st.button("Practise on drawn faces", key=key, icon=":material/draw:"):
            with show_errors(), st.spinner(f"Drawing {7 * EACH:,} faces"):
                job_id = begin(app_state().store)
                notice("Drawn. A model is being evaluated on them, and another learns from them.")
                go("train", run=job_id)
        st.caption(
            f"No faces at hand? {7 * EACH:,} are drawn here, two hundred for each expression, and "
            "a practice model learns from them: about a minute.",
            text_alignment="center",
        )
