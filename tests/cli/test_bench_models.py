"""The table of models: what was run is shown, what was not is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fer_core.cli.bench_models import SYSTEMS, as_page, as_table, classical_rows, row_of_card
from fer_core.home import Home
from fer_core.labels import EMOTIONS
from fer_core.training.datasets import load
from fer_core.zoo.card import Card
from tests.training.sets import some_faces, write_csv

TRIBLOCK = next(system for system in SYSTEMS if system.name == "triblock")


def a_card() -> Card:
    labels = {"accuracy": 0.6123, "macro_f1": 0.55, "per_class": {key: {} for key in EMOTIONS}}
    return Card(
        name="triblock",
        about="",
        arch="triblock",
        outputs={"fer2013": EMOTIONS},
        serves="fer2013",
        parameters=2_716_647,
        metrics={"validation": {"litert": {"labels": labels, "ms_per_face": {"1": 1.25}}}},
        training={"epochs": 9, "seconds": 600, "settings": {"epochs": 25}},
    )


def test_a_system_without_a_card_was_not_run(home: Home) -> None:
    row = row_of_card(home, TRIBLOCK)
    assert "not run here" in row
    assert "64.11 % (PublicTest)" in row


def test_a_systems_figures_come_from_its_card(home: Home) -> None:
    a_card().write(home.models / "triblock.json")
    row = row_of_card(home, TRIBLOCK)
    assert "61.23%" in row
    assert "2,716,647" in row
    assert "10 min, 9 epochs of 25, stopped early" in row


def test_a_run_that_was_cut_short_says_so(home: Home) -> None:
    cut = replace(a_card(), limits=("Cut short for lack of hardware: 2 of 25 epochs.",))
    cut.write(home.models / "triblock.json")
    assert "2 of 25" in row_of_card(home, TRIBLOCK)[-1]


def test_the_page_has_a_row_for_every_system(home: Home, tmp_path: Path) -> None:
    public = (some_faces(21, seed=1), "PublicTest")
    data = load(write_csv(tmp_path / "f.csv", (some_faces(70), "Training"), public))
    rows = [row_of_card(home, system) for system in SYSTEMS] + classical_rows(data, 1.0)
    page = as_page(rows, ["- Commit: none"])
    assert len({line.count("|") for line in as_table(rows).splitlines()}) == 1
    assert all(system.name in page for system in SYSTEMS)
    assert "nearest neighbours" in page
