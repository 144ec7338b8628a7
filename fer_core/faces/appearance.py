"""A viewer's appearance as a short vector: tells two people apart for seconds, identifies nobody.

A small picture of head and shoulders is read so that the eyes always lie at the same
places. It has three parts: the face's light and dark without its brightness,
the head's tints, and the colours of what is worn below. Their shares were chosen by
measurement (docs/decisions/033-look.md).
"""

from __future__ import annotations

import cv2
import numpy as np

from fer_core.faces.geometry import Octaves
from fer_core.types import Bytes, Faces, Float, Frame

#: Shares of the dot product of two appearances.
FACE, HEAD, TORSO = 0.65, 0.2, 0.15
#: The small picture, in pixels, and where it has the eyes.
WIDTH, HEIGHT = 32, 48
EYES, EYE_DISTANCE = (16.0, 12.0), 8.0
_FACE = slice(4, 28), slice(6, 26)
_HEAD = slice(0, 28)
_TORSO = slice(32, 48)
_CELLS = (12, 10), (4, 4), (2, 4)  # rows and columns
LENGTH = 12 * 10 + 2 * 4 * 4 + 3 * 2 * 4


def appearance(frame: Frame, faces: Faces) -> Float:
    """(n, d) unit vectors; the dot product of two is their cosine similarity, 1 for the same."""
    found = np.zeros((len(faces), LENGTH), np.float32)
    if not len(faces):
        return found
    scale = np.float32(1 / frame.scale)
    octaves = Octaves(frame.rgb)
    left, right = (eyes * scale for eyes in _eyes(faces))
    for row in range(len(faces)):
        found[row] = _vector(_bust(octaves, left[row], right[row]))
    norms = np.linalg.norm(found, axis=1, keepdims=True)
    # An even grey has no appearance: it resembles nobody, not even itself.
    return found / np.maximum(norms, np.float32(1e-6))


def _eyes(faces: Faces) -> tuple[Float, Float]:
    """The eyes, or where they usually are in a box without landmarks."""
    corner, size = faces.boxes[:, :2], faces.boxes[:, 2:]
    known = np.isfinite(faces.landmarks[:, :2]).all(axis=(1, 2)).reshape(-1, 1)
    left = np.where(known, faces.landmarks[:, 0], corner + size * np.array([0.3, 0.4], np.float32))
    right = np.where(known, faces.landmarks[:, 1], corner + size * np.array([0.7, 0.4], np.float32))
    return left, right


def _bust(octaves: Octaves, left: Float, right: Float) -> Bytes:
    across = (right - left).astype(np.float64)
    # A face seen from the side has its eyes close together: no more than half the zoom.
    distance = max(float(np.hypot(*across)), 1.0)
    level = int(np.clip(np.log2(distance / EYE_DISTANCE), 0, 6))
    picture = octaves.level(level)
    shrink = picture.shape[1] / octaves.level(0).shape[1]
    step = distance * shrink / EYE_DISTANCE
    cos, sin = across / distance * step
    x, y = (left + right).astype(np.float64) / 2 * shrink - 0.5
    matrix = np.array(
        [
            [cos, -sin, x - cos * EYES[0] + sin * EYES[1]],
            [sin, cos, y - sin * EYES[0] - cos * EYES[1]],
        ]
    )
    bust = cv2.warpAffine(
        picture,
        matrix,
        (WIDTH, HEIGHT),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(bust, np.uint8)


def _vector(bust: Bytes) -> Float:
    grey = _cells(bust[_FACE], 0).mean(axis=2)
    head = _cells(bust[_HEAD], 1)
    tints = np.stack([head[..., 0] - head[..., 1], head[..., 1] - head[..., 2]])
    worn = _cells(bust[_TORSO], 2) - 110
    parts = (grey - grey.mean(), FACE), (tints, HEAD), (worn, TORSO)
    return np.concatenate([_part(values.ravel(), share) for values, share in parts])


def _cells(part: Bytes, which: int) -> Float:
    rows, columns = _CELLS[which]
    return cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.float32)


def _part(values: Float, share: float) -> Float:
    # 40: an almost even part (a grey film's tints) fades out instead of turning into noise.
    return values * np.float32(share**0.5 / (float(np.sqrt(values @ values)) + 40))
