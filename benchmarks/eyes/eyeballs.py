"""Eyes painted into portraits that look where they are told: a ball, an iris, a cornea.

The opening between the lids is the one marked by hand. Behind it stands a ball of 12 mm (an
opening is about 30 mm wide) seen from 60 cm; the iris is a disc in it, magnified and shifted by a
cornea that bulges before it, with the light's reflection in the cornea. No network takes part.
"""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.eyes.render import EYES_APART, SIZES, Lids, Portrait, _along, _lid, _sampled

# millimetres
OPENING, BALL, IRIS, PUPIL, AWAY = 30.0, 12.0, 5.9, 2.0, 600.0
#: The ball's centre lies so far behind the plane of the corners.
BEHIND = 7.5
#: How much nearer the iris seems through the cornea, and how much larger.
NEARER, LARGER = 0.8, 1.08


class Eyeballs:
    """A portrait whose eyes can be turned."""

    def __init__(self, portrait: Portrait) -> None:
        self.lids = Lids(portrait)

    def at(self, right: float, up: float) -> np.ndarray:
        """The portrait looking so many degrees to the picture's right and up."""
        out = self.lids.picture.copy()
        for eye in self.lids.eyes:
            self._paint(out, eye.astype(np.float64), np.radians(right), np.radians(up))
        return out

    def _paint(self, out: np.ndarray, eye: np.ndarray, right: float, up: float) -> None:
        left, top, end, bottom = eye
        width = float(np.hypot(*(end - left)))
        across = (end - left) / width
        down = np.array([-across[1], across[0]])
        low = np.maximum(np.floor(np.minimum(left, end) - width * 0.3).astype(int), 0)
        high = np.ceil(np.maximum(left, end) + width * 0.3).astype(int)
        high = np.minimum(high, [out.shape[1], out.shape[0]])
        ys, xs = np.mgrid[low[1] : high[1], low[0] : high[0]].astype(np.float64)
        s = ((xs - left[0]) * across[0] + (ys - left[1]) * across[1]) / width
        h = (xs - left[0]) * down[0] + (ys - left[1]) * down[1]
        upper = _lid(s, *_along(top - left, across, down, width))
        lower = _lid(s, *_along(bottom - left, across, down, width))
        inside = np.clip(h - upper + 0.5, 0, 1) * np.clip(lower - h + 0.5, 0, 1)
        inside = inside * ((s > 0) & (s < 1))
        scale = OPENING / width
        middle = float(_along((top + bottom) / 2 - left, across, down, width)[1])
        x, y = (s - 0.5) * OPENING, (h - middle) * scale  # in mm, from the opening's middle
        region = _sampled(self.lids.picture, xs, ys).astype(np.float32)
        colours = self._colours(region, inside > 0.5)
        painted = _ball(x, y, right, up, colours, (h - upper) * scale)
        region += inside[..., None] * (painted - region)
        out[low[1] : high[1], low[0] : high[0]] = region.round()

    @staticmethod
    def _colours(region: np.ndarray, opening: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """White and iris of this eye: its own brightest and darkest parts."""
        pixels = region[opening]
        return np.percentile(pixels, 88, axis=0), np.percentile(pixels, 15, axis=0)


def _ball(
    x: np.ndarray, y: np.ndarray, right: float, up: float,
    colours: tuple[np.ndarray, np.ndarray], below_lid: np.ndarray,
) -> np.ndarray:  # fmt: skip
    white, dark = colours
    # from the ball's centre: to the right, down, towards the camera
    look = np.array([np.sin(right) * np.cos(up), -np.sin(up), np.cos(right) * np.cos(up)])
    depth = np.sqrt(BALL**2 - IRIS**2) + NEARER
    centre = look * depth
    near = AWAY / (AWAY - (centre[2] - BEHIND))  # perspective: what is nearer is larger
    cx, cy = centre[0] * near, centre[1] * near
    # a disc seen from the side is an ellipse: narrower along the direction of the look
    tilt = np.hypot(look[0], look[1])
    ux, uy = (look[0] / tilt, look[1] / tilt) if tilt > 1e-6 else (1.0, 0.0)
    along, aside = (x - cx) * ux + (y - cy) * uy, (y - cy) * ux - (x - cx) * uy
    distance = np.hypot(along / max(look[2], 0.2), aside) / (LARGER * near)
    colour = np.broadcast_to(white, (*x.shape, 3)).astype(np.float32).copy()
    round_off = 1 - 0.35 * np.clip(np.hypot(x, y) / 17, 0, 1) ** 2  # the ball turns from the light
    colour *= round_off[..., None]
    for radius, tone in (
        (IRIS, dark * 1.25 + 6),
        (IRIS * 0.92, dark * 1.6 + 12),
        (PUPIL, dark * 0.6),
    ):
        share = np.clip((radius - distance) / 0.5 + 0.5, 0, 1)[..., None]
        colour += share * (tone - colour)
    gx, gy = 0.55 * cx - 0.8, 0.55 * cy - 1.2  # the cornea's reflection moves with half the iris
    glint = np.exp(-(((x - gx) ** 2 + (y - gy) ** 2) / (2 * 0.5**2)))[..., None]
    colour += glint * (235 - colour) * 0.8
    shadow = 1 - 0.45 * np.exp(-np.clip(below_lid, 0, None) / 1.5)
    return colour * shadow[..., None]


def picture(eyes: Eyeballs, right: float, up: float, size: int, seed: int) -> np.ndarray:
    """(h, w, 3) the portrait in a camera's picture, its face about ``size`` pixels long."""
    rng = np.random.default_rng(seed)
    lids = eyes.lids
    width, height = SIZES[size]
    k = size * EYES_APART / lids.apart
    matrix = cv2.getRotationMatrix2D(tuple(lids.middle.tolist()), float(rng.uniform(-4, 4)), k)
    place = np.array([width / 2, height * 0.42]) + rng.uniform(-0.05, 0.05, 2) * size
    matrix[:, 2] += place - lids.middle
    source = eyes.at(right, up)
    while np.hypot(*matrix[:, 0]) < 0.5:
        source = cv2.resize(source, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        matrix[:, :2] *= 2
    rgb = cv2.warpAffine(source, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return np.clip(rgb + rng.normal(0, 2, rgb.shape), 0, 255).astype(np.uint8)
