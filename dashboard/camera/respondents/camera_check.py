"""The camera check before the film: light, place, distance and direction of the face.

Each line is judged on one picture; the page shows the newest. The respondent sees their picture
mirrored, so no line says left or right.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from fer_core.faces import assess, head_pose
from fer_core.files import JsonObject
from fer_core.live.canvas import Canvas
from fer_core.live.engines import SharedDetector
from fer_core.types import Bytes, Faces, Float, Frame

#: Grey levels of the face's middle, and of the rest against it when light comes from behind.
DARK, BRIGHT, BEHIND = 55, 225, 70
#: The face's height as a share of the picture's.
FAR, NEAR = 0.16, 0.85
SMALLEST_PIXELS = 60
#: How far the face's middle may lie from the picture's, as a share of each side.
ASIDE: Final = (0.28, 0.30)
#: Degrees of yaw and of pitch; a laptop's camera looks up at people, so pitch has more room.
TURNED: Final = (25.0, 32.0)
SURE = 0.8


@dataclass(frozen=True, slots=True)
class Line:
    """``ok`` None: not judged, because no face is seen."""

    key: str
    ok: bool | None
    says: str


GOOD: Final = {
    "alone": "One face is seen",
    "light": "The light is good",
    "place": "Your face is in the middle",
    "size": "The distance is good",
    "turned": "You face the screen",
}
WAITING: Final = {
    "light": "Light",
    "place": "Place in the picture",
    "size": "Distance",
    "turned": "Direction",
}
#: What is wrong, and what to do about it.
SAYS: Final = {
    "too dark": "It is too dark to see a face. Turn on a lamp",
    "no face": "No face is seen. Sit in front of the camera",
    "others": "Someone else is in the picture. Sit alone in front of the camera",
    "behind": "The light comes from behind you. Turn round, or close the curtain",
    "dark": "Your face is dark. Turn to a window, or turn on a lamp in front of you",
    "bright": "Your face is too bright. Turn away from the lamp or the sun",
    "blurred": "The picture is blurred. Wipe the lens and hold the device still",
    "cut": "Your face leaves the picture. Move to the middle",
    "aside": "Your face is near the edge. Move to the middle",
    "far": "You are far away. Come closer",
    "near": "You are very close. Move back a little",
    "yaw": "Your head is turned away. Face the screen",
    "pitch": "Your head is tilted. Hold the device at the height of your eyes",
}
#: A face this high, in shares of the largest one's height, is someone else's.
SOMEONE = 0.4


def check_table() -> JsonObject:
    """The limits and the sentences, for a page that judges its pictures itself."""
    return {
        "good": GOOD, "waiting": WAITING, "says": SAYS, "dark": DARK, "bright": BRIGHT,
        "behind": BEHIND, "far": FAR, "near": NEAR, "smallest": SMALLEST_PIXELS,
        "aside": list(ASIDE), "turned": list(TURNED), "someone": SOMEONE, "sure": SURE,
    }  # fmt: skip


def judge(rgb: Bytes, detector: SharedDetector) -> list[Line]:
    """The lines for one picture, (height, width, 3) in RGB."""
    height, width = rgb.shape[:2]
    frame, _ = Canvas(width, height).lay(rgb, 0, 0, detector)
    faces = detector.detect(frame)
    return lines(frame, faces[np.flatnonzero(faces.scores >= SURE)])


def ready(found: list[Line]) -> bool:
    return all(line.ok for line in found)


def message(found: list[Line]) -> JsonObject:
    """For the page, over the data channel."""
    return {"k": "check", "ready": ready(found), "lines": [asdict(line) for line in found]}


def lines(frame: Frame, faces: Faces) -> list[Line]:
    if not len(faces):
        dark = float(np.median(frame.grey)) < DARK / 2
        return [
            Line("alone", False, SAYS["too dark" if dark else "no face"]),
            *(Line(key, None, word) for key, word in WAITING.items()),
        ]
    largest = int(np.argmax(faces.boxes[:, 2] * faces.boxes[:, 3]))
    mine = faces[np.array([largest])]
    others = int((faces.boxes[:, 3] > SOMEONE * mine.boxes[0, 3]).sum()) - 1
    pose = head_pose(mine.landmarks)
    _, why_not = assess(frame, mine, pose)
    codes = set(why_not[0].split(","))
    judged = {
        "alone": SAYS["others"] if others else "",
        "light": _light(frame, mine.boxes[0], codes),
        "place": _place(frame, mine.boxes[0], codes),
        "size": _size(frame, mine.boxes[0]),
        "turned": _turned(pose[0]),
    }
    return [Line(key, not wrong, wrong or GOOD[key]) for key, wrong in judged.items()]


def _light(frame: Frame, box: Float, codes: set[str]) -> str:
    face, rest = _levels(frame, box)
    if face < DARK or "dark" in codes:
        if rest - face > BEHIND:
            return SAYS["behind"]
        return SAYS["dark"]
    if rest - face > BEHIND and face < 2 * DARK:
        return SAYS["behind"]
    if face > BRIGHT or "bright" in codes:
        return SAYS["bright"]
    if "blurred" in codes:
        return SAYS["blurred"]
    return ""


def _levels(frame: Frame, box: Float) -> tuple[float, float]:
    """Grey levels of the face's middle and of everything around the face."""
    x, y, w, h = (float(v) for v in box)
    inner = frame.grey[
        max(0, round(y + h / 4)) : max(1, round(y + 3 * h / 4)),
        max(0, round(x + w / 4)) : max(1, round(x + 3 * w / 4)),
    ]
    around = np.ones(frame.grey.shape, bool)
    around[max(0, round(y)) : max(0, round(y + h)), max(0, round(x)) : max(0, round(x + w))] = False
    rest = frame.grey[around]
    face = float(np.median(inner)) if inner.size else 0.0
    return face, float(np.median(rest)) if rest.size else face


def _place(frame: Frame, box: Float, codes: set[str]) -> str:
    x, y, w, h = (float(v) for v in box)
    aside = abs((x + w / 2) / frame.width - 0.5), abs((y + h / 2) / frame.height - 0.5)
    if "cut" in codes:
        return SAYS["cut"]
    if aside[0] > ASIDE[0] or aside[1] > ASIDE[1]:
        return SAYS["aside"]
    return ""


def _size(frame: Frame, box: Float) -> str:
    share = float(box[3]) / frame.height
    if share < FAR or float(max(box[2], box[3])) < SMALLEST_PIXELS:
        return SAYS["far"]
    if share > NEAR:
        return SAYS["near"]
    return ""


def _turned(pose: Float) -> str:
    yaw, pitch = abs(float(pose[0])), abs(float(pose[1]))
    if yaw > TURNED[0]:
        return SAYS["yaw"]
    if pitch > TURNED[1]:
        return SAYS["pitch"]
    return ""
