"""Models from what came back of a rented machine: loaded, exported, measured here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from fer_core.files import JsonObject, read_json, write_bytes
from fer_core.home import Home
from fer_core.jobs.training import finished
from fer_core.jobs.training_sources import Source, TrainSpec, prepared_of
from fer_core.rental.halves import from_float16
from fer_core.rental.outbox import unpacked
from fer_core.rental.pack import TEACHERS
from fer_core.rental.stages import Stage, stage
from fer_core.training.checkpoint import Checkpoint
from fer_core.training.datasets import load
from fer_core.zoo.card import Card

RESULTS = "results"
UNFINISHED = "unfinished"


def unpack(archives: list[Path], folder: Path) -> list[str]:
    """Sort what came back into ``folder``; the names of the stages that were finished.

    results/NAME.npz and NAME.json, teachers/NAME.npz, unfinished/NAME.npz and log.txt.
    """
    done = []
    for name, content in unpacked(archives).items():
        stem = name.split(".")[0]
        if name.endswith(".soft.npz"):
            path = folder / TEACHERS / f"{stem}.npz"
        elif name.endswith(".unfinished.npz"):
            path = folder / UNFINISHED / f"{stem}.npz"
        elif name == "log.txt":
            path = folder / name
        else:
            path = folder / RESULTS / name
            if name.endswith(".npz"):
                done.append(stem)
        write_bytes(path, content)
    for name in done:
        (folder / UNFINISHED / f"{name}.npz").unlink(missing_ok=True)
    return done


def models(
    home: Home,
    folder: Path,
    names: list[str],
    data: Path,
    prefix: str,
    note: Callable[[str], None],
) -> Iterator[Card]:
    """The cards of finished stages, each exported, calibrated and measured on ``data``.

    A model is called by ``prefix`` and its stage; its files go to HOME/models.
    """
    source = load(data)
    for name in names:
        result = folder / RESULTS / f"{name}.npz"
        found = Checkpoint.load(result)
        found = replace(found, average=from_float16(found.average))
        facts = read_json(result.with_suffix(".json")) or {}
        spec = spec_of(stage(name), found, f"{prefix}{name}", data)
        prepared = prepared_of([(source, 1.0)], spec.settings)
        for one in prepared.notes:
            note(one)
        card = finished(home, spec, prepared, found, folder / "export")
        card = with_facts(card, stage(name), facts)
        card.write(home.models / f"{card.name}.json")
        yield card


def spec_of(one: Stage, found: Checkpoint, name: str, data: Path) -> TrainSpec:
    """The training that a stage was, as a training here would be described."""
    recipe = one.recipe
    return TrainSpec(
        name=name,
        # Whichever way its epoch was chosen, the faces that measure it had no part in it.
        settings=replace(found.settings, choose="last"),
        sources=(Source(str(data)),),
        serves=recipe.serves,
        also_serves=recipe.also_serves,
        shares=dict(recipe.shares),
        rarity=recipe.rarity,
        mirror=recipe.mirror,
        about=recipe.about,
        command=f"python -m fer_core.rental train --stages {one.name}",
    )


def with_facts(card: Card, one: Stage, facts: JsonObject) -> Card:
    """The card with what the rented machine said of the run."""
    training = {**card.training, "rental": facts, "machine": facts.get("machine", "")}
    if one.judged:
        training["notes"] = [
            *training["notes"],
            f"its epoch was chosen on {one.judged:.0%} of the training faces, held out",
        ]
    data = card.data
    if facts.get("photographs"):
        data = (*data, f"photographs, {facts['photographs']:.0%} of every epoch")
    return replace(card, training=training, data=data)
