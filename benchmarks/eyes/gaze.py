"""The error of the gaze on portraits with painted eyes whose direction is known."""

from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np

from benchmarks.eyes.eyeballs import Eyeballs, picture
from benchmarks.eyes.render import SIZES, load_portraits
from fer_core.calibration.gaze import read_gaze
from fer_core.faces import assess, head_pose, make_detector
from fer_core.faces.eyes import EyeReader
from fer_core.home import Home
from fer_core.types import Frame

ASIDE = (-25, -18, -10, -5, 0, 5, 10, 18, 25)
UP = (-12, -6, 0, 6, 12)
#: From here on, degrees aside, left and right must not be confused.
CLEAR = 10


def measure(shared: Path, home: Home) -> str:
    """The table of the page: a row a portrait, those that chose the gains and the others."""
    detector, reader = make_detector("mtcnn", cache=home.cache), EyeReader()
    lines = [
        "| portrait | | error, median | 90 % under | aside | up | left for right above 10° |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    halves: dict[bool, list[np.ndarray]] = {True: [], False: []}
    for n, portrait in enumerate(load_portraits(shared)):
        eyeballs = Eyeballs(portrait)
        rows, true = [], []
        for j, (right, up) in enumerate(itertools.product(ASIDE, UP)):
            rgb = picture(eyeballs, right, up, list(SIZES)[(n + j) % 3], 1000 * n + j)
            grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
            frame = Frame(0, 0, rgb, grey)
            faces = detector.detect(frame)[:1]
            pose = head_pose(faces.landmarks)
            if len(faces) and assess(frame, faces, pose)[0][0]:
                eyes = reader.read(grey, faces.landmarks)
                rows.append(eyes.iris_places().reshape(4))
                true.append((right, up))
        iris, truth = np.array(rows), np.array(true, float)
        still = np.zeros(len(iris))  # the head does not move: its measured turn would be noise
        found = read_gaze(iris, still, still, np.ones(len(iris)))
        halves[n % 2 == 0].append(np.column_stack([found.x, found.y, truth]))
        name = f"{portrait.name}{f' ({portrait.note})' if portrait.note else ''}"
        lines.append(line(name, "chose" if n % 2 == 0 else "reported", halves[n % 2 == 0][-1]))
    lines.append(line("**all**", "chose", np.concatenate(halves[True])))
    lines.append(line("**all**", "reported", np.concatenate(halves[False])))
    return "\n".join(lines)


def line(name: str, half: str, rows: np.ndarray) -> str:
    aside, up = np.abs(rows[:, 0] - rows[:, 2]), np.abs(rows[:, 1] - rows[:, 3])
    error = np.hypot(aside, up)
    clear = np.abs(rows[:, 2]) >= CLEAR
    confused = int((np.sign(rows[clear, 0]) != np.sign(rows[clear, 2])).sum())
    return (
        f"| {name} | {half} | {np.median(error):.1f}° | {np.percentile(error, 90):.1f}° "
        f"| {np.median(aside):.1f}° | {np.median(up):.1f}° | {confused} of {clear.sum()} |"
    )
