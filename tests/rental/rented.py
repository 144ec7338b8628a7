"""A rented machine of two batches: stages are trained as there. Started by ``without``."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from fer_core.rental.pack import FACES, Packed, write_pack
from fer_core.rental.run import Machine, train_stages
from fer_core.rental.stages import Stage
from fer_core.training.recipes import Recipe
from tests.rental.without import MISSING
from tests.training.sets import some_faces
from tests.training.settings import SHORT

#: Two batches of 16 an epoch.
TINY = replace(SHORT, epochs=2, sizes=((0.0, 48),), choose="last", outputs=("fer2013", "ferplus"))
TEACHER = Stage("teacher-wide", Recipe(TINY, "teaches", serves="ferplus"), least=1, teaches=True)
PUPIL = Stage(
    "flagship-2",
    Recipe(replace(TINY, distill_weight=0.5), "learns", teachers=("teacher-wide", "nobody")),
    least=1,
)
CROSSED = Stage(
    "check-1", Recipe(TINY, "judged", serves="ferplus"), least=1, teaches=True, left_out=(1, 2)
)
CLASSIC = Stage(
    "elu3",
    Recipe(replace(TINY, outputs=("three",), choose="best", batch=6), "three", serves="three"),
    least=1,
    photographs=False,
    judged=0.25,
)


@dataclass
class Counted(Machine):
    """A machine whose time is counted in epochs."""

    epochs: int = 1000
    seen: list[str] = field(default_factory=list)

    def left(self) -> float:
        return 1e6 if sum(": loss" in line for line in self.log) < self.epochs else 0.0


def machine(folder: Path, name: str, **changes: Any) -> Counted:
    return Counted(folder / "carry", folder / name / "work", folder / name / "out", 1, **changes)


def main(folder: Path) -> None:
    faces = some_faces(46, votes=True)
    person = np.array([-1] * 40 + [0, 0, 1, 2, 3, 5], np.int32)
    write_pack(folder / "carry" / FACES, Packed(faces, person))
    stages = (TEACHER, PUPIL, CLASSIC)
    first = machine(folder, "first")
    done = train_stages(first, stages)
    again = machine(folder, "first")
    train_stages(again, stages)
    crossed = machine(folder, "crossed")
    train_stages(crossed, (CROSSED,))
    # Another rental: what the first one packed and taught has travelled; it ends after an epoch.
    cut = machine(folder, "cut", epochs=1)
    cut_done = train_stages(cut, (PUPIL,))
    answer = {
        "done": done,
        "first": first.log,
        "again": again.log,
        "cut": cut.log,
        "crossed": crossed.log,
        "cut_done": cut_done,
        "loaded": sorted(MISSING & set(sys.modules)),
    }
    sys.stdout.write("\n" + json.dumps(answer) + "\n")
