"""Makes the home of version 0.1: every kind of thing that a store of that version can hold.

A historical record. It was run once, at commit 29f85ec (the last one before the inside of
Rapt was rebuilt), and needs to run at that commit only: it calls that commit's functions and
its tests' fixtures by their names of then. To make the archive again:

    git worktree add --detach ../rapt-0.1 29f85ec
    cp -r tests/compat ../rapt-0.1/tests/ && cd ../rapt-0.1
    python -m tests.compat.make_home tests/compat/home-0.1.tar.xz

Ids and times differ with every run, so the expected values are then to be read again at that
commit as well (`python -m tests.compat.reading`), with `readers.py` adapted to its names:
`open_house` and `close_house` of `dashboard.services.house`, `routes` of
`dashboard.services.routes`, `close_orphans` of `fer_core.live` and of `fer_core.jobs.queue`.
Nobody was filmed: the only face is the
public-domain portrait that the sample clip is made of; all other viewers are simulated.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np

# ruff: noqa: E402, I001

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["TZ"] = "UTC"
time.tzset()

from dashboard.services import lab_data
from dashboard.services.uploads import Arrived
from fer_core.analytics.simulate import simulate_study
from fer_core.cli.main import main as rapt
from fer_core.home import Home
from fer_core.jobs import queue
from fer_core.jobs.evaluation import EvaluationSpec, enqueue_evaluation
from fer_core.jobs.folder import JobFolder, JobState
from fer_core.jobs.supervisor import Supervisor
from fer_core.jobs.training_sources import (
    OWN_LABELS,
    Source,
    TrainSpec,
    fine_tune,
)
from fer_core.labels import EMOTIONS
from fer_core.live import Engines, LiveSession, LiveSpec
from fer_core.storage import Store, open_store
from fer_core.storage.kept_faces import item_of, read_kept
from fer_core.storage.orders import put_into_inbox
from fer_core.studies.demo import plant_demo
from fer_core.training.settings import TrainSettings
from fer_core.types import AnalysisSettings
from tests.dashboard.simulated import plant
from tests.films import portrait_film
from tests.live.pictures import blank, offer, portrait
from tests.storage.rows import say, write

ROOT = Path("/tmp/rapt-home-0.1/home")  # what lies in the store names it by this path
QUICK = AnalysisSettings(detector="haar", min_face=60)
STEPS: list[Callable[[Home], None]] = []


def step(function: Callable[[Home], None]) -> Callable[[Home], None]:
    STEPS.append(function)
    return function


def call(home: Home, *args: str | Path) -> None:
    code = rapt([*map(str, args), "--home", str(home.root)])
    assert code == 0, args


@contextlib.contextmanager
def working(home: Home) -> Iterator[Store]:
    """The store with a supervisor, as a server has them; every job that was queued ends."""
    with open_store(home) as store:
        supervisor = Supervisor(store, home)
        supervisor.start()
        try:
            yield store
            end = time.monotonic() + 600
            while queue.active(store):
                assert time.monotonic() < end, queue.active(store)
                time.sleep(0.2)
        finally:
            supervisor.stop()


# -- sessions -------------------------------------------------------------------------------


@step
def analysed(home: Home) -> None:
    """A film that the real pipeline analysed, its faces kept; the same by the command line."""
    home.uploads.mkdir(parents=True)
    film = portrait_film(home.uploads / "portrait.mp4", frames=350, away=range(60, 90))
    short = portrait_film(home.uploads / "short.mp4", frames=25)
    broken = home.uploads / "broken.mp4"
    broken.write_bytes(b"not a film")
    with working(home) as store:
        kept = AnalysisSettings(fps=5, detector="haar", min_face=60, keep_faces=True)
        queue.enqueue_analysis(
            store, film, kept, study="Open day", stimulus="Welcome film", condition="Morning",
            name="Portrait", respondent="P01",
        )  # fmt: skip
        queue.enqueue_analysis(store, broken, QUICK, name="Broken film")
        gone, _ = queue.enqueue_analysis(store, short, QUICK, name="Cancelled while it waited")
        queue.cancel(store, gone)
    call(
        home, "analyze", short, "--detector", "haar", "--min-face", "60", "--fps", "5",
        "--study", "Open day", "--condition", "Evening", "--respondent", "P02",
    )  # fmt: skip


@step
def ended_badly(home: Home) -> None:
    """Sessions that failed, were cancelled, were deleted, or died with their process."""
    plant(home, "Failed half way", seconds=8, viewers=1, status="failed", error="The disk is full.")
    plant(home, "Cancelled half way", seconds=8, viewers=2, status="cancelled")
    with open_store(home, look_after=False) as store:
        store.sync()
        deleted = plant(home, "Deleted", seconds=5, viewers=1)
        store.sync()
        store.order("delete_session", session_id=deleted)


@step
def one_and_many(home: Home) -> None:
    """A single viewer, and a room whose viewers were corrected."""
    plant(home, "Respondent 01", seconds=30, viewers=1, tags=["pilot"], notes="Sat close.")
    room = plant(home, "The whole room", seconds=30, viewers=5, seed=3)
    with open_store(home, look_after=False) as store:
        store.sync()

        def edit(kind: str, viewer: int, **more: Any) -> str:
            return str(
                store.order("edit_viewer", session_id=room, kind=kind, viewer=viewer, **more)
            )

        edit("rename", 1, name="Anna")
        edit("merge", 3, into_viewer=2, reason="The same person after a turn")
        edit("exclude", 4, from_ms=5_000, to_ms=12_000, reason="Spoke to a neighbour")
        edit("exclude", 5, reason="A poster on the wall")
        for undone in (edit("merge", 4, into_viewer=1), edit("rename", 2, name="Bert")):
            store.order("undo_edit", edit_id=undone)
        store.order(
            "add_markers", session_id=room,
            markers=[
                {"name": "Speaker", "from_ms": 10_000, "note": "The second one"},
                {"name": "First part", "from_ms": 0, "to_ms": 9_000, "kind": "scene"},
                {"name": "Logo", "from_ms": 15_000, "to_ms": 18_000, "kind": "brand"},
            ],
        )  # fmt: skip


@step
def live(home: Home) -> None:
    """A live session with a pause, markers, a note and an alignment; one whose server died."""
    shutil.copytree(FACE_CACHE, home.cache)
    engines = Engines.open(home)
    session = LiveSession(
        home,
        LiveSpec("Live in the hall", study="Open day", stimulus="Welcome film",
                 condition="Morning", respondent="P03", tags=("hall",)),
        engines,
    )  # fmt: skip
    t = offer(session, portrait(), 20, 0, 100)
    session.mark("speaker two")
    session.note("She laughs at the second slide")
    session.align(500)
    t = offer(session, portrait(), 10, t, 100)
    session.pause()
    session.offer(portrait(), t)
    session.resume()
    t = offer(session, blank(), 10, t + 3_000, 100)
    session.mark("end", t_ms=4_000)
    session.stop()


# -- studies --------------------------------------------------------------------------------


@step
def demo(home: Home) -> None:
    """The demo study, with seven viewers a version and five frames a second."""
    with open_store(home, look_after=False) as store:
        plant_demo(store, study=simulate_study(viewers=7, fps=5))


@step
def spring(home: Home) -> None:
    """A study of two films by the same respondents, with all that a study can have."""
    film = portrait_film(home.uploads / "spot.mp4", frames=50)
    with open_store(home, look_after=False) as store:
        study = store.order(
            "add_study", name="Spring spot", kind="ad", question="Which cut?",
            notes="Second wave.", conditions=["Long", "Short"],
        )  # fmt: skip
        films = {
            "Long": store.order("add_stimulus", title="Long cut", study_id=study,
                                path=str(film), length_ms=20_000),
            "Short": store.order("add_stimulus", title="Short cut", study_id=study,
                                 length_ms=20_000, notes="Without the dog"),
        }  # fmt: skip
        for stimulus in films.values():
            store.order(
                "add_markers", stimulus_id=stimulus,
                markers=[
                    {"name": "Rest", "from_ms": 0, "to_ms": 3_000, "kind": "pre-roll"},
                    {"name": "Kitchen", "from_ms": 3_000, "to_ms": 9_000},
                    {"name": "Garden", "from_ms": 9_000, "to_ms": 16_000},
                    {"name": "Brand", "from_ms": 16_000, "to_ms": 20_000, "kind": "brand"},
                    {"name": "Joke", "from_ms": 12_000},
                ],
            )  # fmt: skip
        ids = []
        for person in range(1, 9):
            for side, condition in enumerate(films):
                ids.append(
                    plant(
                        home,
                        f"{condition} cut, P{person:02d}",
                        seconds=20,
                        viewers=1,
                        rate=4,
                        seed=100 * side + person,
                        away=(0.5, 0.6) if person % 2 else None,
                        study=study,
                        stimulus=films[condition],
                        condition=condition,
                        respondent=f"P{person:02d}",
                    )
                )
        plant(
            home, "Long cut, in the dark", seconds=20, viewers=1, rate=4, seed=55, study=study,
            stimulus=films["Long"], condition="Long", respondent="P09", away=(0.1, 0.9),
            summary={"quality": 0.2},
        )  # fmt: skip
        store.sync()
        marks = [
            {"name": "Clap", "from_ms": 900},
            {"name": "Answer", "from_ms": 17_000, "note": "She would buy it"},
        ]
        store.order("add_markers", session_id=ids[0], markers=marks)
        store.order("assign_session", session_id=ids[0], offset_ms=400)
        store.order("assign_session", session_id=ids[2], tags=["late"], notes="Came late")
        for side in ids[:2]:
            store.order("include_session", session_id=side, included=False, reason="Knew the film")
        store.order("include_session", session_id=ids[-1], included=True, reason="Checked by hand")
        store.order(
            "edit_viewer", session_id=ids[3], kind="exclude", viewer=1, from_ms=2_000,
            to_ms=4_000, reason="Telephone",
        )  # fmt: skip
        store.order("rename_session", session_id=ids[4], name="Long cut, third respondent")
        respondents(store, study, list(films.values()), ids)
        store.order("add_study", name="An empty study", conditions=["X"])
        gone = store.order("add_study", name="A deleted study")
        store.order("delete_study", study_id=gone)


def respondents(store: Store, study: str, films: list[str], ids: list[str]) -> None:
    """Links that hold, were revoked, expired or used up, and what came of them."""
    arms = [
        {"stimulus_id": films[0], "condition": "Long"},
        {"stimulus_id": films[1], "condition": "Short"},
    ]

    def link(title: str, **more: Any) -> str:
        return str(
            store.order("add_link", study_id=study, title=title, consent="Do you agree?",
                        arms=more.pop("arms", arms), **more)
        )  # fmt: skip

    ours = link("Two films", keep_faces=True, most_uses=40)
    ends = ("done", "broken", "withdrawn", "recording", "begun")
    for number, state in enumerate(ends):
        begun = store.order(
            "begin_response", link_id=ours, consent="Do you agree?",
            respondent="" if number else "Guest",
        )  # fmt: skip
        if state != "begun":
            store.order(
                "mark_response", response_id=begun["response_id"], state=state,
                session_id=ids[number] if state == "done" else None,
                alignment={"method": "requestVideoFrameCallback", "error_ms": 12.5}
                if state == "done" else None,
            )  # fmt: skip
    store.order("revoke_link", link_id=link("Revoked", arms=arms[:1]))
    link("Expired", ends="2026-01-31")
    full = link("Used up", most_uses=1, arms=arms[1:])
    last = store.order("begin_response", link_id=full, consent="Do you agree?")
    store.order("mark_response", response_id=last["response_id"], state="done", session_id=ids[5])


# -- the lab --------------------------------------------------------------------------------


def faces(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Pictures of no face: a bright spot whose place tells the class, as smooth as can be."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % len(EMOTIONS)
    y, x = np.mgrid[:48, :48]
    made = []
    for label in labels:
        cx, cy = 8 + 5 * label + rng.normal(0, 2.5), 24 + rng.normal(0, 4)
        spot = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * rng.uniform(5, 9) ** 2))
        made.append(np.clip(60 + 150 * spot, 0, 255) // 4 * 4)
    return np.asarray(made, np.uint8), labels


def csv_file(path: Path) -> Path:
    rows = ["emotion,pixels,Usage"]
    for usage, n, seed in (("Training", 140, 1), ("PublicTest", 56, 2)):
        for image, label in zip(*faces(n, seed)):
            rows.append(f"{label},{' '.join(map(str, image.ravel()))},{usage}")
    path.write_text("\n".join(rows) + "\n")
    return path


def folder_archive(path: Path) -> Path:
    root = path.with_suffix("")
    for number, (image, label) in enumerate(zip(*faces(42, 3))):
        target = root / EMOTIONS[label] / f"{number:03d}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(target), image)
    made = Path(shutil.make_archive(str(root), "zip", root))
    shutil.rmtree(root)
    return made


@step
def labels(home: Home) -> None:
    """Judgements of kept faces by two people, some held out, some taken back."""
    with open_store(home, look_after=False) as store:
        store.sync()
        table = store.sessions(search="Portrait")
        session_id = str(table["session_id"].iloc[0])
        kept = read_kept(home, session_id)
        assert kept.held_out.any()
        assert not kept.held_out.all()
        for row in range(len(kept)):
            item = item_of(session_id, int(kept.frame[row]), int(kept.viewer[row]))
            words: list[str | None] = [("happy", "neutral", "surprise")[row % 3]] * 2
            if row % 5 == 3:  # a face on which two people disagree
                words[1] = "sad"
            elif row % 5 == 4:
                words = [None, None]
            for labeller, emotion in zip(("me", "Eva"), words):
                verdict = "emotion" if emotion else ("not_a_face", "unusable", "skip")[row % 3]
                store.order(
                    "add_label", item=item, source="session", verdict=verdict, emotion=emotion,
                    labeller=labeller, session_id=session_id, frame=int(kept.frame[row]),
                    viewer=int(kept.viewer[row]), held_out=bool(kept.held_out[row]),
                )  # fmt: skip
            mistake = store.order(
                "add_label", item=item, source="session", verdict="emotion", emotion="angry",
                labeller="me", session_id=session_id, frame=int(kept.frame[row]),
                viewer=int(kept.viewer[row]), held_out=bool(kept.held_out[row]),
            )  # fmt: skip
            store.order("undo_label", label_id=mistake)


@step
def data_sets(home: Home) -> None:
    """Two data sets that were dropped on the page, and what a look into them found."""
    drop = home.root / "dropped"
    drop.mkdir()
    with working(home) as store:
        for path in (csv_file(drop / "spots.csv"), folder_archive(drop / "more-spots.zip")):
            lab_data.take_in(
                home, store, Arrived(path, path.name, path.stat().st_size, "0" * 64, {})
            )


@step
def trainings(home: Home) -> None:
    """Two models trained here, a training that was cancelled and one that failed."""
    with working(home) as store:
        spots = lab_data.known(store)[0].path
        tiny = TrainSettings(arch="tiny", epochs=3, batch=32, seed=4)
        first = TrainSpec("spots-1", tiny, (Source(spots),), about="Spots, tiny", beside="rapt-1")
        store.order("add_job", kind="train", title="spots-1", spec=first.as_dict())
    with working(home) as store:
        second = fine_tune(
            home, "spots-2", (Source(spots, 0.75), Source(OWN_LABELS, 0.25)), base="spots-1",
            epochs=2, seed=5,
        )  # fmt: skip
        store.order("add_job", kind="train", title="spots-2", spec=second.as_dict())
        away = TrainSpec("spots-3", tiny, (Source(str(home.root / "nowhere.csv")),))
        store.order("add_job", kind="train", title="spots-3", spec=away.as_dict())
        long = TrainSpec("spots-4", tiny, (Source(spots),))
        waits = store.order("add_job", kind="train", title="spots-4", spec=long.as_dict())
        store.order("cancel_job", job_id=waits)
        run = store.order(
            "add_training_run", settings={"arch": "tiny"}, data={"faces": 140},
            architecture="tiny", model="spots-0", base_model="rapt-1",
        )  # fmt: skip
        numbers = {"loss": 1.5, "val_loss": 1.6, "val_accuracy": 0.4, "learning_rate": 0.01,
                   "seconds": 2.5, "macro_f1": 0.3}  # fmt: skip
        epochs = [{"epoch": k, **numbers} for k in (1, 2)]
        store.order("add_epochs", run_id=run, epochs=epochs)
        store.order("update_training_run", run_id=run, status="cancelled", error=None)
    for name in ("spots-1", "spots-2"):
        call(home, "models", "use", name)
    call(home, "models", "use", "--back")


@step
def evaluations(home: Home) -> None:
    """Both models on the same faces, every answer kept; labels that correct a data set."""
    with working(home) as store:
        spots, more = (one.path for one in lab_data.known(store))
        for model in ("spots-1", "spots-2"):
            enqueue_evaluation(store, EvaluationSpec(model, spots, "PublicTest"))
        enqueue_evaluation(store, EvaluationSpec("spots-1", more))
        gone = store.order("add_evaluation", model="spots-1", data="elsewhere.csv", report={"n": 3})
        store.order("delete_evaluation", evaluation_id=gone)
        for row, emotion in ((3, "happy"), (5, "sad")):
            store.order(
                "add_label", item=f"publictest/{row}", source=str(spots), verdict="emotion",
                emotion=emotion,
            )  # fmt: skip


@step
def settings(home: Home) -> None:
    with open_store(home, look_after=False) as store:
        for name, value in (
            ("upload.max_bytes", 3_000_000_000),
            ("live.max_sessions", 3),
            ("network.stun_url", "stun:stun.example.org:3478"),
            ("network.public_url", "https://rapt.example.org"),
        ):
            store.order("set_setting", name=name, value=value)


# -- what was under way when the machine was switched off --------------------------------------


@step
def cut_short(home: Home) -> None:
    """Shards that nobody took, a live session and jobs without a process, orders in the inbox."""
    with open_store(home, look_after=False) as store:
        store.sync()
        film = home.uploads / "short.mp4"
        queue.enqueue_analysis(store, film, QUICK, name="Still waiting", study="Open day")
        job, _ = queue.enqueue_analysis(store, film, QUICK, name="Its worker died")
        store.order("update_job", job_id=job, status="running", fields={"done": 7.0, "total": 25.0})
        folder = JobFolder.of(home, job)
        folder.write_spec("analyze", store.job(job)["spec"])
        folder.write_state(JobState(status="running", done=7, total=25, message="Analysing"))
        look = lab_data.known(store)[1]
        store.order("add_job", kind="evaluate", title=f"rapt-1 on {look.name}",
                    spec={"model": "rapt-1", "data": look.path, "usage": None,
                          "neighbours": False})  # fmt: skip
        renamed = str(store.sessions(search="Respondent 01")["session_id"].iloc[0])
        store.checkpoint()
    begun = {
        "created": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "settings": asdict(QUICK),
        "versions": {"model": "rapt-1"},
    }
    say(
        home, "s-cut-short", name="Killed with its shards", path=str(film), digest="0" * 64, **begun
    )  # fmt: skip
    write(home, "s-cut-short", range(60), shards=3)
    say(home, "s-cut-live", name="Its server died", kind="live", path="camera", **begun)
    write(home, "s-cut-live", range(50), shards=2, viewers=(0, 1))
    put_into_inbox(home, "rename_session", {"session_id": renamed, "name": "Respondent 1"})
    put_into_inbox(
        home, "add_markers",
        {"session_id": renamed, "markers": [{"name": "From the inbox", "from_ms": 7_000}]},
    )  # fmt: skip
    put_into_inbox(home, "rename_session", {"session_id": "s-nobody", "name": "Never"})


# -- the archive ----------------------------------------------------------------------------

FACE_CACHE = Path("/tmp/rapt-home-0.1/face-cache")
LEFT_OUT = {"owner.lock", "owner.sock", "dropped", "nowhere.csv"}


def face_cache() -> None:
    """The face networks, exported once; they are made again where they are missing."""
    if not FACE_CACHE.is_dir():
        other = Home(FACE_CACHE.with_name("other"))
        Engines.open(other)
        shutil.copytree(other.cache, FACE_CACHE)


def settle(home: Home) -> None:
    """Let nothing depend on when the archive is opened.

    It keeps whole seconds exactly: session files are dated so, and taken in so.
    """
    for path in home.root.glob("sessions/*/session.json"):
        if path.parent.name.startswith("s-cut"):
            continue
        second = int(path.stat().st_mtime)
        os.utime(path, (second, second))
    with open_store(home, look_after=False) as store:
        store.sync()
        # who agreed and did not begin gives the place back after a while: let it be over
        with store.transaction() as cursor:
            cursor.execute("UPDATE responses SET begun = begun - INTERVAL 3 DAY")


def pack(home: Home, archive: Path) -> None:
    def keep(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
        parts = Path(entry.name).parts[1:]
        cached = parts[:1] == ("cache",) and parts[1:2] not in ((), ("looks",))
        if cached or LEFT_OUT & set(parts):
            return None
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mtime = int(entry.mtime)
        return entry

    with tarfile.open(archive, "w:xz", preset=9) as out:
        out.add(home.root, arcname="home", filter=keep)


def main(archive: Path) -> None:
    home = Home(ROOT)
    shutil.rmtree(home.root, ignore_errors=True)
    face_cache()
    for make in STEPS:
        print(make.__name__, flush=True)  # noqa: T201
        if make is cut_short:
            settle(home)
        make(home)
    pack(home, archive)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
