"""How much a face's numbers flicker while it keeps still, and what may be done about it.

    python -m benchmarks.stability [--each 3] [--pairs 6] [--shared ../shared]

Films are made of photographs (`wild_faces`): still ones, and ones in which a person's expression
becomes another. Real films follow, their stillest stretches. Each is read as `rapt analyze` reads
it, then its boxes or probabilities are filtered in several ways. Writes
docs/benchmarks/stability.md.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import fill

import numpy as np

from benchmarks.peers.sets import photographs
from benchmarks.stability.chain import Chain
from benchmarks.stability.films import CAMERAS
from benchmarks.stability.filters import AS_NOW, SHOWN, WAYS
from benchmarks.stability.measuring import (
    ChangeFilm,
    RealFilm,
    StillFilm,
    change_films,
    mean_change,
    mean_noise,
    real_film,
    still_films,
)
from fer_core.home import Home
from fer_core.machine import stamp

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks" / "stability.md"
FILMS = ("single_face.mp4", "two_people_talking.mp4", "face_noface.mov")
STRETCH_S, STILLEST = 0.5, 1 / 3

HEAD = """# Stability over time

Written by `python -m benchmarks.stability`; do not edit.

How much a face's numbers change from frame to frame while the face does not, and what each way of
calming them costs. {films} films of 4 s were made of photographs of {persons} persons, all seven
expressions alike, at 25 frames a second, in good light and dim: the head sways by some 1 % of its
size, every frame has a sensor's own noise, x264 encodes them as for a call. Nothing in them
changes, so what changes is noise.

- *step*: half the summed difference of a frame's seven probabilities to those of the frame before,
  in points of 100, the mean over frames. *valence*, *engagement*: root mean square of that
  difference.
- *leads*: how often a second another emotion leads.
- *seconds*: as *step*, between the means of successive seconds, which are all that studies, pages
  and reports calculate with; and the mean difference of successive seconds' engagement.
- *half*, *most*: frames of 40 ms from the middle of a change until half of it and nine tenths of it
  show. {pairs} changes within four frames, of one person's photograph into another of hers that the
  model reads differently, laid eye upon eye.
- *right*: of the frames half a second around a change, how many are led by what the face shows.
- *short*: how much is left of the height of an expression that lasts eight frames (0.32 s).
"""
TEXT = """Of the still films' frames {right_now:.0f} % are led by the emotion that people saw, as
shown {right_shown:.0f} %. Cut where the face is known to stand (the box's median on the photograph,
moved with it), a step is {placed:.1f} instead of {now:.1f} points: so much is the box, which
follows each frame's noise; the rest is the picture's own. Engagement flickers by the head's pose,
which none of these ways touches; a second's is the median of its frames.

## Where it comes from

{light}

Every 0.4 s the detector looks everywhere; in between it looks again where the face was.

## Films of people

Real faces never keep quite still. These are the stillest third of each film's stretches of half a
second, by what the face mesh says of mouth, brows and lips; the expressions' model was not asked.

{real}

Of people who smile the model is sure: nothing flickers. Two talk, also where they do so least: what
is noise in that film and what is a face that moves cannot be told apart.

## What was done

