"""The sample clip: twelve seconds made from scikit-image's public-domain portrait.

A woman looks into the room, comes near, turns and tilts her head, leaves the picture and
comes back, and is joined by a second viewer: the same portrait mirrored and tinted. What
is to be seen when is known (``SAMPLE_TRUTH``), so the clip serves as a first test too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import VideoError
from fer_core.files import replacing
from fer_core.types import Bytes

WIDTH, HEIGHT, FPS, FRAMES = 640, 360, 25, 300

#: The face in the portrait (x, y, width, height), and the head as an upright cylinder.
_FACE = (176.0, 72.0, 102.0, 116.0)
_HEAD_X, _HEAD_R, _NECK = 227.0, 84.0, (182.0, 214.0)
_MOUTH = ((203.0, 146.0), (244.0, 146.0))
_LIPS = (223.0, 147.0)


@dataclass(frozen=True, slots=True)
class OnScreen:
    """One person's face is in the picture, at least three quarters of it."""

    person: int
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class _Pose:
    x: float  # where the face's centre is in the picture
    y: float
    scale: float
    yaw: float = 0.0  # degrees
    roll: float = 0.0
    smile: float = 0.0  # pixels that the mouth's corners rise
    closed: float = 0.0  # 0: the portrait's open smile, 1: lips nearly together


def sample_clip(path: str | Path) -> Path:
    """Build the clip at ``path`` if it is not there; a broken-off run leaves nothing."""
    path = Path(path)
    if path.is_file() and path.stat().st_size > 0:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with replacing(path) as part:
            _write(part)
    except (av.error.FFmpegError, OSError) as error:
        raise VideoError(
            f"The sample clip cannot be written to {path}: {error}.",
            "Check the free space and who may write there.",
        ) from error
    return path


def sample_faces(index: int) -> dict[int, tuple[float, float, float, float]]:
    """True face boxes (x, y, width, height) by person at a frame, in the picture or not."""
    found = {}
    for person, pose in _poses(index / FPS).items():
        w, h = _FACE[2] * pose.scale, _FACE[3] * pose.scale
        found[person] = (pose.x - w / 2, pose.y - h / 2, w, h)
    return found


def _write(path: Path) -> None:
    from skimage import data

    portrait = data.astronaut()
    mask = _outline()
    people = {
        1: np.dstack([portrait, mask]),
        2: np.dstack([_tinted(portrait)[:, ::-1], mask[:, ::-1]]),
    }
    room = _room()
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as out:
        stream = out.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "20", "threads": "1"}
        stream.time_base = Fraction(1, FPS)
        for index in range(FRAMES):
            t = index / FPS
            picture = _view(room, t)
            for person, pose in sorted(_poses(t).items(), reverse=True):
                _paint(picture, people[person], pose, mirrored=person == 2)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())


def _poses(t: float) -> dict[int, _Pose]:
    """The script. Person 1 is out of the picture from about 7.3 to 8.1 s."""
    x = 300 + 45 * math.sin(t * 1.3)
    scale = 1.0 + 0.55 * _ramp(t, 2.4, 3.6) - 0.45 * _ramp(t, 6.0, 6.8) - 0.2 * _ramp(t, 8.6, 9.4)
    turning = _ramp(t, 4.2, 4.5) * (1 - _ramp(t, 6.0, 6.3))
    x += 620 * (_ramp(t, 6.7, 7.6) - _ramp(t, 7.8, 8.7)) - 130 * _ramp(t, 8.7, 9.6)
    earnest = 1 - _ramp(t, 1.2, 1.6) + _ramp(t, 3.8, 4.2) - _ramp(t, 5.6, 6.0)
    earnest += _ramp(t, 10.4, 10.8)
    poses = {
        1: _Pose(
            x,
            165 + 10 * math.sin(t * 0.9),
            scale,
            yaw=22 * turning * math.sin((t - 4.5) * 2 * math.pi / 1.6),
            roll=14 * turning * math.sin((t - 4.5) * 2 * math.pi / 1.9),
            smile=1.5 - 5 * earnest,
            closed=earnest,
        )
    }
    if t >= 8.6:
        poses[2] = _Pose(
            760 - 275 * _ramp(t, 8.8, 9.8) + 12 * math.sin(t * 2.1),
            172 + 8 * math.sin(t * 1.7),
            0.85,
            yaw=12 * math.sin(t * 1.4),
            roll=5 * math.sin(t * 1.1),
            smile=-1 + 3 * math.sin(t * 2.6),
            closed=0.5 - 0.5 * math.sin(t * 2.6),
        )
    return poses


