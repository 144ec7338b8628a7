"""The checks of `rapt doctor`: each answers in one line, with advice where it fails."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from typing import Final

from fer_core import __version__, problems
from fer_core.errors import RaptError
from fer_core.home import Home
from fer_core.keeping import condition
from fer_core.keeping.condition import FAIL, OK, WARN, DoctorCheck

#: What FFmpeg must decode for phones', browsers' and cameras' recordings.
CODECS: Final = ("h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "mjpeg", "prores")
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")


def python(_home: Home) -> DoctorCheck:
    """The interpreter's version."""
    version = platform.python_version()
    where = f"Python {version} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        return DoctorCheck("python", FAIL, where, "Rapt needs Python 3.11, 3.12 or 3.13.")
    return DoctorCheck("python", OK, where)


def packages(_home: Home) -> DoctorCheck:
    """The installed versions, against what the project asks for."""
    from packaging.requirements import Requirement

    try:
        wanted = importlib.metadata.requires("rapt") or []
    except importlib.metadata.PackageNotFoundError:
        return DoctorCheck(
            "packages", FAIL, "Rapt itself is not installed.", "Run: pip install -e ."
        )
    wrong: list[str] = []
    count = 0
    for line in wanted:
        requirement = Requirement(line)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        count += 1
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            wrong.append(f"{requirement.name} {version} is not {requirement.specifier}")
    if wrong:
        return DoctorCheck(
            "packages", FAIL, "; ".join(wrong), "Run: pip install -r requirements.txt"
        )
    return DoctorCheck("packages", OK, f"rapt {__version__}; all {count} packages fit")


def opencv(_home: Home) -> DoctorCheck:
    """OpenCV, and whether it has Haar cascades."""
    import cv2

    if not hasattr(cv2, "CascadeClassifier"):
        return DoctorCheck(
            "opencv",
            WARN,
            f"OpenCV {cv2.__version__} has no Haar cascades: the detector haar is not there.",
            "Run: pip install 'opencv-python-headless<5'",
        )
    return DoctorCheck("opencv", OK, f"OpenCV {cv2.__version__} with Haar cascades")


def codecs(_home: Home) -> DoctorCheck:
    """PyAV, and the codecs that recordings come in."""
    import av

    missing = [name for name in CODECS if name not in av.codecs_available]
    version = ".".join(str(part) for part in av.library_versions["libavcodec"])
    if missing:
        return DoctorCheck(
            "video",
            WARN,
            f"PyAV {av.__version__} cannot decode {', '.join(missing)}.",
            "Install PyAV's own wheel: pip install --force-reinstall av",
        )
    return DoctorCheck(
        "video", OK, f"PyAV {av.__version__}, libavcodec {version}: {', '.join(CODECS)}"
    )


def faces(_home: Home) -> DoctorCheck:
    """The detectors that can be made, without making any."""
    from fer_core.faces import list_detectors
    from fer_core.faces.packaged import CHECKSUMS, read_network

    if importlib.util.find_spec("mtcnn") is None:
        return DoctorCheck(
            "faces",
            FAIL,
            "The package mtcnn, which carries the face networks' weights, is missing.",
            "Run: pip install -r requirements.txt",
        )
    try:
        for name in CHECKSUMS:
            read_network(name)
    except RaptError as error:
        return DoctorCheck("faces", FAIL, error.message, error.hint)
    return DoctorCheck("faces", OK, f"Detectors: {', '.join(list_detectors())}")


def models(home: Home) -> DoctorCheck:
    """Every model's files against their checksums, and that the one in use runs."""
    from fer_core.inference import open_classifier
    from fer_core.zoo import in_use, stored_models

    used = in_use(home)
    wrong: list[str] = []
    shelf = stored_models(home)
    for stored in shelf:
        for kind in stored.card.files:
            try:
                stored.checked(kind)
            except RaptError as error:
                wrong.append(f"{stored.card.name} ({kind}): {error.message}")
    if used not in [stored.card.name for stored in shelf]:
        return DoctorCheck(
            "models", FAIL, f"The model in use, {used}, is not here.", "Run: rapt models list"
        )
    if wrong:
        return DoctorCheck(
            "models", FAIL, " ".join(wrong), "Take these files anew, or train the model again."
        )
    open_classifier(home=home)
    return DoctorCheck(
        "models", OK, f"{len(shelf)} models, checksums match; {used} is in use and answers"
    )


