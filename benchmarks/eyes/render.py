"""Films of portraits whose lids move as written down: blinks, closed spans, narrowed eyes.

A photograph's eyes are marked by hand (``portraits.json``): two corners, the highest point of
the upper lid, the lowest of the lower one. The lids are curves through these points; the upper
one comes down over the eye as far as the film's script says, in the colour of the skin around
it and with a line of lashes at its edge. No network takes part, and none of this geometry is
known to what is measured.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from fer_core.types import Frame

HERE = Path(__file__).resolve().parent
SECONDS = 10
#: Longer side of the face, roughly, and the picture around it.
SIZES = {70: (320, 240), 120: (480, 360), 200: (640, 480)}
LIGHTS = ("even", "dim from one side")
#: Distances of the eyes in a face's longer side.
EYES_APART = 0.42
FINER = 3  # the portrait is enlarged before its lids are moved
#: The marks stand inside the eye's edge; so much is added, in widths and heights of the eye.
WIDER, HIGHER = 0.06, 0.12
RISE = 0.88  # share of the way that the upper lid goes; the lower one rises to meet it
LASHES = 0.035  # half the thickness of the line of lashes, in widths of the eye


@dataclass(frozen=True)
class Portrait:
    """A photograph and its marked eyes: (2, 4, 2) left corner, top, right corner, bottom."""

    name: str
    note: str
    picture: np.ndarray  # (h, w, 3) uint8
    eyes: np.ndarray


@dataclass(frozen=True)
class Script:
    """What the lids do. Closure is 0 open to 1 shut; spans are seconds where it is 0.5 or more."""

    blinks: list[tuple[float, float]]
    closed: list[tuple[float, float]]
    events: list[tuple[float, tuple[float, float, float], float]]  # begin, phases, depth

    def closure(self, t: float) -> float:
        """How far the lids are down at a moment in seconds."""
        return max((_phase(t - begin, *phases) * depth for begin, phases, depth in self.events))


def _phase(t: float, fall: float, hold: float, rise: float) -> float:
    if t <= 0 or t >= fall + hold + rise:
        return 0.0
    part = t / fall if t < fall else 1.0 if t < fall + hold else (fall + hold + rise - t) / rise
    return float(0.5 - 0.5 * np.cos(np.pi * part))


def script(seed: int) -> Script:
    """Five blinks, one closed span and one narrowing of ten seconds, in an order of its own."""
    rng = np.random.default_rng(seed)
    kinds = rng.permutation(["blink"] * 5 + ["closed", "narrow"])
    blinks, closed, events = [], [], []
    t = 0.5 + rng.uniform(0, 0.2)
    for kind in kinds:
        if kind == "blink":
            phases = rng.uniform(0.07, 0.11), rng.uniform(0.02, 0.08), rng.uniform(0.11, 0.2)
            depth = rng.uniform(0.9, 1.0)
        elif kind == "closed":
            phases, depth = (rng.uniform(0.1, 0.2), rng.uniform(0.7, 1.3), 0.2), 1.0
        else:
            phases, depth = (rng.uniform(0.25, 0.5), rng.uniform(0.4, 1.0), 0.4), 0.4
        events.append((t, phases, depth))
        span = t + phases[0] / 2, t + phases[0] + phases[1] + phases[2] / 2
        if kind != "narrow":
            (blinks if kind == "blink" else closed).append(span)
        t += sum(phases) + rng.uniform(0.35, 0.9)
    return Script(blinks, closed, events)


def load_portraits(shared: Path) -> list[Portrait]:
    """The marked portraits, from the public data beside the project."""
    packed = {}
    found = []
    for row in json.loads((HERE / "portraits.json").read_text())["portraits"]:
        name, at = row["set"], row["picture"]
        if name not in packed:
            data = np.load(shared / "data" / name / f"{name}.npz")
            packed[name] = data["blob"], data["offsets"]
        blob, offsets = packed[name]
        coded = blob[offsets[at] : offsets[at + 1]]
        picture = np.ascontiguousarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1])
        eyes = np.array(row["eyes"], np.float32)
        found.append(Portrait(f"{name} {at}", row["note"], picture, eyes))
    return found


class Lids:
    """A portrait, enlarged, whose lids can be moved."""

    def __init__(self, portrait: Portrait) -> None:
        size = portrait.picture.shape[1] * FINER, portrait.picture.shape[0] * FINER
        self.picture = cv2.resize(portrait.picture, size, interpolation=cv2.INTER_CUBIC)
        self.eyes = (portrait.eyes + 0.5) * FINER - 0.5
        self.middle = self.eyes[:, [0, 2]].mean(axis=(0, 1))
        centres = self.eyes[:, [0, 2]].mean(axis=1)
        self.apart = float(np.hypot(*(centres[1] - centres[0])))
        self.smooth = cv2.GaussianBlur(self.picture, (0, 0), 0.04 * self.apart)

    def at(self, closure: float) -> np.ndarray:
        """The portrait with its lids down by ``closure``."""
        if closure <= 0:
            return self.picture
        out = self.picture.copy()
        for eye in self.eyes:
            self._move(out, eye, closure)
        return out

    def _move(self, out: np.ndarray, eye: np.ndarray, closure: float) -> None:
        left, top, right, bottom = eye.astype(np.float64)
        left, right = left + WIDER * (left - right), right + WIDER * (right - left)
        top, bottom = top + HIGHER * (top - bottom), bottom + HIGHER * (bottom - top)
        width = float(np.hypot(*(right - left)))
        across = (right - left) / width
        down = np.array([-across[1], across[0]])
        low = np.floor(np.minimum(left, right) - width * 0.7).astype(int)
        high = np.ceil(np.maximum(left, right) + width * 0.7).astype(int)
        ys, xs = np.mgrid[low[1] : high[1], low[0] : high[0]].astype(np.float64)
        s = ((xs - left[0]) * across[0] + (ys - left[1]) * across[1]) / width
        h = (xs - left[0]) * down[0] + (ys - left[1]) * down[1]
        upper = _lid(s, *_along(top - left, across, down, width))
        lower = _lid(s, *_along(bottom - left, across, down, width))
        edge = upper + RISE * closure * (lower - upper)  # of the upper lid, as it is now
        base = lower - (1 - RISE) * closure * (lower - upper)

        def skin(away: np.ndarray) -> np.ndarray:
            """The colour along the eye at a distance below its axis, without detail."""
            x, y = left[0] + s * width * across[0], left[1] + s * width * across[1]
            at_x, at_y = x + away * down[0], y + away * down[1]
            return _sampled(self.smooth, at_x, at_y).astype(np.float32)

        above, below = skin(upper - 0.24 * width), skin(lower + 0.24 * width)
        under = skin(lower + 0.08 * width)
        part = np.clip((h - upper) / np.maximum(lower - upper, 1), 0, 1)[..., None]
        lid = above * (1 - 0.5 * part) + below * 0.5 * part
        inside = (s > 0) & (s < 1)
        # the lid begins softly under its fold and ends sharply at the lashes
        fold = np.clip((h - upper + 0.14 * width) / (0.1 * width), 0, 1)
        covers = fold * np.clip(edge - h + 0.5, 0, 1) * inside * min(1.0, 4 * closure)
        rises = np.clip(h - base, 0, 1) * np.clip(lower - h, 0, 1) * inside
        thick = LASHES * width * np.clip(4 * s * (1 - s), 0, 1)
        lashes = np.clip(thick - np.abs(h - edge) + 0.5, 0, 1) * inside * min(1.0, 4 * closure)
        region = _sampled(self.picture, xs, ys).astype(np.float32)
        dark = np.percentile(region[inside & (h > upper) & (h < lower)], 8, axis=0)
        for share, colour in ((rises, under), (covers, lid), (0.85 * lashes, dark)):
            region += share[..., None] * (colour - region)
        first = np.maximum(low, 0)
        last = np.minimum(high, [out.shape[1], out.shape[0]])
        rows = slice(first[1] - low[1], last[1] - low[1])
        columns = slice(first[0] - low[0], last[0] - low[0])
        out[first[1] : last[1], first[0] : last[0]] = region[rows, columns].round()


def _sampled(picture: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return cv2.remap(
        picture,
        x.astype(np.float32),
        y.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )


def _along(
    point: np.ndarray, across: np.ndarray, down: np.ndarray, width: float
) -> tuple[float, float]:
    return float(point @ across) / width, float(point @ down)


def _lid(s: np.ndarray, peak: float, height: float) -> np.ndarray:
    """A lid's curve over the line through the corners: ``height`` at ``peak``, 0 at both ends."""
    from_end = np.where(s < peak, s / peak, (1 - s) / (1 - peak))
    return height * (1 - (1 - np.clip(from_end, 0, 1)) ** 2)


