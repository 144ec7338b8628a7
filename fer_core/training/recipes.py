"""Runs by name: what `rapt train --recipe NAME` repeats."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from fer_core.errors import SettingsError
from fer_core.training.augment import NONE, Augmentation
from fer_core.training.settings import TrainSettings


@dataclass(frozen=True, slots=True)
class Recipe:
    """A run's settings and which of its outputs serves."""

    settings: TrainSettings
    about: str
    serves: str = "fer2013"
    also_serves: tuple[str, ...] = ()  # outputs that have a say beside it
    shares: dict[str, float] = field(default_factory=dict)  # how much each has to say
    rarity: float = 0.0  # how much of the emotions' unequal numbers in training is taken out
    mirror: bool = False  # the mirror image is asked as well
    teachers: tuple[str, ...] = ()  # the recipes of the models whose answers it learns
    begins: bool = True  # from the weights of the first of them


#: What the classic systems share: grey levels from 0 to 1, hard labels, no averaging.
CLASSIC = TrainSettings(
    optimizer="adam",
    rate=0.001,
    warmup=0.0,
    schedule="constant",
    decay=0.0,
    smoothing=0.0,
    ema=0.0,
    mean=0.0,
    scale=255.0,
    augmentation=NONE,
)

FINE_TUNE = "fine-tune"

#: What the flagship is made of: as much as 2 ms a face allow.
FLAGSHIP = {"depths": (1, 2, 2), "inner": (0, 0, 32), "dropout": 0.2}

# Small pictures first: an epoch at 32x32 costs a third of one at 48x48, and the network
# learns from it nearly as much while the learning rate is high. Without mixup, for so
# small a network underfits; classes by their roots, for disgust and fear are rare.
FLAGSHIP_FIRST = TrainSettings(
    arch="rapt1",
    options={**FLAGSHIP, "dropout": 0.3},
    outputs=("fer2013", "ferplus"),
    epochs=145,
    batch=128,
    sizes=((0.0, 32), (0.62, 40), (0.8, 48)),
    balance="roots",
    augmentation=Augmentation(mixup=0.0),
    optimizer="sgd",
    rate=0.1,
    decay=0.004,
    warmup=2.0,
    ema=0.998,
    precision="mixed_bfloat16",
)

# A third of each target is what the teacher says of the face and its mirror image, for a
# third of the labels are not what most people see; then less and less is made of the
# pictures, so that the last epochs see faces as they come.
FLAGSHIP_SECOND = replace(
    FLAGSHIP_FIRST,
    options=FLAGSHIP,
    epochs=78,
    sizes=((0.0, 40), (0.6, 48)),
    distill_weight=0.35,
    rate=0.03,
    warmup=1.0,
    calm_augmentation=0.85,
    augmentation=Augmentation(mixup=0.0, erase=0.2),
    seed=2,
)

# The same once more. The teacher has learned more by heart by now: it is asked about changed
# pictures of the face as well, and half of the target is its answer.
FLAGSHIP_THIRD = replace(
    FLAGSHIP_SECOND,
    epochs=80,
    sizes=((0.0, 40), (0.55, 48)),
    distill_weight=0.5,
    distill_views=6,
    augmentation=Augmentation(mixup=0.0, erase=0.25),
    seed=3,
)

# Twice as many multiply-adds, from nothing, so that it makes other mistakes than the one that
# it is to teach beside.
FLAGSHIP_LARGE = replace(
    FLAGSHIP_FIRST,
    options={"depths": (1, 2, 2), "widths": (64, 128, 256), "dropout": 0.3},
    epochs=60,
    sizes=((0.0, 32), (0.5, 40), (0.85, 48)),
    distill_weight=0.4,
    distill_views=4,
    calm_augmentation=0.9,
    augmentation=Augmentation(mixup=0.0, erase=0.25),
    seed=11,
)

# Taught by both; its own answer counts twice, for the larger one alone is worse.
FLAGSHIP_FOURTH = replace(
    FLAGSHIP_THIRD,
    epochs=38,
    sizes=((0.0, 40), (0.36, 48)),
    distill_weight=0.6,
    distill_views=2,
    rate=0.02,
    seed=4,
)