def store(home: Home) -> DoctorCheck:
    """The database's own tables, if there is a store at all."""
    from fer_core.storage import open_store

    if not home.database.exists():
        return DoctorCheck("store", OK, f"No store at {home.root} yet: the first analysis makes it")
    with open_store(home) as opened:
        opened.sync()
        bad = [check for check in opened.checks.integrity() if not check.ok]
        lost = opened.archive.damaged(home)
        about = opened.sessions.overview()
        whose = "" if opened.is_owner else "; a running dashboard or command holds it"
    if bad:
        return DoctorCheck(
            "store",
            FAIL,
            "; ".join(f"{check.name}: {check.detail}" for check in bad),
            "Copy the folder before anything else; then analyse the sessions named anew.",
        )
    if lost:
        return DoctorCheck(
            "store", FAIL, f"{len(lost)} archived timelines are gone or damaged: {lost[0]}",
            "Put the files back from a backup, or analyse their sessions anew.",
        )  # fmt: skip
    return DoctorCheck(
        "store", OK, f"{about.sessions} sessions, {about.frames:,} frames; sound{whose}"
    )


def interrupted(home: Home) -> DoctorCheck:
    """Sessions whose analysis was killed: they can be resumed."""
    from fer_core.storage.timeline.session_file import (
        is_written,
        read_session,
        session_ids,
        session_path,
    )
    from fer_core.types import SessionStatus

    left = []
    for session_id in session_ids(home):
        try:
            session = read_session(home, session_id)
        except RaptError as error:
            problems.note(home, session_path(home, session_id), error.message)
            continue
        if (
            session is not None
            and session.status is SessionStatus.RUNNING
            and session.kind != "live"
            and not is_written(home, session_id)
        ):
            left.append(session.name)
    if left:
        return DoctorCheck(
            "sessions",
            WARN,
            f"{len(left)} analyses were cut short: {', '.join(left[:5])}",
            "Resume them in the dashboard, or with `rapt analyze FILE --resume`.",
        )
    return DoctorCheck("sessions", OK, "No analysis was cut short")


def damaged(home: Home) -> DoctorCheck:
    """What could not be read in this home and was set aside."""
    return condition.damaged(home)


def threads(home: Home) -> DoctorCheck:
    """The threads of the process that owns the store."""
    from fer_core.storage import open_store

    if not home.database.exists():
        return DoctorCheck("threads", OK, "No store yet")
    with open_store(home) as opened:
        return condition.threads([] if opened.is_owner else opened.threads())


def clock(home: Home) -> DoctorCheck:
    """Whether the machine's clock was set back."""
    from fer_core.keeping.retention import clock_is_behind
    from fer_core.storage import open_store

    if not home.database.exists():
        return DoctorCheck("clock", OK, "No store yet")
    with open_store(home) as opened:
        return condition.clock(behind=clock_is_behind(opened))


def disk(home: Home) -> DoctorCheck:
    """Free space at the home folder, and whether it can be written."""
    return condition.disk(home)


def memory(_home: Home) -> DoctorCheck:
    """The machine's memory."""
    return condition.memory()


def browser(_home: Home) -> DoctorCheck:
    """A Chromium for the browser tests."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        return DoctorCheck(
            "browser",
            WARN,
            "No Chromium here: the browser tests would be skipped (the dashboard needs none).",
            "On Debian and Ubuntu: apt install chromium",
        )
    return DoctorCheck("browser", OK, f"{found} for the browser tests")


CHECKS: Final[tuple[Callable[[Home], DoctorCheck], ...]] = (
    python,
    packages,
    opencv,
    codecs,
    faces,
    models,
    store,
    interrupted,
    damaged,
    threads,
    clock,
    disk,
    memory,
    browser,
)


def run_checks(home: Home) -> Iterator[DoctorCheck]:
    """Every check's answer; a check that fails in an orderly way is an answer too."""
    for check in CHECKS:
        try:
            yield check(home)
        except RaptError as error:
            yield DoctorCheck(check.__name__, FAIL, error.message, error.hint)
        except ImportError as error:
            yield DoctorCheck(
                check.__name__, FAIL, f"{error}", "Run: pip install -r requirements.txt"
            )
