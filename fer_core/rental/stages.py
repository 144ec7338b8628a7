"""The stages of training on a rented GPU, those that gain most a minute first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from fer_core.errors import SettingsError
from fer_core.rental.parts import Part
from fer_core.training.augment import Augmentation
from fer_core.training.recipes import FLAGSHIP, FLAGSHIP_FIRST, RECIPES, Recipe


@dataclass(frozen=True, slots=True)
class Stage:
    """One training: its recipe, whose teachers are names of soft targets."""

    name: str
    recipe: Recipe
    least: int  # epochs; where fewer fit, the run keeps all of them and goes on another time
    photographs: bool = True  # photographs train as well, where they were packed
    teaches: bool = False  # its answers for the training faces are kept
    judged: float = 0.0  # share of the training faces held out to choose the epoch by
    #: (k, n): the kth of n parts of the faces trains nothing, and is all that it answers.
    left_out: Part | None = None


#: A batch of 256 keeps a GPU busy. One size of pictures: compiling each costs as long as many
#: epochs. Nobody judges the epochs, for PublicTest stays at home: the last one counts.
STUDENT = replace(
    FLAGSHIP_FIRST,
    options=FLAGSHIP,
    epochs=250,
    batch=256,
    sizes=((0.0, 48),),
    rate=0.15,
    warmup=3.0,
    ema=0.998,
    choose="last",
    calm_augmentation=0.92,
    distill_weight=0.5,
    augmentation=Augmentation(mixup=0.0, erase=0.25),
)

#: Four times the flagship's multiply-adds (338 M) and weights (3.8 M, 7.7 MB in 16 bits), from
#: labels and votes alone. Sharpness-aware steps cost twice as much and keep it from learning
#: labels by heart, which it could.
TEACHER = replace(
    STUDENT,
    options={
        "stem": 48,
        "widths": (80, 160, 320),
        "depths": (2, 2, 2),
        "inner": (0, 0, 224),
        "dropout": 0.4,
    },
    epochs=120,
    distill_weight=0.0,
    sharpness=0.05,
    augmentation=Augmentation(),
    seed=21,
)

#: As much arithmetic (340 M), but half of it at the whole picture: it makes other mistakes.
FINE = replace(
    TEACHER,
    options={
        "stem": 32,
        "stem_stride": 1,
        "widths": (32, 64, 128, 256),
        "depths": (2, 2, 3, 2),
        "inner": (0, 0, 0, 160),
        "dropout": 0.4,
    },
    seed=22,
)


#: The widest shape of the flagship that stays under 150 M multiply-adds (147 M, 1.7 M weights).
WIDE = {**FLAGSHIP, "widths": (64, 128, 256)}


def student(about: str, seed: int, teachers: tuple[str, ...], **changes: Any) -> Recipe:
    """The flagship, served as the flagship's recipe says."""
    return replace(
        RECIPES["flagship"],
        settings=replace(STUDENT, seed=seed, **changes),
        about=about,
        teachers=teachers,
        begins=False,
    )


def teacher(about: str, fine: bool) -> Recipe:
    return Recipe(FINE if fine else TEACHER, about, serves="ferplus", also_serves=("fer2013",))


def crossed(name: str, recipe: Recipe, epochs: int, parts: int) -> tuple[Stage, ...]:
    """One training for each part of the faces, which it is not shown and answers afterwards.

    Together they answer every face as one that they do not know by heart: soft targets without
    the labels' mistakes, and a measure of the recipe on photographs of people it never saw.
    """
    recipe = replace(recipe, settings=replace(recipe.settings, epochs=epochs))
    return tuple(
        Stage(f"{name}-{part}", recipe, epochs // 2, teaches=True, left_out=(part, parts))
        for part in range(parts)
    )


def classic(name: str) -> Stage:
    """A published system's whole run. Its epochs are judged by a tenth of the training faces."""
    recipe = RECIPES[name]
    least = recipe.settings.epochs // 2
    return Stage(name, recipe, least, photographs=False, judged=0.1)


CROSS_WIDE = crossed(
    "cross-wide", teacher("A teacher that was not shown the faces it answers", False), 90, 3
)

STAGES: tuple[Stage, ...] = (
    Stage(
        "flagship-1",
        student("Rapt's own network, taught by the one before it", 31, ("rapt-1",)),
        least=80,
        teaches=True,
    ),
    Stage(
        "teacher-wide",
        teacher("A network of four times the flagship's arithmetic, to teach it", False),
        least=60,
        teaches=True,
    ),
    Stage(
        "teacher-fine",
        teacher("A network that begins at the whole picture, to teach the flagship", True),
        least=60,
        teaches=True,
    ),
    Stage(
        "flagship-2",
        student(
            "Rapt's own network, taught by larger ones",
            32,
            ("teacher-wide", "teacher-fine", "flagship-1"),
        ),
        least=80,
        teaches=True,
    ),
    *CROSS_WIDE,
    Stage(
        "flagship-3",
        student(
            "Rapt's own network, taught by answers for faces that no teacher was shown",
            33,
            tuple(one.name for one in CROSS_WIDE),
            sharpness=0.03,
        ),
        least=80,
        teaches=True,
    ),
    Stage(
        "flagship-4",
        student(
            "Rapt's own network, wider, taught by answers for faces that no teacher was shown",
            35,
            tuple(one.name for one in CROSS_WIDE),
            options=WIDE,
            epochs=150,
        ),
        least=60,
    ),
    *crossed("check", student("The flagship, to be judged", 34, ("rapt-1",)), epochs=90, parts=5),
    *(classic(name) for name in ("elu3", "triblock", "recommender6", "recommender")),
)


def stage(name: str) -> Stage:
    for one in STAGES:
        if one.name == name:
            return one
    raise SettingsError(
        f"There is no stage {name!r}.", f"These exist: {', '.join(one.name for one in STAGES)}."
    )
