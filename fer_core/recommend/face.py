"""From a photograph, a session or one of its viewers to a look. A photograph is never written."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np

from fer_core.errors import DataError
from fer_core.evaluation.whole_pictures import LONG_SIDE, largest_face
from fer_core.faces import assess, cut, head_pose
from fer_core.faces.registry import Detector
from fer_core.inference import Classifier
from fer_core.labels import PROBABILITY_COLUMNS
from fer_core.recommend.look import Look, Unreadable, look_of_face, look_of_seconds
from fer_core.storage import Store
from fer_core.types import Bytes

#: The likeliest emotion is under this: the face can be read either way.
FLAT: Final = 0.3
_WHY: Final = {
    "small": "the face is too small in the picture",
    "cut": "the face is cut off by the picture's edge",
    "turned": "the face is turned away",
    "dark": "the face is too dark",
    "bright": "the face is too bright",
    "blurred": "the face is blurred",
}


def open_picture(content: bytes) -> Bytes:
    """A coded picture as colours (h, w, 3), RGB, turned as its camera says; DataError if none."""
    coded = np.frombuffer(content, np.uint8)
    picture = cv2.imdecode(coded, cv2.IMREAD_COLOR_RGB) if len(coded) else None
    if picture is None:
        raise DataError("This is no picture that can be read.", "Give a JPEG, PNG or WebP.")
    scale = LONG_SIDE / max(picture.shape[:2])
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(picture, np.uint8)


def look_of_picture(
    picture: Bytes, detector: Detector, classifier: Classifier
) -> Look | Unreadable:
    """The look of the largest face of a picture (h, w, 3), RGB; or why there is none."""
    frame, faces = largest_face(detector, picture, 0.1)
    if not len(faces):
        return Unreadable("no face was found in the picture")
    usable, codes = assess(frame, faces, head_pose(faces.landmarks))
    if not usable[0]:
        return Unreadable(" and ".join(_WHY[code] for code in codes[0].split(",")))
    crop = cut(frame.grey, faces.boxes, faces.landmarks, classifier.crop)
    mix = classifier.probabilities(crop)[0].astype(np.float64)
    if mix.max() < FLAT:
        return Unreadable("the face can be read in several ways")
    return look_of_face(mix)


def look_of_session(store: Store, session_id: str, viewer: int | None = None) -> Look | Unreadable:
    """What the audience of a session showed, each viewer counting once; or one viewer."""
    columns = ("session_id", "viewer", *PROBABILITY_COLUMNS)
    seconds = store.timeline.seconds(session_id, columns=columns)
    if viewer is not None:
        seconds = seconds[seconds["viewer"] == viewer]
    found = look_of_seconds(seconds)
    whose = "the session" if viewer is None else f"viewer {viewer}"
    return Unreadable(f"{whose} has no second with a readable face") if found is None else found


def is_picture(path: Path) -> bool:
    """Whether a file's name is that of a picture."""
    return path.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp", ".bmp"}
