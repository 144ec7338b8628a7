"""Who works while something is killed: processes, and the ledger of what they did."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fer_core.errors import RaptError
from fer_core.home import Home
from fer_core.jobs import queue
from fer_core.jobs.analysis_spec import AnalysisSpec
from fer_core.jobs.supervisor import Supervisor
from fer_core.keeping.backup import back_up
from fer_core.keeping.forget import forget, plan_session
from fer_core.storage import Store, open_store
from fer_core.storage.sessions import RenameSession
from fer_core.storage.studies import AddStudy
from tests.jobs.trial_film import film
from tests.storage.rows import say, write

TRIAL: Final = (
    sys.executable, str(Path(__file__).resolve().parents[1] / "jobs" / "trial_worker.py"),
)  # fmt: skip
FRAMES: Final = 10  # of a shard
FILM: Final = 60  # frames of an analysed film


@dataclass(slots=True)
class Ledger:
    """What was tried and what was acknowledged: a line each, outside the home."""

    path: Path
    refused: bool = False  # whether the last try was

    def note(self, kind: str, what: str, value: object = None) -> None:
        line = json.dumps([kind, what, value]).encode() + b"\n"
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(handle, line)
        os.close(handle)

    def read(self) -> list[tuple[str, str, Any]]:
        if not self.path.exists():
            return []
        return [tuple(json.loads(line)) for line in self.path.read_text().splitlines()]

    def count(self, kind: str, what: str | None = None) -> int:
        """How many lines of a kind there are, without reading them one by one."""
        begin = json.dumps([kind, what])[:-1] if what else json.dumps([kind])[:-1] + ","
        return self.path.read_bytes().count(begin.encode()) if self.path.exists() else 0

    @contextmanager
    def trying(self, what: str, value: object) -> Iterator[None]:
        """Note the try, then the acknowledgement; a refusal in words is noted as well."""
        self.refused = True
        self.note("try", what, value)
        try:
            yield
        except RaptError as error:
            self.note("said", what, str(error))
        except OSError as error:
            self.note("said", what, f"OSError {error.errno}")
        else:
            self.refused = False
            self.note("ack", what, value)


def server(home: Home, ledger: Ledger, _seed: int) -> None:
    with open_store(home) as store:
        watching = Supervisor(store, home, worker=TRIAL)
        watching.start()
        ledger.note("ready", "server")
        time.sleep(60)


def client(home: Home, ledger: Ledger, seed: int) -> None:
    with open_store(home) as store:
        for number in range(1000):
            name = f"study-{seed}-{number}"
            with ledger.trying("study", name):
                store.run(AddStudy(name=name))
            with ledger.trying("rename", name):
                store.run(RenameSession(session_id="base", name=name))


def recorder(home: Home, ledger: Ledger, seed: int) -> None:
    for number in range(1000):
        session_id = f"i{seed}-{number}"
        with ledger.trying("session", session_id):
            say(home, session_id, name=f"Recorded-{session_id}")
        for shard in range(4):
            if ledger.refused:
                break  # as a recording does, which ends with the first shard that is refused
            last = (shard + 1) * FRAMES - 1
            with ledger.trying("shard", [session_id, last]):
                write(home, session_id, range(shard * FRAMES, last + 1), viewers=(0, 1))
        if ledger.refused:
            continue
        with ledger.trying("done", session_id):
            say(home, session_id, status="done", name=f"Recorded-{session_id}")


def deleter(home: Home, ledger: Ledger, seed: int) -> None:
    with open_store(home) as store:
        for session_id in made_for(store, f"d{seed}-"):
            with ledger.trying("delete", session_id):
                queue.delete_session(store, session_id)


def keeper(home: Home, ledger: Ledger, seed: int) -> None:
    with open_store(home) as store:
        for number, session_id in enumerate(made_for(store, f"f{seed}-")):
            if (number + seed) % 2:
                with ledger.trying("forget", session_id):
                    forget(store, plan_session(store, session_id))
                continue
            name: list[str] = []
            with ledger.trying("backup", name):
                name.append(str(back_up(store)))


def analyst(home: Home, ledger: Ledger, seed: int) -> None:
    with open_store(home) as store:
        path = film(home.root.parent / f"film-{seed}.mp4", FILM, 4)
        spec = AnalysisSpec.new(path, name=f"Analysed-{seed}")
        with ledger.trying("analyse", [spec.session_id, str(path)]):
            queue.enqueue_analysis(store, spec)
        time.sleep(60)


ACTORS: Final[dict[str, Callable[[Home, Ledger, int], None]]] = {
    "server": server, "client": client, "ingest": recorder, "deletion": deleter,
    "backup": keeper, "analyst": analyst,
}  # fmt: skip


def act(role: str, home: Home, ledger: Ledger, seed: int) -> None:
    """One actor's process. What is no sentence is a fault of Rapt, and noted as one."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    ledger.note("up", role)
    try:
        ACTORS[role](home, ledger, seed)
    except RaptError as error:
        ledger.note("said", role, str(error))
    except Exception:  # noqa: BLE001 - whatever it is, the round fails with it
        ledger.note("crash", role, traceback.format_exc())


def made_for(store: Store, prefix: str) -> list[str]:
    found = store.frame("SELECT session_id FROM sessions ORDER BY session_id")["session_id"]
    return [str(one) for one in found if str(one).startswith(prefix)]
