"""`rapt data prepare` on one machine and on Spark: pictures, pace, driver's memory, accuracy.

    python -m benchmarks.prepared_sets [--faces N] [--times 10] [--train spark28] [--epochs N]

The training and validation faces of FER2013 are written as Kaggle's CSV, then prepared with
`local[2]` and with two processes, and once more from a CSV so many times as long. Peaks are of
the command's own process, which is Spark's driver, without its Java. With --train a model
learns from each set. Writes docs/benchmarks/prepared-sets.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from fer_core.machine import peak_mb, stamp
from fer_core.training.datasets import load

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "benchmarks" / "prepared-sets.md"
DATA = ROOT.parent / "shared" / "data" / "fer2013"
USAGE = {"train": "Training", "publictest": "PublicTest"}


def write_csv(data: Path, target: Path, times: int, most: int | None) -> int:
    """Kaggle's CSV of so many faces a split, those that train so many times; its rows."""
    found = load(data)
    rows = 0
    with target.open("w") as out:
        out.write("emotion,pixels,Usage\n")
        for split, usage in USAGE.items():
            faces = found[split][:most]
            lines = [
                f"{label},{' '.join(map(str, image.ravel().tolist()))},{usage}\n"
                for label, image in zip(faces.labels, faces.images)
            ]
            for _ in range(times if split == "train" else 1):
                out.writelines(lines)
                rows += len(lines)
    return rows


def rapt(*args: str | Path) -> tuple[dict[str, Any], float, float]:
    """What a command answered, its seconds, and the most memory of its own process in MB."""
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "fer_core.cli.main", *map(str, args), "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, peak_mb(process.pid))
        time.sleep(0.1)
    out, said = process.communicate()
    if process.returncode:
        sys.exit(f"rapt {args[0]} ended with {process.returncode}: {said[-800:]}")
    answer: dict[str, Any] = json.loads(out)
    return answer, time.monotonic() - begun, peak


def pictures(folder: Path) -> pa.Table:
    """Every picture of a set, in order."""
    tables = []
    for path in sorted(folder.glob("*.parquet")):
        split = path.name.rpartition("-")[0]
        table = pq.read_table(path, partitioning=None)
        tables.append(table.append_column("split", pa.array([split] * table.num_rows)))
    order = [("split", "ascending"), ("row", "ascending"), ("version", "ascending")]
    return pa.concat_tables(tables).sort_by(order)


def prepared(folder: Path, source: Path, rows: int, name: str, options: list[str]) -> list[str]:
    """Both engines on one source: lines of the table."""
    lines = []
    for engine, more in (("local", []), ("spark", ["--master", "local[2]"])):
        target = folder / f"{name}-{engine}"
        said, taken, peak = rapt(
            "data", "prepare", source, "--out", target, "--engine", engine, *more, *options
        )
        made = sum(sum(split.values()) for split in said["faces"].values())
        lines.append(
            f"| {engine} | {rows:,} | {made:,} | {taken:.0f} s | {rows / taken:,.0f} | {peak:.0f} |"
        )
    return lines


def trained(folder: Path, arch: str, epochs: int) -> list[str]:
    """A model from each set: lines of the table."""
    lines = ["", f"| {arch} learns from | validation faces right |", "| --- | ---: |"]
    for name, data in (
        ("the set that one machine prepared", folder / "plain-local"),
        ("the set that Spark prepared", folder / "plain-spark"),
    ):
        more = ["--epochs", str(epochs)] if epochs else []
        home = folder / f"home-{len(lines)}"
        said, *_ = rapt("train", "--data", data, "--arch", arch, "--home", home, *more)
        lines.append(f"| {name} | {100 * said['accuracy']:.2f} % |")
    return lines


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--faces", type=int, help="at most so many of each split")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--train", default="")
    parser.add_argument("--epochs", type=int, default=0)
    args = parser.parse_args(argv)
    lines = [
        "| engine | rows | pictures | whole command | rows a second | driver's peak MB |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    with tempfile.TemporaryDirectory(prefix="rapt-sets-") as name:
        folder = Path(name)
        source = folder / "fer2013.csv"
        rows = write_csv(args.data, source, 1, args.faces)
        lines += prepared(folder, source, rows, "changed", ["--balance"])
        same = pictures(folder / "changed-local").equals(pictures(folder / "changed-spark"))
        if args.times > 1:
            longer = folder / "longer.csv"
            more = write_csv(args.data, longer, args.times, args.faces)
            lines += prepared(folder, longer, more, "longer", ["--copies", "0"])
        lines += [
            "",
            f"Pictures of both engines, balanced: {'equal' if same else '**different**'}.",
        ]
        if args.train:
            prepared(folder, source, rows, "plain", ["--copies", "0"])
            lines += trained(folder, args.train, args.epochs)
    given = f"--times {args.times}" + (f" --train {args.train}" if args.train else "")
    given += f" --faces {args.faces}" if args.faces else ""
    given += f" --epochs {args.epochs}" if args.epochs else ""
    about = "Training sets that `rapt data prepare` writes; the longer source without changes."
    command = f"python -m benchmarks.prepared_sets {given}"
    REPORT.write_text(
        "\n".join(["# Prepared training sets", "", about, "", *lines, "", stamp(command), ""])
    )
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
