"""`python -m fer_core.rental`: pack, train, import, judge. Each imports only what it needs."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from fer_core.errors import RaptError

TREE = Path(__file__).resolve().parents[2]
FOLDER = TREE / ".gpu"
#: Soft targets that are to outlive a machine are committed here, under 1 MB each.
KEPT = TREE / "teachers"
#: Where the core's source lies in what is packed.
PROGRAM = "program"


def main(argv: list[str] | None = None) -> int:
    args = arguments().parse_args(argv)
    try:
        return int(args.run(args))
    except RaptError as error:
        sys.stderr.write(f"{error.message} {error.hint}\n")
        return 1


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fer_core.rental", description=__doc__)
    parts = parser.add_subparsers(required=True, metavar="pack|train|import|judge")
    one = parts.add_parser("pack", help="gather what travels")
    one.set_defaults(run=pack)
    one.add_argument("--data", type=Path, required=True, help="FER2013 with PublicTest")
    one.add_argument("--photographs", type=Path, nargs="*", default=[], help=".npz of JPEGs")
    one.add_argument("--teachers", type=Path, nargs="*", default=[TREE / "models/rapt-1.keras"])
    one.add_argument("--folder", type=Path, default=FOLDER / "carry")
    one.add_argument("--back", type=Path, default=FOLDER / "back", help="of earlier rentals")
    one.add_argument("--python", default="3.12", help="the rented machine's")
    one.add_argument("--no-wheels", action="store_true")
    one.add_argument("--limit", type=float, default=64, help="MiB that may travel")
    two = parts.add_parser("train", help="train stages within the minutes given")
    two.set_defaults(run=train)
    two.add_argument("--minutes", type=float, default=9)
    two.add_argument("--stages", default="flagship-1,teacher-wide", help="by comma, or all")
    two.add_argument("--pack", type=Path, default=FOLDER / "carry")
    two.add_argument("--work", type=Path, default=FOLDER / "work", help="to go on here")
    two.add_argument("--out", type=Path, default=FOLDER / "out", help="what comes back")
    two.add_argument("--photographs", type=float, default=0.1, help="share of every epoch")
    two.add_argument("--shorter", type=float, default=1.0, help="share of the epochs")
    two.add_argument("--faces", type=int, default=0, help="at most so many faces")
    two.add_argument("--reserve", type=float, default=15, help="seconds kept for a stage's end")
    two.add_argument("--on", choices=("auto", "gpu", "cpu"), default="auto")
    three = parts.add_parser("import", help="make models of what came back")
    three.set_defaults(run=bring_in)
    three.add_argument("archives", type=Path, help="the folder with back-*.tar")
    three.add_argument("--data", type=Path, required=True, help="FER2013 with PublicTest")
    three.add_argument("--back", type=Path, default=FOLDER / "back", help="where it is kept")
    three.add_argument("--home", help="the store's folder, else RAPT_HOME, else ./data")
    three.add_argument("--prefix", default="", help="before each model's name")
    three.add_argument("--keep", action="store_true", help="copy soft targets to teachers/")
    four = parts.add_parser("judge", help="how right a recipe is on faces it was not shown")
    four.set_defaults(run=judge)
    four.add_argument("stages", help="what its parts are called before -0, -1, …")
    four.add_argument("--pack", type=Path, default=FOLDER / "carry")
    four.add_argument("--answers", type=Path, default=FOLDER / "back/teachers")
    return parser


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def pack(args: argparse.Namespace) -> int:
    from fer_core.rental.gather import fetch_wheels, gather, take_program, travels
    from fer_core.rental.outbox import MIB
    from fer_core.zoo.model_store import load_card

    earlier = (KEPT, args.back)
    crop = load_card("rapt-1").crop
    gather(args.folder, args.data, args.photographs, args.teachers, earlier, crop, say)
    if not args.no_wheels:
        fetch_wheels(args.folder / "wheels", args.python, say)
    take_program(TREE, args.folder / PROGRAM)
    total = travels(args.folder)
    say(f"packed: {total / MIB:.1f} of {args.limit:.0f} MiB")
    if total > args.limit * MIB:
        say("This is more than may travel.")
        return 1
    return 0


def train(args: argparse.Namespace) -> int:
    os.environ["KERAS_BACKEND"] = "jax"
    args.work.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(args.work.resolve() / "compiled"))
    if args.on == "cpu":
        os.environ["JAX_PLATFORMS"] = "cpu"
    from fer_core.rental.run import Machine, device, on_gpu, train_stages
    from fer_core.rental.stages import STAGES, stage

    if args.on == "gpu" and not on_gpu():
        say("JAX finds no GPU here.")
        return 1
    names = [one.name for one in STAGES] if args.stages == "all" else args.stages.split(",")
    machine = Machine(
        pack=args.pack,
        work=args.work,
        out=args.out,
        minutes=args.minutes,
        photographs=args.photographs,
        shorter=args.shorter,
        faces=args.faces,
        reserve_s=args.reserve,
    )
    machine.note(f"{device()}, {args.minutes:g} minutes")
    done = train_stages(machine, [stage(name) for name in names])
    machine.note(f"finished: {', '.join(done) or 'nothing'}")
    return 0


def bring_in(args: argparse.Namespace) -> int:
    import shutil

    from fer_core.home import Home
    from fer_core.rental.bring_in import TEACHERS, models, unpack

    archives = sorted(args.archives.glob("back-*.tar"))
    names = unpack(archives, args.back)
    say(f"{len(archives)} archives; finished: {', '.join(names) or 'nothing'}")
    if args.keep:
        for path in sorted((args.back / TEACHERS).glob("*.npz")):
            KEPT.mkdir(exist_ok=True)
            shutil.copy2(path, KEPT / path.name)
            say(f"kept {KEPT.name}/{path.name}")
    for card in models(Home.find(args.home), args.back, names, args.data, args.prefix, say):
        votes = card.metrics["validation"][card.default].get("votes")
        said = f", FER+ {votes['accuracy']:.2%}" if votes else ""
        say(f"{card.name}: {card.metrics['accuracy']:.2%}{said}")
    return 0


def judge(args: argparse.Namespace) -> int:
    from fer_core.rental.judge import answers, judged, lines
    from fer_core.rental.pack import FACES, read_pack
    from fer_core.zoo.model_store import load_card

    packed = read_pack(args.pack / FACES)
    logits = answers(packed, args.answers, args.stages)
    for one in judged(packed, logits, load_card("rapt-1")):
        for line in lines(one):
            say(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
