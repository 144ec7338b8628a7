"""Rapt beside its peers, measured.

    python -m benchmarks.peers install [NAME …]             each peer's environment, in .peers
    python -m benchmarks.peers measure [NAME …]             accuracy, into rows.json
    python -m benchmarks.peers speed [--turns 5]            speed and memory, into rows.json
    python -m benchmarks.peers page                         docs/benchmarks/peers.md, from the rows

Needs the labelled pictures and the film beside the project (--shared, ../shared where nothing is
said).
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from benchmarks.peers.measure import installed, measure, measure_speed
from benchmarks.peers.page import PAGE, as_page
from benchmarks.peers.rows import check, read_rows, write_rows
from benchmarks.peers.sets import labelled_sets
from benchmarks.peers.systems import ACCURACY, ROOT, SPEED, SYSTEMS, System

FILM = "single_face.mp4"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("install", "measure", "speed", "page"))
    parser.add_argument("names", nargs="*", metavar="NAME", help="of " + ", ".join(SYSTEMS))
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--turns", type=int, default=5)
    args = parser.parse_args()
    unknown = set(args.names) - set(SYSTEMS)
    if unknown:
        parser.error(f"no system {', '.join(sorted(unknown))}")

    def chosen(among: tuple[System, ...]) -> list[System]:
        return [one for one in among if not args.names or one.name in args.names]

    command = " ".join(["python -m benchmarks.peers", args.what, *args.names])
    if args.what == "install":
        for system in chosen(SPEED):
            system.install()
    elif args.what == "measure":
        sets = labelled_sets(args.shared)
        for system in installed(chosen(ACCURACY)):
            for row in measure(system, sets, command):
                write_rows(read_rows().with_accuracy(row))
        check(read_rows(), sets)
    elif args.what == "speed":
        faces = labelled_sets(args.shared)["publictest"]
        film = args.shared / "videos" / FILM
        turns = measure_speed(installed(chosen(SPEED)), film, faces, args.turns, command)
        write_rows(replace(read_rows(), speed=turns))
    rows = read_rows()
    if args.what != "install":
        check(rows)
        PAGE.write_text(as_page(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
