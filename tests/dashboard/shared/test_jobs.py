"""The queue as pages show it."""

from __future__ import annotations

from dashboard.shared.queue import jobs
from dashboard.shared.queue.batches import board
from fer_core.storage import Store
from fer_core.storage.jobs import AddJob, UpdateJob
from fer_core.types import JobStatus


def add(store: Store, title: str) -> str:
    return store.run(AddJob(kind="analyze", title=title, spec={"path": f"/{title}"}))


def test_the_queue_says_how_far_each_is_and_for_what_it_waits(store: Store) -> None:
    first, second, third = (add(store, name) for name in ("one", "two", "three"))
    store.run(UpdateJob(job_id=first, status=JobStatus.RUNNING))
    store.run(UpdateJob(job_id=first, fields={"done": 30.0, "total": 120.0, "rate": 15.0}))
    under_way = jobs.active(store)
    assert [job.job_id for job in under_way] == [first, second, third]
    assert [job.waits_for for job in under_way] == [0, 0, 1]
    assert under_way[0].share == 0.25
    assert under_way[1].share is None
    store.run(UpdateJob(job_id=first, status=JobStatus.FAILED, fields={"error": "It broke."}))
    now = board(store)
    assert [job.job_id for job in now.waiting] == [second, third]
    over = [(job.job_id, job.error, job.resumes) for job in now.over]
    assert over == [(first, "It broke.", False)]
    jobs.resume(store, first)
    assert not jobs.over(store)
    jobs.cancel(store, second)
    assert [job.status for job in jobs.over(store)] == ["cancelled"]
    jobs.dismiss(store, second)
    assert not jobs.over(store)


def test_an_error_names_the_recording_and_not_where_it_lies_on_the_server(store: Store) -> None:
    spec = {"path": "/srv/home/uploads/0f3a/clip.mp4"}
    job_id = store.run(AddJob(kind="analyze", title="clip", spec=spec))
    error = "There is no file /srv/home/uploads/0f3a/clip.mp4. Check its name."
    store.run(UpdateJob(job_id=job_id, status=JobStatus.FAILED, fields={"error": error}))
    assert [job.error for job in jobs.over(store)] == ["There is no file clip.mp4. Check its name."]


def test_a_batch_on_a_cluster_is_one_row_with_its_bar(store: Store) -> None:
    spec = {"recordings": ["s1", "s2"], "master": "spark://head:7077", "shared": "/mnt/rapt"}
    title = "2 recordings on spark://head:7077"
    job_id = store.run(AddJob(kind="spark", title=title, spec=spec))
    store.run(UpdateJob(job_id=job_id, status=JobStatus.RUNNING))
    store.run(UpdateJob(job_id=job_id, fields={"done": 900.0, "total": 3600.0, "rate": 90.0}))
    [row] = jobs.active(store)
    assert (row.name, row.share, row.rate) == (title, 0.25, 90.0)
