"""The table of models: what was run is shown, what was not is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fer_core.cli.lab.bench_models import (
    SYSTEMS,
    Box,
    as_page,
    as_table,
    classical_rows,
    provenance,
    readings,
    row_of_card,
    train,
    with_earlier,
)
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


def test_a_published_figure_is_reached_or_told_why_not(home: Home) -> None:
    def said() -> str:
        rows = [row_of_card(home, system) for system in SYSTEMS]
        return next(line for line in readings(rows) if line.startswith("- **triblock**"))

    assert "not run here" in said()
    a_card().write(home.models / "triblock.json")
    assert "61.2% here." in said()
    cut = replace(a_card(), limits=("Cut short for lack of hardware: 2 of 25 epochs.",))
    cut.write(home.models / "triblock.json")
    assert "61.2% here, in a run that was cut short" in said()
    better = a_card()
    better.metrics["validation"]["litert"]["labels"]["accuracy"] = 0.65
    better.write(home.models / "triblock.json")
    assert "reached, with 65.0%" in said()


def test_rows_of_an_earlier_page_are_kept_until_a_system_is_run_again(home: Home) -> None:
    a_card().write(home.models / "triblock.json")
    svm = ["svm", "described", "-", "47.14%", "0.438", "-", "3.33", "2.2 min", ""]
    first = [*(row_of_card(home, system) for system in SYSTEMS), svm]
    page = as_page(first, provenance("", "`rapt bench models --one`"))
    elsewhere = [row_of_card(Home(home.root / "none"), system) for system in SYSTEMS]
    again = with_earlier(elsewhere, page)
    assert again == first
    assert provenance(page, "`rapt bench models --two`") == [
        "`rapt bench models --one`", "", "`rapt bench models --two`",
    ]  # fmt: skip
    newer = a_card()
    newer.metrics["validation"]["litert"]["labels"]["accuracy"] = 0.65
    newer.write(home.models / "triblock.json")
    rows = with_earlier([row_of_card(home, system) for system in SYSTEMS], page)
    assert next(row for row in rows if row[0] == "triblock")[3] == "65.00%"


def test_a_system_is_trained_within_its_time_and_says_what_it_got(
    home: Home, tmp_path: Path
) -> None:
    public = (some_faces(21, seed=1), "PublicTest")
    data = write_csv(tmp_path / "f.csv", (some_faces(140), "Training"), public)
    epochs: list[dict[str, float]] = []
    train(home, "plain", data, Box(minutes=1e-6, faces=128), epochs.append)
    assert len(epochs) == 1  # the time was over with the first one
    row = row_of_card(home, next(system for system in SYSTEMS if system.name == "plain"))
    assert row[-1] == "Cut short for lack of hardware: 0.914 of 15 epochs of 140 faces."
    assert "0.914 epochs" in row[-2]
    assert "stopped early" not in row[-2]
