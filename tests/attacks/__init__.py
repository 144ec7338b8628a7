"""Many damaged files of every kind that is read: nothing but a sentence may come of one.

``make attack`` runs this for minutes (``python -m tests.attacks 2000``); the suite runs the same
with a few. A seed makes the same files again.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from dashboard.lab.data import data as data_sets
from fer_core.errors import RaptError
from fer_core.files import write_json
from fer_core.home import Home
from fer_core.jobs.folder import JobFolder, JobState
from fer_core.storage import Store, open_store
from fer_core.storage.timeline.kept_faces import faces_folder, read_kept
from fer_core.storage.timeline.session_file import read_session, session_path
from fer_core.storage.timeline.shards import read_shard, shard_files
from fer_core.video import probe, thumbnail
from fer_core.zoo.model_store import shipped, stored_models
from tests.films import portrait_film
from tests.storage.rows import record

WORDS = (
    "null", "-1", "1e999", "[]", "{}", '"\\ud800"', '"=cmd"', "9" * 400, '"²"', "true", '"../.."',
)  # fmt: skip


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The content with a few bytes flipped, cut, doubled or overwritten by odd values."""
    found = bytearray(content)
    for _ in range(chance.randint(1, 2)):
        at = chance.randrange(len(found) or 1)
        how = chance.randrange(5)
        if how == 0 and found:
            found[at] ^= 1 << chance.randrange(8)
        elif how == 1:
            del found[at : at + chance.randint(1, 200)]
        elif how == 2:
            found[at:at] = found[at : at + chance.randint(1, 200)]
        elif how == 3:
            found[at : at + chance.randint(1, 20)] = bytes(chance.randint(1, 64))
        else:
            found[at : at + chance.randint(1, 12)] = chance.choice(WORDS).encode()
    return bytes(found)


def attack(folder: Path, times: int, seed: int) -> dict[str, int]:
    """Damage ``times`` files, of each kind in turn; how many of each were read. Raises on what
    is no RaptError."""
    chance, home = random.Random(seed), Home(folder / "home")
    record(home, "good", 20, name="Clip")
    shard = next(iter(shard_files(home.shards("good")).values()))
    film = portrait_film(folder / "film.mp4", frames=5, away=range(0))
    kept = faces_folder(home, "kept") / "000001.npz"
    kept.parent.mkdir(parents=True)
    whole_numbers = {name: np.zeros(3, np.int32) for name in ("frame", "t_ms", "viewer")}
    grey = np.zeros((3, 48, 48), np.uint8)
    probabilities = np.full((3, 7), 1 / 7, np.float32)
    np.savez_compressed(
        kept, first=np.int32(0), crops=grey, probabilities=probabilities, **whole_numbers
    )
    archive = folder / "set.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("happy/1.png", bytes(500))
    job = JobFolder.of(home, "j1")
    job.path.mkdir(parents=True)
    job.write_state(JobState())
    card = next(shipped().glob("*.json"))
    order = folder / "order.json"
    write_json(order, {"order_id": "o1", "kind": "add_study", "payload": {"name": "x"}})
    with open_store(home, look_after=False) as store:
        kinds: dict[str, tuple[Path, Callable[[bytes], object]]] = {
            "session": (session_path(home, "good"), lambda found: _session(home, store, found)),
            "order": (order, lambda found: _order(home, store, found)),
            "state": (job.path / "state.json", lambda found: _state(job, found)),
            "card": (card, lambda found: _card(home, found)),
            "shard": (shard, lambda found: read_shard(_put(folder / "1.parquet", found), "good")),
            "faces": (kept, lambda found: (_put(kept, found), read_kept(home, "kept"))),
            "zip": (archive, lambda found: data_sets.unpack(
                _put(folder / "a.zip", found), Path(tempfile.mkdtemp(dir=folder)))),
            "film": (film, lambda found: probe(_put(folder / "a.mp4", found))),
            "thumbnail": (film, lambda found: thumbnail(_put(folder / "b.mp4", found))),
        }  # fmt: skip
        whole = {name: path.read_bytes() for name, (path, _) in kinds.items()}
        read = dict.fromkeys(kinds, 0)
        for number in range(times):
            name = list(kinds)[number % len(kinds)]
            with suppress(RaptError):
                kinds[name][1](mutated(whole[name], chance))
                read[name] += 1
        assert store.studies.list() is not None
    return read


def _put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _session(home: Home, store: Store, content: bytes) -> None:
    path = session_path(home, "bad")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    store.sync()
    read_session(home, "bad")


def _order(home: Home, store: Store, content: bytes) -> None:
    home.inbox.mkdir(exist_ok=True)
    (home.inbox / "a.json").write_bytes(content)
    store.sync()
    assert not list(home.inbox.glob("*.json"))


def _state(job: JobFolder, content: bytes) -> None:
    (job.path / "state.json").write_bytes(content)
    job.state()


def _card(home: Home, content: bytes) -> None:
    home.models.mkdir(exist_ok=True)
    (home.models / "bad.json").write_bytes(content)
    stored_models(home)


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
    sys.stdout.write(f"seed {seed}\n")
    with tempfile.TemporaryDirectory() as folder:
        read = attack(Path(folder), times, seed)
    sys.stdout.write(json.dumps({"files": times, "read all the same": read}) + "\n")


if __name__ == "__main__":
    main()
