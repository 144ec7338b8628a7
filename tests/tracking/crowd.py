"""A made crowd: faces on known paths, as a detector would report them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from fer_core.types import Faces, Float

Array = NDArray[np.float64]
WIDTH, HEIGHT = 1920, 1080
LOOK = 16  # so few numbers that strangers' likeness spreads as real ones' does


@dataclass(frozen=True)
class Moment:
    """One frame: the truth, and what a detector makes of it."""

    t_ms: int
    people: list[int]
    boxes: Array  # (people, 4), those in the picture and not hidden
    faces: Faces
    looks: Float
    owner: list[int]  # the person of each found face, -1: a false one


def crowd(
    people: int = 20,
    seconds: float = 12,
    fps: int = 25,
    seed: int = 0,
    *,
    noise: float = 0.04,
    missed: float = 0.03,
    false: float = 0.02,
    likeness: float = 0.92,
) -> list[Moment]:
    """``people`` who walk, cross, leave the picture and come back within three seconds.

    ``noise`` moves found boxes by that share of their size; ``missed`` faces are not found,
    ``false`` ones are found in that share of frames. ``likeness`` is the cosine of two looks
    of one person; those of others lie about 0.3 ± 0.2, as measured on photographs. The look
    of a face that is partly hidden is mixed with that of the face before it.
    """
    rng = np.random.default_rng(seed)
    common = rng.normal(size=LOOK)
    common /= np.linalg.norm(common)
    own = rng.normal(size=(people, LOOK))
    own /= np.linalg.norm(own, axis=1, keepdims=True)
    base = np.sqrt(0.3) * common + np.sqrt(0.7) * own
    paths, views = _paths(rng, people, seconds, fps)
    moments = []
    for index in range(int(seconds * fps)):
        places = np.array([path[index] for path in paths])
        shown, before = views[index]
        found, looks, owner, scores = [], [], [], []
        for person in shown:
            if rng.random() < missed:
                continue
            box = places[person]
            size = np.sqrt(box[2] * box[3])
            found.append(box + rng.normal(0, noise, 4) * size * (1, 1, 0.7, 0.7))
            seen = base[person]
            if person in before:
                other, share = before[person]
                seen = (1 - share) * seen + share * base[other]
            looks.append(_look(rng, seen, likeness))
            owner.append(person)
            scores.append(rng.uniform(0.85, 1.0))
        if rng.random() < false:
            side = rng.uniform(40, 120)
            found.append(np.array([rng.uniform(0, 1800), rng.uniform(0, 900), side, side * 1.2]))
            looks.append(_look(rng, rng.normal(size=LOOK), 1.0))
            owner.append(-1)
            scores.append(0.8)
        n = len(found)
        order = rng.permutation(n)  # a detector's order says nothing
        faces = Faces(
            np.array(found, np.float32).reshape(n, 4)[order],
            np.array(scores, np.float32)[order],
            np.full((n, 5, 2), np.nan, np.float32),
        )
        moments.append(
            Moment(
                round(index * 1000 / fps),
                shown,
                places[shown],
                faces,
                np.array(looks, np.float32).reshape(n, LOOK)[order],
                [owner[k] for k in order],
            )
        )
    return moments


View = tuple[list[int], dict[int, tuple[int, float]]]


def _paths(
    rng: np.random.Generator, people: int, seconds: float, fps: int
) -> tuple[list[Array], list[View]]:
    """Paths on which nobody is out of the picture or hidden for three seconds on end."""
    while True:
        paths = [_path(rng, seconds, fps) for _ in range(people)]
        views = [_shown(np.array([path[i] for path in paths])) for i in range(len(paths[0]))]
        last: dict[int, int] = {}
        longest = 0
        for index, (shown, _) in enumerate(views):
            for person in shown:
                longest = max(longest, index - last.get(person, index))
                last[person] = index
        if longest < 2.8 * fps:
            return paths, views


def _path(rng: np.random.Generator, seconds: float, fps: int) -> Array:
    """Boxes frame by frame: a walk with a sway; out at a side, and back within 3 s."""
    t = np.arange(int(seconds * fps)) / fps
    side = rng.uniform(55, 120)
    y = rng.uniform(120, HEIGHT - 250) + rng.uniform(5, 40) * np.sin(t * rng.uniform(0.5, 2))
    # A speed at which everyone crosses others; out of sight for at most 2.6 s.
    speed = rng.uniform(120, 320) * rng.choice([-1, 1])
    outside = min(max(1.3 * abs(speed) - 0.4 * side, 0), 400)
    low, high = -outside, WIDTH - side + outside
    span = high - low
    x = (rng.uniform(0, WIDTH - side) - low + speed * t) % (2 * span)
    x = low + np.where(x > span, 2 * span - x, x)
    size = side * (1 + 0.12 * np.sin(t * rng.uniform(0.3, 1) + rng.uniform(0, 6)))
    return np.stack([x, y, size, size * 1.2], axis=1)


def _shown(places: Array) -> View:
    """Faces at least 60 % in the picture and not hidden by a larger (nearer) one; and of
    those that are partly hidden, by whom and how much."""
    shown: list[int] = []
    partly: dict[int, tuple[int, float]] = {}
    for person in np.argsort(-places[:, 2]):
        x, y, w, h = places[person]
        inside = (min(x + w, WIDTH) - max(x, 0)) / w
        if inside < 0.6 or y < 0 or y + h > HEIGHT:
            continue
        worst = (-1, 0.0)
        for other in np.argsort(-places[:, 2]):
            if other == person:
                break
            a, b, c, d = places[other]
            wide = min(x + w, a + c) - max(x, a)
            high = min(y + h, b + d) - max(y, b)
            if wide > 0 and high > 0 and wide * high / (w * h) > worst[1]:
                worst = (int(other), wide * high / (w * h))
        if worst[1] < 0.45:
            shown.append(int(person))
            if worst[1] > 0.1:
                partly[int(person)] = worst
    return sorted(shown), partly


def _look(rng: np.random.Generator, base: Array, likeness: float) -> Array:
    noise = rng.normal(size=LOOK)
    base = base / np.linalg.norm(base)
    noise -= noise @ base * base
    noise /= np.linalg.norm(noise)
    k = np.sqrt(likeness)  # two noisy looks of one person are k * k apart
    return k * base + np.sqrt(1 - k * k) * noise


def identity_f1(moments: list[Moment], said: list[list[int]]) -> float:
    """IDF1 (Ristani et al. 2016): faces that the detector missed count as missed here too.

    ``said`` is the number of each found face, -1 for none. Each person is paired with the one
    number that explains most of the faces.
    """
    people = sorted({p for moment in moments for p in moment.people})
    numbers = sorted({n for row in said for n in row if n >= 0})
    table = np.zeros((len(people), len(numbers)))
    for moment, given in zip(moments, said, strict=True):
        for person, number in zip(moment.owner, given, strict=True):
            if person >= 0 and number >= 0:
                table[people.index(person), numbers.index(number)] += 1
    rows, columns = linear_sum_assignment(-table)
    true = sum(len(moment.people) for moment in moments)
    false = sum(number >= 0 for row in said for number in row)
    return float(2 * table[rows, columns].sum() / max(1, true + false))


def switches(moments: list[Moment], said: list[list[int]]) -> int:
    """How often a person's number differs from the last one that the person had."""
    last: dict[int, int] = {}
    count = 0
    for moment, given in zip(moments, said, strict=True):
        for person, number in zip(moment.owner, given, strict=True):
            if person < 0 or number < 0:
                continue
            count += last.get(person, number) != number
            last[person] = number
    return count
