"""The job of kind ``clip``: its film lies in the job's own folder and goes with it."""

from __future__ import annotations

from pathlib import Path

from fer_core.clips.render import render
from fer_core.clips.spec import ClipSpec
from fer_core.errors import Cancelled
from fer_core.files import JsonObject, replacing
from fer_core.home import Home
from fer_core.jobs.folder import JobFolder
from fer_core.jobs.kinds import Progress
from fer_core.storage import Store, open_store
from fer_core.storage.jobs import AddJob

KIND = "clip"


def enqueue_clip(store: Store, spec: ClipSpec, title: str) -> str:
    """Queue a clip; the job's id. What cannot be made is refused at once."""
    spec = spec.checked()
    if spec.session is not None:
        store.sessions.get(spec.session)
    if spec.study is not None:
        store.studies.get(spec.study)
    return store.run(
        AddJob(kind=KIND, spec=spec.to_json(), title=title[:200], session_id=spec.session)
    )


def clip_path(home: Home, job_id: str, form: str = "mp4") -> Path:
    """Where a job's clip lies when it is done."""
    return JobFolder.of(home, job_id).path / f"clip.{form}"


def run_job(home: Home, spec: JsonObject, progress: Progress) -> JsonObject:
    """Render the clip of the spec."""

    def tell(done: int, total: int) -> None:
        if progress.should_stop():
            raise Cancelled
        progress(done, total, "Rendering")

    wanted = ClipSpec.from_json(spec)
    progress(0, None, "Reading the numbers")
    target = clip_path(home, progress.job_id, wanted.form)
    with open_store(home, look_after=False) as store, replacing(target) as part:
        made = render(store, wanted, part, tell)
    return {"frames": made.frames, "length_ms": made.length_ms, "doubtful": made.doubtful}
