"""A new store's first run: how soon a page answers, when the demo study and the sample are there.

python -m benchmarks.first_run [--out docs/benchmarks/first_run.md]
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.served import cpu_s, family_s
from fer_core.first_run import SAMPLE_JOB, STUDY_JOB
from fer_core.home import Home
from fer_core.machine import stamp
from fer_core.storage import open_store
from tests.ports import free_port

PROJECT = Path(__file__).resolve().parents[1]
OUT = PROJECT / "docs" / "benchmarks" / "first_run.md"
WANTED_S = 5.0
RAPT = (sys.executable, "-m", "fer_core.cli.main")


def first_run(folder: Path) -> dict[str, float]:
    """Seconds: of the command that queues, until a page answers, until study and sample are there.

    The clock of all but the first begins with `rapt serve`.
    """
    home = Home(folder / "home")
    where = ["--home", str(home.root)]
    begun = time.monotonic()
    subprocess.run([*RAPT, "demo", "--queue", "--if-empty", *where], check=True)
    took = {"queued": time.monotonic() - begun}
    begun = time.monotonic()
    command = [*RAPT, "serve", "--no-browser", "--json", "--port", str(free_port()), *where]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        json.loads(server.stdout.readline())  # printed once the server answers
        took["answers"] = time.monotonic() - begun
        took["of processor"] = cpu_s(server.pid) + sum(family_s(server.pid, server.pid).values())
        with open_store(home) as store:
            took["jobs left then"] = len(store.jobs.active())
            for job_id, what in ((STUDY_JOB, "study"), (SAMPLE_JOB, "sample")):
                while not store.jobs.get(job_id).status.over:
                    time.sleep(0.1)
                assert store.jobs.get(job_id).status == "done", store.jobs.get(job_id)
                took[what] = time.monotonic() - begun
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT)
    out = parser.parse_args().out
    with tempfile.TemporaryDirectory() as folder:
        took = first_run(Path(folder))
    lines = [
        "# A new store's first run",
        "",
        stamp("python -m benchmarks.first_run"),
        "",
        f"- `rapt demo --queue --if-empty`: {took['queued']:.1f} s.",
        f"- The server answered {took['answers']:.1f} s after `rapt serve` began, with "
        f"{took['of processor']:.1f} s of processor time; wanted: {WANTED_S:.0f} s on a machine "
        "that does nothing else.",
        f"- Jobs that were still to come then: {took['jobs left then']:.0f} of 2.",
        f"- The demo study was there after {took['study']:.0f} s, the sample clip after "
        f"{took['sample']:.0f} s.",
        "",
    ]
    out.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
