"""A batch on Spark: the same timelines as without it, with the parts of a film put together."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import av
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from fer_core.batch import pieces
from fer_core.batch.cluster import Cluster, ClusterBatch
from fer_core.batch.pieces import Asked, Piece, SharedRecording, analyse_piece, longer
from fer_core.batch.plan import make_plan
from fer_core.batch.run import Outcome, settled
from fer_core.batch.sources import Recording
from fer_core.errors import VideoError
from fer_core.home import Home
from fer_core.jobs.analysis import analyse_file
from fer_core.jobs.analysis_spec import AnalysisSpec
from fer_core.pipeline import Networks
from fer_core.storage import open_store
from fer_core.storage.timeline.session_file import SessionSummary
from fer_core.storage.timeline.shards import read_frames, read_shards
from fer_core.types import AnalysisSettings
from fer_core.video import Decoder, Part, divide
from tests.needed import need_java
from tests.networks import with_networks

SETTINGS = AnalysisSettings(fps=2)
#: Jobs give way to pages; beside other tests this one would wait for all of them.
WORKER = (sys.executable, "-c", "import os, fer_core.jobs.worker as w; os.nice = abs; w.main()")


def twice(clip: Path, path: Path) -> Path:
    """A film of a clip shown two times, its packets as they are."""
    with av.open(str(path), "w") as out:
        target, begins = None, 0
        for _ in range(2):
            with av.open(str(clip)) as source:
                stream = source.streams.video[0]
                target = target or out.add_stream_from_template(stream)
                packets = [packet for packet in source.demux(stream) if packet.dts is not None]
            length = max((packet.pts or 0) + (packet.duration or 0) for packet in packets)
            for packet in packets:
                packet.pts, packet.dts = (packet.pts or 0) + begins, (packet.dts or 0) + begins
                packet.stream = target
                out.mux(packet)
            begins += length
    return path


@pytest.fixture(scope="module")
def films(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return [sample, twice(sample, tmp_path_factory.mktemp("films") / "film.mp4")]


def test_the_parts_of_a_film_have_its_very_frames(films: list[Path]) -> None:
    def frames(part: Part | None = None) -> list[tuple[int, int, int]]:
        with Decoder(films[1], fps=10, part=part) as decoder:
            return [(one.index, one.t_ms, int(one.grey.sum())) for one in decoder]

    whole = frames()
    parts = divide(films[1], 6_000, 2_000, 10)
    assert len(parts) == 4
    assert [part.own for part in parts[1:]] == [part.end for part in parts[:-1]]
    for part in parts:
        assert part.key_frame <= part.begin <= part.own < part.end
        assert frames(part) == [one for one in whole if part.begin <= one[0] < part.end]
    assert sum(part.key_frame > 0 for part in parts) >= 2  # else nothing was entered
    assert divide(films[0], 60_000, 2_000) == ()  # too short


@pytest.mark.slow
def test_clips_and_a_divided_film_are_as_analysed_in_one_process(
    films: list[Path], tmp_path: Path, face_networks: Path
) -> None:
    need_java()
    home = with_networks(Home(tmp_path / "home"), face_networks)
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"no film")
    cluster = Cluster("local[2]", home.spark, 12_000)
    ended: list[Outcome] = []
    with open_store(home) as store:
        steps = make_plan(store, [Recording(path) for path in [*films, bad]], SETTINGS)
        batch = ClusterBatch(store, steps, cluster, WORKER)
        asked = SharedRecording(home.spark / str(batch.steps[1].session_id)).asked()
        assert asked is not None
        assert len(asked.pieces) == 2
        batch.run(threading.Event(), lambda _: None, ended.append)
        store.sync()
        [job] = store.jobs.list(kind="spark")
        kept = store.frame(
            "SELECT session_id, count(*) AS n, count(DISTINCT (frame, viewer)) AS m "
            "FROM timeline GROUP BY ALL"
        )
        again = ClusterBatch(
            store, make_plan(store, [Recording(path) for path in films], SETTINGS), cluster
        )
        assert [one.status for one in settled(store, again.steps)] == ["known", "known"]
    by_path = {one.step.recording.path: one for one in ended}
    assert {path: one.status for path, one in by_path.items()} == {
        films[0]: "done", films[1]: "done", bad: "failed",
    }, job.error  # fmt: skip
    assert "not a video" in str(by_path[bad].error)
    alone, networks = Home(tmp_path / "alone"), Networks(home)
    for path in films:
        one = by_path[path]
        spec = AnalysisSpec.new(path, SETTINGS)
        summary = analyse_file(alone, spec, lambda *_: None, lambda: False, networks=networks)
        assert one.summary is not None
        assert {**summary.to_json(), "fps": 0} == {**one.summary.to_json(), "fps": 0}
        wanted = rows(alone, spec.session_id)
        found = rows(home, str(one.step.session_id))
        assert found[0].equals(wanted[0])
        assert found[1].equals(wanted[1])
        counted = kept[kept["session_id"] == one.step.session_id].iloc[0]
        assert (counted["n"], counted["m"]) == (wanted[0].num_rows, wanted[0].num_rows)
    assert [path.name for path in home.spark.iterdir() if path.name.startswith("s")] == [
        str(by_path[bad].step.session_id)
    ]


def test_the_earlier_part_goes_on_to_the_rows_of_the_whole_film(
    films: list[Path], tmp_path: Path, face_networks: Path
) -> None:
    """With so few frames a second that none of it is kept in a count of fifty."""
    networks = with_networks(Home(tmp_path / "networks"), face_networks)
    spec = AnalysisSpec.new(films[1], SETTINGS)
    asked = longer(Asked.of(spec, 12_000), 1, 100)
    recording = SharedRecording(tmp_path / "shared" / spec.session_id)
    recording.ask(asked)
    assert [piece.after for piece in asked.pieces] == [None, "part-000000000", None]
    for piece in asked.pieces[:2]:
        analyse_piece(recording, piece.name, networks)
        assert recording.error(piece) is None
    alone = Home(tmp_path / "alone")
    analyse_file(alone, spec, lambda *_: None, lambda: False, networks=Networks(networks))
    part = asked.pieces[1].part
    assert part is not None
    more, whole = (
        rows(recording.home(asked.pieces[1]), spec.session_id),
        rows(alone, spec.session_id),
    )
    for found, wanted in zip(more, whole):
        own = between(found, part)
        assert own.num_rows >= 8
        assert own.equals(between(wanted, part))


def between(table: pa.Table, part: Part) -> pa.Table:
    """The rows that are this part's own."""
    frame = table["frame"]
    return table.filter(pc.and_(pc.greater_equal(frame, part.own), pc.less(frame, part.end)))


