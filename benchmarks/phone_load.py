"""Two hundred respondents whose own devices send numbers, a batch each five seconds.

``python -m benchmarks.phone_load [N] [SECONDS]``: the listener and the store's owner in this
process, the respondents in another one at low priority on the same cores. No browser: what
reaches the server is the same. An answer is timed twice: by the respondents, who wait for a
core as well, and by the server, from a request's first byte to its answer's last.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks.phone_page import Row, write
from dashboard.camera.connection.event_loop import MediaLoop
from dashboard.camera.respondents.address import Address
from dashboard.camera.respondents.listener import RespondentListener
from dashboard.camera.respondents.routes import respondent_routes
from dashboard.camera.respondents.visits import Visits
from fer_core.home import Home
from fer_core.storage import Store, open_store
from fer_core.storage.links import AddLink
from fer_core.storage.studies import AddStimulus, AddStudy, StatePurpose
from tests.dashboard.camera.respondents.numbers import install_nothing
from tests.ports import free_port

EVERY_S: Final = 5.0
FRAMES: Final = 75
#: How often memory and processor time are looked at.
LOOK_S: Final = 2.0
#: … and for how long at most.
PATIENCE_S: Final = 1800.0
GENERATOR: Final = "benchmarks.phone_respondents"


@dataclass
class Answers:
    """Seconds from a request's beginning to its answer's end, by what was asked."""

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def timed(self, routes: list[BaseRoute]) -> list[BaseRoute]:
        """The same routes, timed."""
        for route in routes:
            assert isinstance(route, Route)
            route.app = self._around(route.app, route.path.rsplit("/", 1)[-1])
        return routes

    def _around(self, app: ASGIApp, what: str) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            began = time.monotonic()
            await app(scope, receive, send)
            self.took[what].append(time.monotonic() - began)

        return answer


@dataclass(frozen=True, slots=True)
class Look:
    """The server's process at a moment."""

    at: float
    memory_mb: float
    cpu_s: float


def look() -> Look:
    text = Path("/proc/self/status").read_text("utf-8")
    memory = int(text.split("VmRSS:")[1].split()[0]) / 1024
    return Look(time.monotonic(), memory, time.process_time())


@dataclass(frozen=True, slots=True)
class Site:
    """The listener, its store, and the study that the respondents take part in."""

    store: Store
    study: str
    token: str
    port: int


@contextmanager
def site(folder: Path, seconds: float, answers: Answers) -> Iterator[Site]:
    """A new home whose listener's answers are timed."""
    home = Home(folder / "home")
    install_nothing(home)
    film = folder / "film.mp4"
    film.write_bytes(b"\0" * 1000)
    with open_store(home) as store:
        study = store.run(AddStudy(name="Spring spot", conditions=("A",)))
        store.run(StatePurpose(study_id=study, purpose="media"))
        length = int(1000 * seconds)
        stimulus = store.run(
            AddStimulus(title="Cut A", study_id=study, path=str(film), length_ms=length)
        )
        arms = [{"stimulus_id": stimulus, "condition": "A"}]
        store.run(AddLink(study_id=study, title="A film", consent="You may stop.", arms=arms))
        (link,) = store.respondents.links(study)
        port, loop = free_port(), MediaLoop()
        visits = Visits(home, lambda: store, loop)
        routes = answers.timed(respondent_routes(lambda: visits, lambda: store, lambda: loop))
        listener = RespondentListener(Address("127.0.0.1", port), routes, loop)
        listener.open()
        try:
            while not listener.listening:
                time.sleep(0.05)
            yield Site(store, study, link.token, port)
        finally:
            listener.close()
            loop.submit(visits.close()).result(timeout=60)
            loop.close()


def watch(run: subprocess.Popen[bytes]) -> list[Look]:
    """The server while the respondents are here."""
    looks = [look()]
    until = time.monotonic() + PATIENCE_S
    while run.poll() is None:
        if time.monotonic() > until:
            run.kill()
        time.sleep(LOOK_S)
        looks.append(look())
    return looks


