"""From a folder of recordings to a study's answer and report, at full size: steps and time.

    python -m benchmarks.first_visit

Runs the browser test of that way with an ad tester's six recordings of half a minute, and with
thirty short ones. A person's time is that of the pages and four seconds a step; what the computer
takes to analyse and to write the report is told apart.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from fer_core.machine import stamp

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "first_visit.md"
TEST = "tests/e2e/test_setup.py"
SIZES = ((6, 30), (30, 2))


def walked(recordings: int, seconds: int, report: Path) -> dict[str, int]:
    """The test's own numbers: steps, person_s, computing_s."""
    environment = {
        **os.environ,
        "RAPT_RECORDINGS": str(recordings),
        "RAPT_RECORDING_S": str(seconds),
    }
    command = [sys.executable, "-m", "pytest", "-q", TEST, f"--junitxml={report}"]
    subprocess.run(command, cwd=PAGE.parents[2], env=environment, check=True)
    found = ElementTree.parse(report).iter("property")
    return {one.attrib["name"]: int(one.attrib["value"]) for one in found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=PAGE)
    out = parser.parse_args().out
    lines = [
        "# From recordings to the study's answer",
        "",
        stamp("python -m benchmarks.first_visit"),
        "",
        "A study is made, its film and a folder of recordings are dropped (one is here already, in "
        "another study), conditions are read from the names, a respondent from a CSV; then the "
        "comparison's sentence and the report as PDF. A person's time: the pages, and four seconds "
        "a step.",
        "",
        "| recordings | steps | a person's time | computing |",
        "| --- | ---: | ---: | ---: |",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for recordings, seconds in SIZES:
            found = walked(recordings, seconds, Path(folder) / f"{recordings}.xml")
            lines.append(
                f"| {recordings} of {seconds} s | {found['steps']} | {found['person_s']} s "
                f"| {found['computing_s']} s |"
            )
    out.write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