*Live* shows each face through the filter in the second row (`shown/1`, decision 268): a step of
{shown:.1f} points instead of {now:.1f}, another leading emotion {leads_shown:.2f} times a second
instead of {leads_now:.2f}, half of a change after {half_shown:.1f} frames instead of
{half_now:.1f}. What is stored stays as the model reads each frame, and so do seconds and all that
is made of them: their own noise is {second_now:.1f} points, {second_shown:.1f} with the filter, for
a second's mean is a stronger one already. Boxes are not filtered: that calms frames less, and
seconds not at all.
"""


def still_table(films: Sequence[StillFilm], changes: Sequence[ChangeFilm]) -> Iterator[str]:
    yield (
        "| way | step | valence | engagement | leads | seconds | engagement of seconds | half | "
        "most | right | short |\n"
        "| --- |" + " ---: |" * 10
    )
    for way in WAYS:
        n = mean_noise([film.noise[way.name] for film in films])
        c = mean_change([film.changes[way.name] for film in changes])
        yield (
            f"| {way.name} | {100 * n.step:.1f} | {n.valence:.3f} | {n.engagement:.1f} | "
            f"{n.leads:.2f} | {100 * n.second:.1f} | {n.second_engagement:.1f} | "
            f"{c.half:.1f} | {c.most:.1f} | {100 * c.right:.0f} % | {100 * c.top:.0f} % |"
        )


def light_table(films: Sequence[StillFilm]) -> Iterator[str]:
    yield (
        "| light | films | step | step into a look everywhere | into other frames | leads | "
        "step as shown | leads as shown |\n| --- |" + " ---: |" * 7
    )
    for camera in CAMERAS:
        own = [film for film in films if film.camera == camera.name]
        now = mean_noise([film.noise[AS_NOW.name] for film in own])
        shown = mean_noise([film.noise[SHOWN.name] for film in own])
        looks = 100 * np.mean([film.at_looks for film in own])
        others = 100 * np.mean([film.elsewhere for film in own])
        yield (
            f"| {camera.name} | {len(own)} | {100 * now.step:.1f} | {looks:.1f} | {others:.1f} | "
            f"{now.leads:.2f} | {100 * shown.step:.1f} | {shown.leads:.2f} |"
        )


def real_table(films: Sequence[RealFilm]) -> Iterator[str]:
    yield (
        "| film | stretches | step | valence | engagement | leads | step as shown | "
        "leads as shown |\n| --- |" + " ---: |" * 7
    )
    for film in films:
        now, shown = (mean_noise(film.noise[way.name]) for way in (AS_NOW, SHOWN))
        yield (
            f"| `{film.name}` | {film.stretches} of {film.of} | {100 * now.step:.2f} | "
            f"{now.valence:.3f} | {now.engagement:.1f} | {now.leads:.2f} | "
            f"{100 * shown.step:.2f} | {shown.leads:.2f} |"
        )


def as_page(
    stills: Sequence[StillFilm],
    changes: Sequence[ChangeFilm],
    real: Sequence[RealFilm],
    command: str,
) -> str:
    persons = len([film for film in stills if film.camera == CAMERAS[0].name])
    known = next(way for way in WAYS if way.true_boxes)
    now, shown, placed = (
        mean_noise([film.noise[way.name] for film in stills]) for way in (AS_NOW, SHOWN, known)
    )
    text = TEXT.format(
        right_now=100 * now.right, right_shown=100 * shown.right,
        placed=100 * placed.step, now=100 * now.step, shown=100 * shown.step,
        leads_now=now.leads, leads_shown=shown.leads,
        half_now=mean_change([film.changes[AS_NOW.name] for film in changes]).half,
        half_shown=mean_change([film.changes[SHOWN.name] for film in changes]).half,
        second_now=100 * now.second, second_shown=100 * shown.second,
        light="\n".join(light_table(stills)), real="\n".join(real_table(real)),
    )  # fmt: skip
    head = HEAD.format(films=len(stills), persons=persons, pairs=len(changes))
    table = "\n".join(still_table(stills, changes))
    return f"{head}\n{table}\n\n{wrapped(text)}\n\n{stamp(command)}\n"


def wrapped(text: str) -> str:
    """Lines of text filled anew, now that the figures are in them; tables and titles stay."""
    parts = text.strip().split("\n\n")
    return "\n\n".join(part if part[0] in "|#" else fill(part, 100) for part in parts)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--each", type=int, default=3, help="photographs of each emotion")
    parser.add_argument("--pairs", type=int, default=6, help="changes in each light")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    args = parser.parse_args()
    faces = photographs("wild_faces", args.shared)
    with tempfile.TemporaryDirectory() as folder:
        chain = Chain(Home(Path(folder) / "home"))
        real = [
            real_film(chain, args.shared / "videos" / name, STRETCH_S, STILLEST) for name in FILMS
        ]
        stills = list(still_films(chain, faces, args.each, Path(folder)))
        changes = list(change_films(chain, faces, args.pairs, Path(folder)))
    command = f"python -m benchmarks.stability --each {args.each} --pairs {args.pairs}"
    PAGE.write_text(as_page(stills, changes, real, command), encoding="utf-8")


if __name__ == "__main__":
    main()
