"""Films made, read in each way, and what came of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np

from benchmarks.peers.sets import LabelledSet
from benchmarks.stability.chain import Chain, Reading, windows
from benchmarks.stability.figures import Change, Noise, delay, noise, progress
from benchmarks.stability.films import (
    CAMERAS,
    FPS,
    SIDE,
    Camera,
    Picture,
    Sway,
    blend,
    seed_of,
    shoot,
    square,
)
from benchmarks.stability.filters import AS_NOW, WAYS, as_they_are, of_boxes, of_probabilities
from fer_core.errors import DataError
from fer_core.measures import READINGS, SIGNS
from fer_core.types import Frame

STILL_S = 4
Answers = dict[str, np.ndarray]  # by way

#: A change: so many frames of one expression, so many between, as many of the other.
HOLD, BETWEEN = 38, 4
#: A short expression lasts so many frames.
SHORT = 8
#: Those looked at for the share of right ones: so many before and after the change.
NEAR = 12
#: An expression that its own film's middle does not show as clearly as this is no change.
CLEAR = 0.5


def ways_of(chain: Chain, frames: list[Frame], reading: Reading, sway: Sway | None) -> Answers:
    """The film's probabilities (n, 7) by each way's name."""
    found: dict[str, np.ndarray] = {}
    cuts: dict[int, np.ndarray] = {id(as_they_are): reading.probabilities}
    for way in WAYS:
        if way.true_boxes:
            if sway is not None:
                found[way.name] = chain.cut_at(frames, reading, true_boxes(reading, sway))
            continue
        if id(way.boxes) not in cuts:
            boxes = of_boxes(way.boxes)(reading.t_s, reading.boxes)
            cuts[id(way.boxes)] = chain.cut_at(frames, reading, boxes)
        p = cuts[id(way.boxes)]
        found[way.name] = of_probabilities(way.probabilities)(reading.t_s, p)
    return found


def true_boxes(reading: Reading, sway: Sway) -> np.ndarray:
    """The face's box on the photograph, the median of all frames, where it stands in each."""
    maps = np.array([sway.matrix(int(frame)) for frame in reading.frame])
    size, shift = maps[:, 0, 0], maps[:, :, 2]
    on_photograph = np.concatenate(
        [(reading.boxes[:, :2] - shift) / size[:, None], reading.boxes[:, 2:] / size[:, None]],
        axis=1,
    )
    box = np.median(on_photograph, axis=0)
    return np.concatenate([box[:2] * size[:, None] + shift, box[2:] * size[:, None]], axis=1)


@dataclass(frozen=True, slots=True)
class StillFilm:
    """One film in which nothing changes."""

    camera: str
    label: int
    noise: dict[str, Noise]  # by way
    at_looks: float  # mean step into a frame that was searched everywhere
    elsewhere: float  # … into the others


def still_films(chain: Chain, faces: LabelledSet, each: int, folder: Path) -> Iterator[StillFilm]:
    """``each`` photographs of each emotion, every one of another person, in each light."""
    for camera in CAMERAS:
        for label, index in chosen(faces, each):
            rng = np.random.default_rng(seed_of("still", camera.name, index))
            pictures = [square(faces.pictures[index])] * (STILL_S * FPS)
            film = folder / "still.mp4"
            sway = shoot(film, pictures, camera, rng)
            seen = chain.read(film)
            if seen is None or len(pictures) - len(seen[1]) > FPS:
                continue  # no face for a detector
            reading, frames = seen
            found = ways_of(chain, frames, reading, sway)
            steps = 0.5 * np.abs(np.diff(reading.probabilities, axis=0)).sum(axis=1)
            looked = reading.detected[1:]
            yield StillFilm(
                camera.name, label,
                {name: noise(p, reading.facing, label) for name, p in found.items()},
                float(steps[looked].mean()), float(steps[~looked].mean()),
            )  # fmt: skip


def chosen(faces: LabelledSet, each: int) -> Iterator[tuple[int, int]]:
    """Labels and pictures, ``each`` of every emotion, no person twice."""
    taken: set[int] = set()
    for label in range(int(faces.truth.max()) + 1):
        got = 0
        for index in np.flatnonzero(faces.truth == label):
            person = int(faces.person[index])
            if got < each and person not in taken:
                taken.add(person)
                got += 1
                yield label, int(index)


@dataclass(frozen=True, slots=True)
class ChangeFilm:
    """One film in which an expression becomes another, and one in which it comes and goes."""

    camera: str
    changes: dict[str, Change]  # by way


def change_films(chain: Chain, faces: LabelledSet, most: int, folder: Path) -> Iterator[ChangeFilm]:
    """Two photographs of one person each, laid eye upon eye."""
    for camera in CAMERAS:
        made = 0
        for first, second in pairs(faces):
            aligned = laid_upon(
                chain, square(faces.pictures[first]), square(faces.pictures[second])
            )
            if aligned is None or made == most:
                continue
            before, after = square(faces.pictures[first]), aligned
            found = _changes(chain, before, after, camera, seed_of(first, second), folder)
            if found is not None:
                made += 1
                yield ChangeFilm(camera.name, found)


