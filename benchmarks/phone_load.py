"""Two hundred respondents whose own devices send numbers, a batch each five seconds.

``python -m benchmarks.phone_load [N] [SECONDS]``: the listener in this process, the respondents in
another one at low priority on the same cores. No browser: what reaches the server is the same.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.phone_page import Row, write
from dashboard.camera.respondents.own_device import sign
from fer_core.home import Home
from tests.dashboard.camera.respondents.numbers import batch, install_nothing

EVERY_S = 5.0


def ask(port: int, what: str, path: str, value: Any = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(what, path, None if value is None else json.dumps(value))
    answer = connection.getresponse()
    said = answer.read().decode()
    connection.close()
    return answer.status, said


def respond(number: int, port: int, token: str, seconds: float) -> list[tuple[int, float]]:
    """One respondent's visit: the status and the seconds of each answer to a batch."""
    _, page = ask(port, "GET", f"/r/{token}")
    read = page.split('"read": "')[1].split('"')[0]
    asked = {"read": read, "respondent": f"P{number:03}", "device": True}
    status, said = ask(port, "POST", f"/r/{token}/begin", asked)
    assert status == 200, said
    begun = json.loads(said)
    key, secret = begun["visit"], begun["secret"]
    status, said = ask(port, "POST", f"/r/{token}/start", {"visit": key, "device": True})
    assert status == 200, said
    found = []
    began = time.monotonic() + EVERY_S * (number % 50) / 50  # they do not come in step
    wall = 1000 * time.time()
    for n in range(int(seconds / EVERY_S)):
        time.sleep(max(0.0, began + EVERY_S * (n + 1) - time.monotonic()))
        at = wall + 1000 * EVERY_S * n
        # each one's happiness is their own: whoever is mixed up shows
        own = (number % 100) / 100
        face = {
            "b": [250.0 + n, 150, 140, 180], "s": 0.99, "w": "",
            "p": [280, 200, 360, 200, 320, 240, 290, 280, 350, 280],
            "e": [0, 0, 0, own, 0, 0, 1 - own], "r": None,
        }  # fmt: skip
        text = batch(at, frames=75, film_ms=5000.0 * n, faces=face)
        value = {"visit": key, "n": n, "data": text, "signature": sign(secret, n, text)}
        asked_at = time.monotonic()
        status, _ = ask(port, "POST", f"/r/{token}/numbers", value)
        found.append((status, time.monotonic() - asked_at))
    ask(port, "POST", f"/r/{token}/end", {"visit": key, "how": "done"})
    return found


def generate(port: int, token: str, n: int, seconds: float) -> None:
    os.nice(15)
    with ThreadPoolExecutor(n) as pool:
        asked = [pool.submit(respond, k, port, token, seconds) for k in range(n)]
        every = [one for each in asked for one in each.result()]
    sys.stdout.write(json.dumps(every))


def memory_mb() -> float:
    text = Path("/proc/self/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


def main(n: int = 200, seconds: float = 60) -> None:
    from benchmarks.phone_steps import site

    with tempfile.TemporaryDirectory() as name:
        home = Home(Path(name) / "home")
        install_nothing(home)
        film = Path(name) / "film.mp4"
        film.write_bytes(b"\0" * 1000)
        with site(home, film, int(seconds)) as here:
            token = here.link().rsplit("/", 1)[-1]
            port = here.url.rsplit(":", 1)[-1]
            command = [sys.executable, "-m", "benchmarks.phone_load", "generate", port, token]
            run = subprocess.Popen(
                [*command, str(n), str(seconds)], stdout=subprocess.PIPE, text=True
            )
            used = []
            while run.poll() is None:
                used.append(memory_mb())
                time.sleep(2)
                if len(used) > 600:
                    run.kill()
            every = json.loads(run.communicate()[0] if run.stdout is None else run.stdout.read())
            here.store.sync()
            rows = here.store.sessions.list(study_id=here.study)
            mixed = lost = 0
            for row in rows.to_dict("records"):
                found = here.store.sessions.get(row["session_id"])
                own = (int(found.respondent[1:]) % 100) / 100
                table = here.store.timeline.seconds(found.session_id)
                mixed += int((np.abs(table["p_happy"] - own) > 1e-3).any())
                lost += int(len(table) < seconds)
            times = np.array([one for _, one in every])
            wrong = sum(status != 200 for status, _ in every)
            half, most = np.percentile(times, [50, 95])
            quarters = [f"{np.mean(one):.0f}" for one in np.array_split(used, 4)]
            aim = "no error, 95 % under 0.5 s, none mixed up or lost, memory flat"
            seen = (
                f"{len(every)} batches in {len(rows)} sessions: {wrong} errors; {half:.2f} s the "
                f"median, {most:.2f} s of 95 %, {times.max():.2f} s at most; {mixed} mixed up, "
                f"{lost} with seconds missing; {', '.join(quarters)} MB by quarter"
            )
            what = f"{n} respondents at once for {seconds:.0f} s, a batch each {EVERY_S:.0f} s"
            write([Row(what, aim, seen)], f"python -m benchmarks.phone_load {n} {seconds:.0f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["generate"]:
        generate(int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), float(sys.argv[5]))
    else:
        main(*[int(one) for one in sys.argv[1:]])