def kept(here: Site, seconds: float) -> tuple[int, int, int]:
    """Sessions, how many hold another's face, and how many miss frames or seconds."""
    here.store.sync()
    rows = here.store.sessions.list(study_id=here.study, limit=10_000)
    mixed = lost = 0
    batches = int(seconds / EVERY_S)
    for session_id in rows["session_id"]:
        found = here.store.sessions.get(session_id)
        # each one's happiness is their own: whoever is mixed up shows
        own = (int(str(found.respondent)[1:]) % 100) / 100
        table = here.store.timeline.seconds(session_id)
        frames = here.store.timeline.frames(session_id)
        mixed += int((np.abs(table["p_happy"] - own) > 1e-3).any())
        lost += int(len(frames) != FRAMES * batches or len(table) < batches * EVERY_S)
    return len(rows), mixed, lost


def spread(times: list[float]) -> str:
    half, most = np.percentile(times, [50, 95])
    return f"{half:.2f} s the median, {most:.2f} s of 95 %, {max(times):.2f} s at most"


def busy(looks: list[Look], batches: int, seconds: float) -> str:
    """Processor time while batches came, and memory by quarter of the whole run."""
    steady = [one for one in looks if one.at <= looks[0].at + seconds] or looks
    passed = steady[-1].at - steady[0].at
    used = steady[-1].cpu_s - steady[0].cpu_s
    whole = looks[-1].cpu_s - looks[0].cpu_s
    quarters = np.array_split([one.memory_mb for one in looks], 4)
    return (
        f"the server {100 * used / passed:.0f} % of a core, {1000 * whole / batches:.1f} ms of it "
        f"a batch with all else; {', '.join(f'{np.mean(one):.0f}' for one in quarters)} MB by "
        "quarter"
    )


def main(n: int = 200, seconds: float = 60) -> None:
    answers = Answers()
    with (
        tempfile.TemporaryDirectory() as name,
        site(Path(name), seconds, answers) as here,
    ):
        command = [sys.executable, "-m", GENERATOR, str(here.port), here.token]
        said = Path(name) / "heard.json"  # more than a pipe holds that nobody reads meanwhile
        with said.open("w") as file:
            looks = watch(subprocess.Popen([*command, str(n), str(seconds)], stdout=file))
        heard: dict[str, list[tuple[int, float]]] = json.loads(said.read_text())
        sessions, mixed, lost = kept(here, seconds)
    write(rows(n, seconds, heard, answers, looks, (sessions, mixed, lost)),
          f"python -m benchmarks.phone_load {n} {seconds:.0f}")  # fmt: skip


def rows(
    n: int,
    seconds: float,
    heard: dict[str, list[tuple[int, float]]],
    answers: Answers,
    looks: list[Look],
    found: tuple[int, int, int],
) -> list[Row]:
    sessions, mixed, lost = found
    who = f"{n} respondents at once for {seconds:.0f} s"
    wrong = {what: sum(status != 200 for status, _ in every) for what, every in heard.items()}
    took = {what: [one for _, one in every] for what, every in heard.items()}
    batches = took.pop("numbers")
    late = sum(one > 0.5 for one in batches) / len(batches)
    numbers = (
        f"{len(batches)} batches in {sessions} sessions: {wrong['numbers']} errors; {mixed} mixed "
        f"up, {lost} with frames or seconds missing; as the respondents see it "
        f"{spread(batches)} ({100 * late:.1f} % later than 0.5 s), in the server "
        f"{spread(answers.took['numbers'])}; {busy(looks, len(batches), seconds)}"
    )
    visits = "; ".join(
        f"`{what}` {wrong[what]} errors, {spread(times)}, in the server "
        f"{spread(answers.took[what])}"
        for what, times in took.items()
    )
    return [
        Row(
            f"{who}, a batch each {EVERY_S:.0f} s",
            "no error, 95 % under 0.5 s, none mixed up or lost, memory flat",
            numbers,
        ),
        Row(f"{who}: they come within 5 s, they go", "no error, 95 % under 0.5 s", visits),
    ]


if __name__ == "__main__":
    arguments: list[Any] = [int(one) for one in sys.argv[1:]]
    main(*arguments)
