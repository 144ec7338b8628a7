from collections.abc import Iterator

import pytest

from fer_core.errors import SettingsError, StoreError
from fer_core.home import Home
from fer_core.storage import ShardWriter, Store, open_store
from fer_core.storage.settings import SetSetting
from fer_core.storage.timeline.queries import Film
from tests.storage.rows import record, result, say


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Sessions of 2, 4 and 6 seconds with 1, 2 and 3 viewers; read by several tests."""
    home = Home(tmp_path_factory.mktemp("three"))
    for n in (1, 2, 3):
        record(
            home, f"s{n}", 50 * n, viewers=tuple(range(n)), name=f"Clip {n}", digest=f"d{n % 2}",
            created=1000.0 * n, kind="live" if n == 3 else "file", tags=["lab"] if n == 2 else [],
        )  # fmt: skip
    with open_store(home, look_after=False) as store:
        store.sync()
        yield store


def test_an_empty_store_answers_everything(store: Store) -> None:
    overview = store.sessions.overview()
    assert (overview.sessions, overview.viewers, overview.hours) == (0, 0, 0.0)
    assert overview.engagement is None
    assert store.sessions.list().empty
    assert len(store.sessions.list().columns) > 5
    for subject in (store.jobs, store.studies, store.models, store.training_runs, store.labels,
                    store.evaluations):  # fmt: skip
        assert subject.list() == []
    assert store.studies.stimuli() == store.respondents.links("y") == store.markers.list() == []
    assert store.settings.get("x", 5) == 5
    with pytest.raises(StoreError, match="no session 'nope'"):
        store.sessions.get("nope")


def test_the_overview_adds_up(three: Store) -> None:
    overview = three.sessions.overview()
    assert overview.sessions == overview.done == 3
    assert overview.viewers == 6
    assert overview.frames == 300
    assert overview.faces == 50 + 200 + 450
    assert overview.engagement == pytest.approx(60)
    assert overview.hours == pytest.approx((1.96 + 3.96 + 5.96) / 3600)


def test_sessions_come_newest_first_and_can_be_searched_and_paged(three: Store) -> None:
    assert three.sessions.list()["session_id"].tolist() == ["s3", "s2", "s1"]
    assert three.sessions.list(sort="name", limit=1, offset=1)["name"].tolist() == ["Clip 2"]
    assert three.sessions.list(search="CLIP 1")["session_id"].tolist() == ["s1"]
    assert three.sessions.list(search="lab")["session_id"].tolist() == ["s2"]
    assert three.sessions.list(search="100%_")["session_id"].tolist() == []
    assert three.sessions.list(kind="live")["session_id"].tolist() == ["s3"]
    assert three.sessions.count(kind="file") == 2
    assert [one.session_id for one in three.sessions.of_films(["d1"])] == ["s3", "s1"]
    with pytest.raises(StoreError, match="cannot be sorted"):
        three.sessions.list(sort="1; DROP TABLE sessions")


def test_the_timeline_can_be_cut_to_columns_viewers_and_a_span(three: Store) -> None:
    part = three.timeline.rows(
        "s3", columns=["t_ms", "viewer", "p_happy"], viewers=[0, 2], from_ms=400, to_ms=800
    )
    assert list(part.columns) == ["t_ms", "viewer", "p_happy"]
    assert sorted(part["viewer"].unique()) == [0, 2]
    assert (part["t_ms"].min(), part["t_ms"].max()) == (400, 760)
    assert len(part) == 20
    with pytest.raises(StoreError, match="no column"):
        three.timeline.rows("s3", columns=["1; DROP TABLE timeline"])


def test_curves_of_many_studies_come_from_one_query(home: Home, store: Store) -> None:
    say(home, "s1", status="done")
    writer = ShardWriter(home, "s1")
    for frame in range(100):
        writer.add(result(frame, engagement=20.0 * (frame // 25)))
    writer.flush({})
    record(home, "s2", 25)
    store.sync()
    films = [Film(("s1",), 3), Film(("s1", "s2"), 0), Film(("s9",), 3)]
    table = store.timeline.audience_means(films, "engagement")
    assert table["film"].tolist() == [0, 0, 0, 0, 1]
    assert table["mean"].tolist() == [0.0, 20.0, 40.0, 60.0, 30.0]
    assert table["n"].tolist() == [1, 1, 1, 1, 2]
    with pytest.raises(SettingsError, match="has no curve"):
        store.timeline.audience_means(films, "x) FROM sessions --")


def test_viewers_have_their_spans_and_shares(three: Store) -> None:
    viewers = three.timeline.viewers("s2")
    assert viewers["viewer"].tolist() == [0, 1]
    assert viewers["rows"].tolist() == [100, 100]
    assert viewers["usable_share"].tolist() == [1.0, 1.0]
    assert viewers["engagement"].tolist() == pytest.approx([60, 60])


def test_a_studys_seconds_run_on_the_stimulus_clock(home: Home, store: Store) -> None:
    record(home, "s1", 100, study="Ad", stimulus="Film", condition="A", respondent="r1")
    record(home, "s2", 100, study="Ad", stimulus="Film", condition="B", offset_ms=2000)
    record(home, "s3", 100)
    store.sync()
    study_id = store.studies.get("Ad").study_id
    seconds = store.studies.seconds(study_id, "engagement")
    assert seconds.loc[seconds["session_id"] == "s1", "second"].tolist() == [0, 1, 2, 3]
    assert seconds.loc[seconds["session_id"] == "s2", "second"].tolist() == [-2, -1, 0, 1]
    assert set(seconds["condition"]) == {"A", "B"}
    assert store.sessions.list(study_id=study_id, condition="B")["session_id"].tolist() == ["s2"]
    assert [stimulus.sessions for stimulus in store.studies.stimuli(study_id)] == [2]


def test_settings_are_values_of_any_kind(store: Store) -> None:
    for value in ("text", 4.5, True, ["a", {"b": None}]):
        store.run(SetSetting(name="k", value=value))
        assert store.settings.get("k") == value
    assert store.settings.get("k") == ["a", {"b": None}]
    store.run(SetSetting(name="k", value=None))
    assert store.settings.get("k", "gone") == "gone"


def test_integrity_names_what_is_wrong(home: Home, store: Store) -> None:
    record(home, "s1", 10)
    store.sync()
    assert all(check.ok for check in store.checks.integrity())
    with store.transaction() as cursor:
        cursor.execute("INSERT INTO frames VALUES ('s1', 0, 0, 1), ('lost', 0, 0, 1)")
    wrong = [check.name for check in store.checks.integrity() if not check.ok]
    assert wrong == ["rows without a session", "frames counted once"]