def pairs(faces: LabelledSet) -> Iterator[tuple[int, int]]:
    """Two pictures of each person who shows more than one emotion."""
    for person in dict.fromkeys(faces.person.tolist()):
        own = np.flatnonzero(faces.person == person)
        for first, second in combinations(own.tolist(), 2):
            if faces.truth[first] != faces.truth[second]:
                yield first, second
                break


def laid_upon(chain: Chain, before: Picture, after: Picture) -> Picture | None:
    """``after`` turned, scaled and moved so that its eyes lie on those of ``before``; None where
    either face is not found."""
    eyes = [chain.eyes(picture) for picture in (before, after)]
    if eyes[0] is None or eyes[1] is None:
        return None
    matrix, _ = cv2.estimateAffinePartial2D(eyes[1][None], eyes[0][None])
    if matrix is None:
        return None
    return np.asarray(cv2.warpAffine(after, matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE))


def _changes(
    chain: Chain, before: Picture, after: Picture, camera: Camera, seed: int, folder: Path
) -> dict[str, Change] | None:
    """By way; None where the chain itself does not tell the two expressions apart."""
    shares = [0.0] * HOLD + [(k + 1) / (BETWEEN + 1) for k in range(BETWEEN)] + [1.0] * HOLD
    short = [0.0] * HOLD + [1.0] * SHORT + [0.0] * HOLD
    lasting = _filmed(chain, blend(shares, before, after), camera, seed, folder)
    brief = _filmed(chain, blend(short, before, after), camera, seed + 1, folder)
    if lasting is None or brief is None:
        return None
    now = lasting[AS_NOW.name]
    quiet = HOLD // 2
    ends = np.median(now[5:quiet], axis=0), np.median(now[-quiet:], axis=0)
    leads = ends[0].argmax(), ends[1].argmax()
    if leads[0] == leads[1] or 0.5 * np.abs(ends[1] - ends[0]).sum() < CLEAR:
        return None
    middle = HOLD + (BETWEEN - 1) / 2
    around = slice(HOLD - NEAR, HOLD + BETWEEN + NEAR)
    truth = np.where(np.arange(len(shares)) < middle, leads[0], leads[1])[around]
    height = slice(HOLD, HOLD + SHORT + NEAR)
    found = {}
    for name, p in lasting.items():
        way = progress(p, *ends)
        top = progress(brief[name], *ends)[height].max()
        found[name] = Change(
            delay(way[HOLD - NEAR :], middle - HOLD + NEAR, 0.5),
            delay(way[HOLD - NEAR :], middle - HOLD + NEAR, 0.9),
            float((p[around].argmax(axis=1) == truth).mean()),
            float(top / progress(brief[AS_NOW.name], *ends)[height].max()),
        )
    return found


def _filmed(
    chain: Chain, pictures: Sequence[Picture], camera: Camera, seed: int, folder: Path
) -> Answers | None:
    """What each way says of a film; None where a frame's face was not found."""
    film = folder / "change.mp4"
    sway = shoot(film, pictures, camera, np.random.default_rng(seed))
    seen = chain.read(film)
    if seen is None or len(seen[1]) < len(pictures):
        return None
    reading, frames = seen
    return ways_of(chain, frames, reading, sway)


@dataclass(frozen=True, slots=True)
class RealFilm:
    """The stillest stretches of a film."""

    name: str
    stretches: int
    of: int
    seconds: float
    noise: dict[str, list[Noise]]


def real_film(chain: Chain, film: Path, seconds: float, share: float) -> RealFilm:
    """The stretches whose movements stray least, whatever the expressions' model says of them."""
    seen = chain.read(film, signs=True)
    if seen is None:
        raise DataError(f"{film.name} shows no face.")
    reading, frames = seen
    found = ways_of(chain, frames, reading, None)
    every = list(windows(reading, seconds))
    moving = reading.signs[:, [READINGS.index(sign) for sign in SIGNS]]
    usual = np.nanstd(moving, axis=0)
    strays = [float((np.nanstd(moving[one], axis=0) / usual).max()) for one in every]
    order = np.argsort(strays)[: max(1, round(share * len(every)))]
    calm = [every[i] for i in order]
    return RealFilm(
        film.name, len(calm), len(every), seconds,
        {name: [noise(p[one], reading.facing[one], None) for one in calm]
         for name, p in found.items()},
    )  # fmt: skip


def mean_noise(each: Sequence[Noise]) -> Noise:
    """The mean over films of each figure."""
    names = [field.name for field in dataclasses.fields(Noise)]
    return Noise(*(float(np.mean([getattr(one, name) for one in each])) for name in names))


def mean_change(each: Sequence[Change]) -> Change:
    names = [field.name for field in dataclasses.fields(Change)]
    return Change(*(float(np.nanmean([getattr(one, name) for one in each])) for name in names))