RECIPES: dict[str, Recipe] = {
    "flagship": Recipe(
        FLAGSHIP_FOURTH,
        "Rapt's own network on labels and votes together, taught by itself and a larger one",
        serves="ferplus",
        also_serves=("fer2013",),
        shares={"ferplus": 0.8, "fer2013": 0.2},
        rarity=0.5,
        mirror=True,
        teachers=("flagship-third", "flagship-third", "flagship-large"),
    ),
    "flagship-large": Recipe(
        FLAGSHIP_LARGE,
        "A larger network on labels and votes together, to teach Rapt's own",
        serves="ferplus",
        teachers=("flagship-third",),
        begins=False,
    ),
    "flagship-third": Recipe(
        FLAGSHIP_THIRD,
        "Rapt's own network on labels and votes together, taught twice more by itself",
        serves="ferplus",
        teachers=("flagship-second",),
    ),
    "flagship-second": Recipe(
        FLAGSHIP_SECOND,
        "Rapt's own network on labels and votes together, taught once more by itself",
        serves="ferplus",
        teachers=("flagship-first",),
    ),
    "flagship-first": Recipe(
        FLAGSHIP_FIRST,
        "Rapt's own network on labels and votes together, made for an ordinary processor",
        serves="ferplus",
    ),
    "spark28": Recipe(
        replace(
            CLASSIC,
            arch="spark28",
            epochs=16,
            batch=32,
            optimizer="sgd",
            momentum=0.0,
            rate=0.05,
            sizes=((0.0, 28),),
            augmentation=replace(NONE, mirror=0.5, rotate=10.0),
        ),
        "Basani et al. 2017: plain gradient descent on 28x28, about 16,000 steps",
    ),
    "triblock": Recipe(
        replace(CLASSIC, arch="triblock", epochs=25, batch=256, patience=5),
        "De Lorenzo 2020: at most 25 epochs, stopped after five without a better one",
    ),
    "mobilenet224": Recipe(
        replace(
            CLASSIC,
            arch="mobilenet224",
            epochs=15,
            batch=32,
            sizes=((0.0, 224),),
            balance="oversample",
            augmentation=replace(NONE, mirror=0.5, rotate=40.0, shift=0.2, shear=0.2, zoom=0.2),
        ),
        "Kundu 2021, from scratch: ImageNet's weights are not fetched",
    ),
    "recommender6": Recipe(
        replace(CLASSIC, arch="recommender6", outputs=("six",), epochs=30),
        "Yadav et al. 2021, first form: disgust counts as angry",
        serves="six",
    ),
    "recommender": Recipe(
        replace(CLASSIC, arch="recommender", epochs=124, loss="sigmoid"),
        "Yadav et al. 2021: one yes or no for each emotion",
    ),
    "elu3": Recipe(
        replace(
            CLASSIC,
            arch="elu3",
            outputs=("three",),
            epochs=100,
            batch=32,
            schedule="plateau",
            plateau=7,
            patience=11,
            augmentation=replace(NONE, mirror=0.5, rotate=15.0, shift=0.15, shear=0.15, zoom=0.15),
        ),
        "Vignesh et al. 2022: happy, sad and neutral alone",
        serves="three",
    ),
    "plain": Recipe(
        replace(CLASSIC, arch="plain", epochs=15), "The plain network that Kundu 2021 names"
    ),
    "rows1d": Recipe(
        replace(CLASSIC, arch="rows1d", epochs=15),
        "The one-dimensional network that Kundu 2021 names",
    ),
    # The architecture is that of the model that it goes on from. Few steps at a low rate, with
    # the model's own answers to public faces as their targets: what it knows is to stay. Light
    # and sharpness change more than elsewhere, lest «dark» come to mean an emotion. The last
    # epoch serves, so that nothing chose it.
    FINE_TUNE: Recipe(
        TrainSettings(
            epochs=4,
            faces_an_epoch=768,
            choose="last",
            batch=64,
            optimizer="adamw",
            rate=0.00006,
            warmup=0.5,
            decay=0.004,
            ema=0.98,
            freeze_norm=True,
            distill_weight=0.9,
            augmentation=Augmentation(
                contrast=0.7, brightness=50.0, blur=0.2, low_resolution=0.4, mixup=0.0
            ),
        ),
        "The model in use, taught one's own labels with public faces kept in",
    ),
    "tiny": Recipe(
        TrainSettings(arch="tiny", epochs=3, batch=32, rate=0.05, ema=0.0, augmentation=NONE),
        "A few hundred weights in seconds: to see that training works",
    ),
}


def recipe(name: str) -> Recipe:
    if name not in RECIPES:
        raise SettingsError(
            f"There is no recipe {name!r}.", f"These exist: {', '.join(sorted(RECIPES))}."
        )
    return RECIPES[name]
