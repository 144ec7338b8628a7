"""What a face's movements change: how the mouth and the brows look, against other faces.

Each sign is a weighted sum of distances of the mesh and of gradients in the picture, 0 at what
most faces show at rest and 1 where the movement is as strong as it usually gets. What a sign is at
rest still differs from person to person: see ``fer_core.calibration.movements``. The weights are
ours: ``python -m benchmarks.eyes.fit_movements`` makes them.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Final

import numpy as np

from fer_core.faces.eyes import Eyes
from fer_core.faces.regions import RegionReader
from fer_core.files import JsonObject
from fer_core.types import Bytes, Float

#: Which region and which distances each of the first four of ``measures.SIGNS`` looks at.
LOOKS_AT: Final = {
    "smile": "mouth", "mouth_open": "mouth", "brows_up": "brows", "brows_drawn": "brows",
}  # fmt: skip
# points of the mesh
_EYES, _FOREHEAD, _NOSE, _CHIN = ((33, 133), (362, 263)), 10, 2, 152
_CORNERS, _CHEEKS = (61, 291), (205, 425)
_UPPER_OUT, _UPPER_IN, _LOWER_IN, _LOWER_OUT = 0, 13, 14, 17
#: Left and right: the brow's upper edge from the inner to the outer end, its lower edge, and
#: the forehead over it.
_BROWS: Final = ((107, 336), (105, 334), (70, 300), (55, 285), (52, 282), (46, 276), (69, 299))
_INNER: Final = ((107, 336), (55, 285))
_ROOT: Final = 9
#: Of the eye network: the brow, and two of the lines between it and the lid.
_OVER_THE_EYE: Final = [64, 65, 66, 67, 68, 69, 70, 46, 29]

#: The points of the mesh and of the eye network that the distances are between, by name.
POINTS: Final[JsonObject] = {
    "eyes": _EYES, "forehead": _FOREHEAD, "nose": _NOSE, "chin": _CHIN, "corners": _CORNERS,
    "cheeks": _CHEEKS, "upper_out": _UPPER_OUT, "upper_in": _UPPER_IN, "lower_in": _LOWER_IN,
    "lower_out": _LOWER_OUT, "brows": _BROWS, "inner": _INNER, "root": _ROOT,
    "over_the_eye": _OVER_THE_EYE,
}  # fmt: skip


class MovementReader:
    """Belongs to one thread at a time."""

    def __init__(self) -> None:
        self._regions = RegionReader()
        with files("fer_core.faces").joinpath("movements.npz").open("rb") as file:
            self._weights = dict(np.load(file))

    def read(self, grey: Bytes, points: Float, eyes: Eyes) -> Float:
        """(n, 5) in the order of ``measures.SIGNS``, of meshes (n, 468, 3) in pixels and the faces'
        eyes; NaN where the eyes are unknown."""
        looks = describe(self._regions, grey, points, eyes)
        signs = [
            looks[part] @ self._weights[name][:-1] + self._weights[name][-1]
            for name, part in LOOKS_AT.items()
        ]
        return np.stack([*signs, looks["lips"]], axis=1).astype(np.float32)


def describe(regions: RegionReader, grey: Bytes, points: Float, eyes: Eyes) -> dict[str, Float]:
    """What the weights weigh, of each face: ``mouth`` (n, 337), ``brows`` (n, 667), and how thick
    the ``lips`` are (n,) in distances of the eyes."""
    face = _upright(points)
    mouth, lips = _mouth(face)
    brows = _brows(face, eyes)
    seen = [regions.read(grey, one) for one in points]
    if not seen:
        none = np.zeros((0, 337), np.float32), np.zeros((0, 667), np.float32)
        return {"mouth": none[0], "brows": none[1], "lips": lips}
    return {
        "mouth": np.concatenate([np.stack([one[0] for one in seen]), mouth], axis=1),
        "brows": np.concatenate([np.stack([one[1] for one in seen]), brows], axis=1),
        "lips": lips,
    }


def _upright(points: Float) -> Float:
    """The mesh as of a head that faces the camera: from the middle of the eyes, in distances of
    the two eyes, to the picture's right, up, and away."""
    left, right = (points[:, list(corners)].mean(axis=1) for corners in _EYES)
    apart = np.linalg.norm(right - left, axis=1)
    across = (right - left) / apart[:, None]
    up = points[:, _FOREHEAD] - points[:, _NOSE]
    up = up - (up * across).sum(axis=1, keepdims=True) * across
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    axes = np.stack([across, up, np.cross(across, up)], axis=-1)
    from_middle = (points - ((left + right) / 2)[:, None]) / apart[:, None, None]
    return np.asarray(from_middle @ axes, np.float32)


def _mouth(face: Float) -> tuple[Float, Float]:
    """(n, 13) of mouth, cheeks and chin, and (n,) the thickness of the lips."""
    corners, cheeks = face[:, list(_CORNERS)], face[:, list(_CHEEKS)]
    inner, outer = face[:, [_UPPER_IN, _LOWER_IN]], face[:, [_UPPER_OUT, _LOWER_OUT]]
    half, gap = (corners[:, 1, 0] - corners[:, 0, 0]) / 2, inner[:, 0, 1] - inner[:, 1, 1]
    width = np.maximum(2 * half, 0.1)
    height = corners[..., 1].mean(axis=1)
    lips = outer[:, 0, 1] - inner[:, 0, 1] + inner[:, 1, 1] - outer[:, 1, 1]
    values = [
        half, height - inner[..., 1].mean(axis=1), height, lips,
        (cheeks[:, 1, 0] - cheeks[:, 0, 0]) / 2, gap, outer[:, 0, 1], gap / width**2, gap / width,
        outer[:, 1, 1], face[:, _CHIN, 1], corners[..., 2].mean(axis=1), outer[:, 1, 2],
    ]  # fmt: skip
    return np.stack(values, axis=1), lips


def _brows(face: Float, eyes: Eyes) -> Float:
    """(n, 19) how high brows and forehead stand, and how far apart the inner ends are."""
    heights = [face[:, list(pair), 1].mean(axis=1) for pair in _BROWS]
    apart = [(face[:, b, 0] - face[:, a, 0]) / 2 for a, b in _INNER]
    values = np.stack([*heights, *apart, face[:, _ROOT, 1]], axis=1)
    return np.concatenate([values, eyes.heights(_OVER_THE_EYE)], axis=1)