def _ramp(t: float, start: float, end: float) -> float:
    """0 before, 1 after, smooth in between."""
    k = min(1.0, max(0.0, (t - start) / (end - start)))
    return k * k * (3 - 2 * k)


def _truth() -> tuple[OnScreen, ...]:
    spans: list[OnScreen] = []
    begun: dict[int, int] = {}
    for index in range(FRAMES + 1):
        seen = set()
        for person, (x, y, w, h) in sample_faces(index).items() if index < FRAMES else ():
            wide = min(x + w, WIDTH) - max(x, 0)
            high = min(y + h, HEIGHT) - max(y, 0)
            if wide > 0 and high > 0 and wide * high >= 0.75 * w * h:
                seen.add(person)
        for person in seen - begun.keys():
            begun[person] = index
        for person in begun.keys() - seen:
            spans.append(
                OnScreen(person, begun.pop(person) * 1000 // FPS, (index - 1) * 1000 // FPS)
            )
    return tuple(sorted(spans, key=lambda span: (span.from_ms, span.person)))


def _outline() -> Bytes:
    """Where the portrait shows the woman: head, collar and shoulders, with a soft edge."""
    mask = np.zeros((512, 512), np.uint8)
    cv2.ellipse(mask, (227, 92), (73, 78), 0, 0, 360, 255, -1)
    cv2.ellipse(mask, (209, 222), (97, 76), 10, 0, 360, 255, -1)
    body = [(118, 195), (60, 250), (28, 340), (20, 512), (512, 512), (500, 420), (440, 350)]
    body += [(366, 345), (345, 285), (302, 245), (302, 200)]
    cv2.fillPoly(mask, [np.array(body, np.int32)], 255)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 3), np.uint8)


def _tinted(portrait: Bytes) -> Bytes:
    """Dark hair and blue clothes: red and blue change places below the neck."""
    picture: NDArray[np.float32] = np.asarray(portrait, np.float32)
    hair = np.zeros((512, 512), np.float32)
    cv2.ellipse(hair, (227, 80), (82, 78), 0, 0, 360, 1.0, -1)
    cv2.ellipse(hair, (226, 128), (50, 62), 0, 0, 360, 0.0, -1)
    clothes = np.clip((np.arange(512, dtype=np.float32) - 185) / 20, 0, 1)[:, None, None]
    dressed = picture * (1 - clothes) + picture[..., ::-1] * clothes
    dark = 1 - 0.6 * np.asarray(cv2.GaussianBlur(hair, (0, 0), 5))[..., None]
    return np.clip(dressed * dark, 0, 255).astype(np.uint8)


def _room() -> Bytes:
    """A plain wall with soft light, a picture frame and a shelf; wider than the film."""
    rng = np.random.default_rng(7)
    h, w = HEIGHT + 60, WIDTH + 160
    grid: NDArray[np.float32] = np.mgrid[0:h, 0:w].astype(np.float32)
    rows, columns = grid
    light = 185 - 30 * np.hypot((columns - w * 0.4) / w, (rows - h * 0.3) / h) - 12 * rows / h
    clouds = cv2.resize(rng.normal(0, 1, (9, 16)).astype(np.float32), (w, h), interpolation=2)
    grain = rng.normal(0, 1.5, (h, w)).astype(np.float32)
    wall = (light + 5 * clouds + grain)[..., None] + np.array([[[4, 0, -8]]], np.float32)
    room = np.clip(wall, 0, 255).astype(np.uint8)
    cv2.rectangle(room, (60, 70), (190, 170), (92, 70, 52), -1)
    cv2.rectangle(room, (70, 80), (180, 160), (120, 146, 152), -1)
    for book in range(14):
        colour = tuple(int(c) for c in rng.integers(50, 170, 3))
        left = w - 190 + book * 13
        cv2.rectangle(room, (left, 130 - int(rng.integers(0, 30))), (left + 10, 180), colour, -1)
    cv2.rectangle(room, (w - 205, 180), (w - 5, 190), (88, 68, 50), -1)
    return np.asarray(cv2.GaussianBlur(room, (0, 0), 1.6), np.uint8)


