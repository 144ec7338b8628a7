"""The constants that reading faces in a browser needs, as JSON: they stand in the core alone.

The scripts in ``js`` read this table and have no number of their own that the core has as well.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Final

import numpy as np

from fer_core import measures
from fer_core.faces import eyes, mesh, movements, mtcnn, pose, quality, readings, regions
from fer_core.files import JsonObject
from fer_core.inference.outputs import LEAST
from fer_core.labels import EMOTIONS, NEUTRAL
from fer_core.types import AnalysisSettings, CropSpec
from fer_core.zoo.card import Card

#: Width and height of the sheet on which the first network sees the picture at every size, and
#: the sides to which a picture is scaled for it: the longer, the shorter.
SHEET: Final = (336, 208)
WORKING: Final = (384, 288)
#: Squares that the second network sorts in one call.
BATCH: Final = 8
#: A viewer whose face is gone is followed for so long, and believed at this sight.
FORGET_MS: Final = 2000
SIGHTS: Final = 2
#: How often everywhere is looked at, in milliseconds: while nothing is amiss, and while somebody
#: is missing. It costs as much as five looks at where a face is expected.
DETECT_MS: Final = 400
SEARCH_MS: Final = 150


def shapes() -> dict[str, tuple[int, ...]]:
    """The fixed shapes of the detector's three networks in a browser."""
    return {
        "pnet": (1, SHEET[1], SHEET[0], 3),
        "rnet": (BATCH, 24, 24, 3),
        "onet": (1, 48, 48, 3),
    }


def table(card: Card) -> JsonObject:
    """The chain's table for one model; ``files`` is added where the files are."""
    settings = AnalysisSettings()
    return {
        "emotions": list(EMOTIONS),
        "versions": measures.measure_versions(eyes=True),
        "readings": list(measures.READINGS),
        "card": model_table(card),
        "detector": _detector(),
        "follow": {
            "detect_ms": DETECT_MS, "search_ms": SEARCH_MS,
            "forget_ms": FORGET_MS, "sights": SIGHTS,
        },
        "pose": {
            "nose_out": pose.NOSE_OUT, "mouth_width": pose.MOUTH_WIDTH, "smile": pose.SMILE,
            "shares": pose.SHARES.tolist(), "pitches": pose.PITCHES.tolist(),
        },
        "quality": _quality(),
        "eyes": {"hz": readings.EYES_HZ, "smallest": readings.SMALLEST},
        "eye": {
            "size": eyes.SIZE, "width": eyes.WIDTH, "square": eyes.SQUARE, "outer": eyes.OUTER,
            "inner": eyes.INNER, "lower": [eyes.LOWER.start, eyes.LOWER.stop],
            "upper": [eyes.UPPER.start, eyes.UPPER.stop], "lids": eyes.LIDS,
        },
        "mesh": {"crop": _crop(mesh.CROP), **movements.POINTS},
        "region": {
            "mouth": list(regions.MOUTH), "mouth_side": regions.MOUTH_SIDE,
            "brow": list(regions.BROW), "root": list(regions.ROOT),
        },
        "movements": {"weights": _weights(), "looks_at": dict(movements.LOOKS_AT)},
        "measures": {
            "yaw": list(measures.YAW), "pitch": list(measures.PITCH), "happy": measures.HAPPY,
            "neutral": NEUTRAL,
            "unpleasant": [EMOTIONS.index(name) for name in measures.UNPLEASANT],
            "activation": [round(float(one), 6) for one in measures.ACTIVATION],
            "engagement": [settings.engagement_base, settings.engagement_expressive],
        },
    }  # fmt: skip


def model_table(card: Card) -> JsonObject:
    """How a picture becomes what the model takes, and its logits the seven emotions."""
    served = []
    for output in card.served:
        part, mapping = card.part(output), card.mapping(output)
        labels = card.outputs[output]
        served.append(
            {
                "output": output,
                "from": part.start,
                "to": part.stop,
                "temperature": card.temperature.get(output, 1.0),
                "share": card.share(output),
                "to_seven": [
                    EMOTIONS.index(mapping[one]) if one in mapping else -1 for one in labels
                ],
            }
        )
    return {
        "name": card.name, "crop": {**_crop(card.crop), "channels": card.crop.channels},
        "mean": card.mean, "scale": card.scale, "mirror": card.mirror,
        "activation": card.activation, "served": served, "least": LEAST,
        "emotions": list(EMOTIONS),
        "log_prior": [card.log_prior.get(emotion, 0.0) for emotion in EMOTIONS],
        "outputs": {name: list(labels) for name, labels in card.outputs.items()},
    }  # fmt: skip


def _crop(spec: CropSpec) -> JsonObject:
    return {"size": spec.size, "margin": spec.margin, "align": spec.align, "dy": spec.dy}


def _detector() -> JsonObject:
    return {
        "name": mtcnn.MtcnnDetector.name, "cell": mtcnn.CELL, "stride": mtcnn.STRIDE,
        "factor": mtcnn.FACTOR, "face": mtcnn.WORKING_FACE, "first": mtcnn.THRESHOLD_1,
        "second": mtcnn.THRESHOLD_2, "third": mtcnn.THRESHOLD_3, "crowded": mtcnn.CROWDED,
        "disagreement": mtcnn.DISAGREEMENT, "confirm": mtcnn.CONFIRM,
        "again": mtcnn.REFINE_THRESHOLD, "square": mtcnn.REFINE_SQUARE,
        "settled": mtcnn.SETTLED, "sheet": list(SHEET), "working": list(WORKING), "batch": BATCH,
    }  # fmt: skip


def _quality() -> JsonObject:
    return {
        "codes": list(quality.CODES), "patch": _crop(quality.PATCH), "ranks": list(quality.RANKS),
        "small": quality.SMALL, "turned": quality.TURNED, "outside": quality.OUTSIDE,
        "dark": [quality.DARK_MEDIAN, quality.DARK_TOP],
        "bright": [quality.BRIGHT_MEDIAN, quality.BRIGHT_BOTTOM],
        "blurred": quality.BLURRED, "along": quality.ALONG,
    }  # fmt: skip


def _weights() -> dict[str, list[float]]:
    with files("fer_core.faces").joinpath("movements.npz").open("rb") as file:
        found = dict(np.load(file))
    return {name: [float(f"{one:.7g}") for one in values] for name, values in found.items()}