def rows(home: Home, session_id: str) -> tuple[pa.Table, pa.Table]:
    """A session's timeline and frames, without its id."""
    tables = read_shards(home, session_id), read_frames(home, session_id)
    return tables[0].drop_columns("session_id"), tables[1].drop_columns("session_id")


# -- work that is lost, done twice, or cannot be done -----------------------------------------


@pytest.fixture
def recording(tmp_path: Path) -> SharedRecording:
    spec = AnalysisSpec.new(tmp_path / "a.mp4")
    found = SharedRecording(tmp_path / spec.session_id)
    found.ask(Asked(spec))
    return found


def stand_in(monkeypatch: pytest.MonkeyPatch, meanwhile: object = None, error: str = "") -> None:
    def analyse(home: Home, spec: AnalysisSpec, *_: object, **__: object) -> SessionSummary:
        if error:
            raise VideoError(error)
        (home.session(spec.session_id)).mkdir(parents=True)
        (home.session(spec.session_id) / "by").write_text(home.root.name)
        if callable(meanwhile):
            meanwhile()
        return SessionSummary(frames=3)

    monkeypatch.setattr(pieces, "analyse_file", analyse)


WHOLE = Piece("whole")


def test_what_two_workers_did_is_there_once(
    recording: SharedRecording, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_in(monkeypatch)
    stand_in(monkeypatch, lambda: other())

    def other() -> None:
        stand_in(monkeypatch)
        assert analyse_piece(recording, "whole", Home(tmp_path)) == 3

    assert analyse_piece(recording, "whole", Home(tmp_path)) == 3
    assert not list(recording.path.glob("attempt-*"))
    assert recording.is_done(WHOLE)
    assert analyse_piece(recording, "whole", Home(tmp_path)) == 0  # nothing is left to do


def test_a_film_that_ends_every_worker_is_given_up(
    recording: SharedRecording, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def die() -> None:
        raise SystemExit

    stand_in(monkeypatch, die)
    for _ in range(pieces.MOST_ATTEMPTS):
        with pytest.raises(SystemExit):
            analyse_piece(recording, "whole", Home(tmp_path))
        assert not recording.is_done(WHOLE)
    analyse_piece(recording, "whole", Home(tmp_path))
    assert "died 5 times" in str(recording.error(WHOLE))


def test_a_film_that_cannot_be_read_says_why_and_may_be_tried_again(
    recording: SharedRecording, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_in(monkeypatch, error="no film")
    analyse_piece(recording, "whole", Home(tmp_path))
    assert "no film" in str(recording.error(WHOLE))
    recording.drop(WHOLE)
    stand_in(monkeypatch)
    assert analyse_piece(recording, "whole", Home(tmp_path)) == 3
    assert recording.error(WHOLE) is None