def _view(room: Bytes, t: float) -> Bytes:
    x = 80 + 60 * math.sin(t * 0.5)
    y = 30 + 15 * math.sin(t * 0.35)
    shift = np.array([[1, 0, -x], [0, 1, -y]], np.float32)
    return np.asarray(
        cv2.warpAffine(room, shift, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR), np.uint8
    )


def _paint(picture: Bytes, person: Bytes, pose: _Pose, *, mirrored: bool) -> None:
    """Draw a person into the picture: head turned, mouth moved, then placed."""
    centre_x = _FACE[0] + _FACE[2] / 2
    turned = _moved(person, pose, mirrored)
    if mirrored:
        centre_x = 511 - centre_x
    place = cv2.getRotationMatrix2D((centre_x, _FACE[1] + _FACE[3] / 2), pose.roll, pose.scale)
    place[:, 2] += np.array([pose.x - centre_x, pose.y - _FACE[1] - _FACE[3] / 2])
    if pose.y + 430 * pose.scale < HEIGHT + 60:
        # Seen from far the portrait ends above the picture's lower edge: lengthen the body.
        longer = cv2.copyMakeBorder(turned, 0, 300, 0, 0, cv2.BORDER_REPLICATE)
        turned = np.asarray(longer, np.uint8)
    layer = cv2.warpAffine(turned, place, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
    cover = np.asarray(layer[..., 3], np.float32) / 255
    colours = np.ascontiguousarray(layer[..., :3])
    picture[:] = cv2.blendLinear(colours, picture, cover, 1 - cover)


def _moved(person: Bytes, pose: _Pose, mirrored: bool) -> Bytes:
    """The portrait with the head turned and the mouth moved; nothing else changes."""
    left, right, bottom = 130, 382, 222  # what the head touches, in both portraits
    columns = np.arange(left, right, dtype=np.float32)[None]
    rows = np.arange(bottom, dtype=np.float32)[:, None]
    head_x = 511 - _HEAD_X if mirrored else _HEAD_X
    # The head as a cylinder: turning moves the face inside the outline, as a real turn does.
    angle = np.arcsin(np.clip((columns - head_x) / _HEAD_R, -1, 1))
    behind = np.clip(angle - math.radians(pose.yaw), -math.pi / 2, math.pi / 2)
    turned_x = head_x + _HEAD_R * np.sin(behind)
    inside = np.abs(columns - head_x) < _HEAD_R
    neck = np.clip((_NECK[1] - rows) / (_NECK[1] - _NECK[0]), 0, 1)
    source_x = columns + (turned_x - columns) * inside * neck
    lips_x, lips_y = (511 - _LIPS[0] if mirrored else _LIPS[0]), _LIPS[1]
    lips = np.exp(-(((source_x - lips_x) / 22) ** 4) - ((rows - lips_y) / 7) ** 2)
    source_y = rows + pose.closed * (rows - lips_y) * lips
    for corner_x, corner_y in _MOUTH:
        at = 511 - corner_x if mirrored else corner_x
        near = np.exp(-(((source_x - at) / 11) ** 2) - ((rows - corner_y) / 8) ** 2)
        source_y += pose.smile * near
    head = cv2.remap(
        person,
        np.asarray(source_x, np.float32),
        np.asarray(source_y, np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    moved = person.copy()
    moved[:bottom, left:right] = head
    return moved


#: Who is to be seen when. Person 1's second span begins when she comes back.
SAMPLE_TRUTH: tuple[OnScreen, ...] = _truth()