def film(
    portrait: Portrait, plan: Script, fps: int, size: int, light: str, seed: int
) -> Iterator[Frame]:
    """The frames: the head sways, turns a little in its plane and nears; the camera is noisy."""
    rng = np.random.default_rng(seed)
    lids = Lids(portrait)
    width, height = SIZES[size]
    phases = rng.uniform(0, 2 * np.pi, 4)
    shade = np.ones((height, width, 1), np.float32)
    if light != "even":
        shade = np.linspace(0.75, 0.3, width, dtype=np.float32)[None, :, None] * shade
    noise = 2.0 if light == "even" else 4.0
    for index in range(SECONDS * fps):
        t = index / fps
        sway = np.sin(2 * np.pi * np.array([0.23, 0.31, 0.17, 0.4]) * t + phases)
        k = size * EYES_APART / lids.apart * (1 + 0.03 * sway[0])
        matrix = cv2.getRotationMatrix2D(tuple(lids.middle.tolist()), float(3 * sway[1]), k)
        place = np.array([width / 2, height * 0.42]) + 0.05 * size * sway[2:]
        matrix[:, 2] += place - lids.middle
        source = lids.at(plan.closure(t))
        # averaged, not sampled: a small face in a real film has no aliasing either
        if k < 0.5:
            source, matrix = _halved(source, matrix)
        rgb = cv2.warpAffine(source, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        seen = rgb * shade + rng.normal(0, noise, rgb.shape).astype(np.float32)
        rgb = np.clip(seen, 0, 255).astype(np.uint8)
        grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
        yield Frame(index, round(1000 * t), rgb, grey)


def _halved(picture: np.ndarray, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    half = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    doubled = matrix.copy()
    doubled[:, :2] *= 2
    return half, doubled
