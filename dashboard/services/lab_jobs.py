"""Evaluations as jobs: queueing them, and how far they are."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from dashboard.services.lab_models import evaluations
from fer_core.errors import DataError
from fer_core.home import Home
from fer_core.jobs import queue
from fer_core.jobs.evaluation import EvaluationSpec, enqueue_evaluation
from fer_core.storage import Store

#: Unpacked, a dropped ZIP may be this large.
MOST_BYTES = 400_000_000
MOST_MEMBERS = 100_000


@dataclass(frozen=True, slots=True)
class EvaluationJob:
    """One evaluation that runs, waits, or did not come to its end."""

    job_id: str
    title: str
    status: str
    share: float | None
    eta_s: float | None
    message: str
    error: str

    @property
    def active(self) -> bool:
        return self.status in ("queued", "running")


def data_sets(store: Store, home: Home) -> list[str]:
    """Data sets at hand: those that models were evaluated on and that are still there."""
    found = dict.fromkeys(one.data for one in evaluations(store))
    for folder in sorted((home.root / "datasets").glob("*")):
        found.setdefault(str(folder))
    return [path for path in found if Path(path).exists()]


def evaluate(store: Store, model: str, data: str, *, neighbours: bool = True) -> str:
    """Queue it; the job's id."""
    text = data.strip().strip("\"'")
    if not text:
        raise DataError(
            "No data set was given.", "Type the path of a CSV or folder, or drop a file."
        )
    return enqueue_evaluation(store, EvaluationSpec(model, text, neighbours=neighbours))


def shown(store: Store) -> list[EvaluationJob]:
    """What runs and waits, and what failed until it is dismissed."""
    table = queue.jobs(store, kind="evaluate", status=["queued", "running", "failed"], limit=50)
    return [_job(row) for row in table.to_dict("records")]


def _job(row: dict[Any, Any]) -> EvaluationJob:
    def number(value: Any) -> float | None:
        return None if value is None or value != value else float(value)

    return EvaluationJob(
        job_id=str(row["job_id"]),
        title=str(row["title"] or row["job_id"]),
        status=str(row["status"]),
        share=number(row["progress"]),
        eta_s=number(row["eta_s"]),
        message=str(row["message"] or "") if row["message"] == row["message"] else "",
        error=str(row["error"] or "It failed without a word."),
    )


def stop(store: Store, job_id: str) -> None:
    queue.cancel(store, job_id)


def again(store: Store, job_id: str) -> None:
    queue.resume(store, job_id)


def dismiss(store: Store, job_id: str) -> None:
    store.order("delete_job", job_id=job_id)


def take_in(home: Home, name: str, content: bytes) -> str:
    """Keep a data set that was dropped on a page; its path. Nothing in it is ever run."""
    stem = "".join(c if c.isalnum() or c in "-_" else "-" for c in Path(name).stem)[:60] or "data"
    digest = hashlib.sha256(content).hexdigest()[:10]
    folder = home.root / "datasets" / f"{stem}-{digest}"
    if name.lower().endswith(".zip"):
        _unpack(content, folder)
        return str(folder)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}.csv"
    path.write_bytes(content)
    return str(path)


def _unpack(content: bytes, folder: Path) -> None:
    """Pictures alone, under their own two last folders; anything else is left in the ZIP."""
    hint = "Pack folders named after the expressions, with pictures in them."
    try:
        packed = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile as error:
        raise DataError("The dropped file is no ZIP archive.", hint) from error
    with packed:
        members = [
            one
            for one in packed.infolist()
            if PurePosixPath(one.filename).suffix.lower() in (".png", ".jpg", ".jpeg", ".webp")
            and not one.is_dir()
        ]
        if len(members) > MOST_MEMBERS or sum(one.file_size for one in members) > MOST_BYTES:
            raise DataError("The ZIP holds more than 400 MB.", "Unpack it and name its folder.")
        for one in members:
            parts = [part for part in PurePosixPath(one.filename).parts if part not in ("..", "/")]
            if len(parts) < 2:
                continue
            target = folder.joinpath(*parts[-3:])
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(packed.read(one))
    if not folder.exists():
        raise DataError("The ZIP holds no pictures in folders.", hint)
