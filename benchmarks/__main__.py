"""Every benchmark, one after the other: `make bench`, or `python -m benchmarks [NAME …]`.

Each writes its page into docs/benchmarks. A peer is measured where its environment is
there (`python -m benchmarks.peers install` makes it).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGES = HERE.parent / "docs" / "benchmarks"
PEER = HERE.parent / ".peers" / "fer" / "bin" / "python"

AGAINST = ["--peer-python", str(PEER)] if PEER.exists() else []
COMMANDS: dict[str, list[str]] = {
    "perception": ["-m", "benchmarks.perception", *AGAINST],
    "detect": ["-m", "benchmarks.detect"],
    "eyes": ["-m", "benchmarks.eyes"],
    "batch": ["-m", "benchmarks.batch"],
    "memory": ["-m", "benchmarks.memory"],
    "kill_resume": ["-m", "benchmarks.kill_resume"],
    "statistics": ["-m", "benchmarks.study_statistics"],
    "live": ["-m", "benchmarks.live", "--hour"],
    "live_browser": ["-m", "benchmarks.live_browser"],
    "first_run": ["-m", "benchmarks.first_run"],
    "journeys": ["-m", "benchmarks.journeys"],
    "store": ["-m", "benchmarks.bench_store", "--out", str(PAGES / "store.md")],
    "pages": ["-m", "benchmarks.pages_at_scale"],
    "stability": ["-m", "benchmarks.stability"],
    "face_map": ["-m", "benchmarks.face_map"],
    "load": ["-m", "benchmarks.load"],
    "phone_load": ["-m", "benchmarks.phone_load", "200", "60"],
    "exports": ["-m", "benchmarks.exports"],
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in COMMANDS]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(COMMANDS)}")
        return 1
    failed = []
    for name in names or COMMANDS:
        print(f"== {name}", flush=True)
        if subprocess.run(
            [sys.executable, *COMMANDS[name]], cwd=HERE.parent, check=False
        ).returncode:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
