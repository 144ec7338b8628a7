"""ELAN files: held against the format's schema, and read back by another program."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from fer_core.reports.elan.eaf import Eaf, Span, Tier, runs
from fer_core.reports.elan.tiers import study_eaf
from fer_core.reports.session_export import session_eaf
from fer_core.reports.study_export import comparisons, viewers_seconds
from fer_core.storage import Store
from fer_core.studies.membership import Study

pympi = pytest.importorskip("pympi")
xmlschema = pytest.importorskip("xmlschema")


@pytest.fixture(scope="module")
def schema() -> object:
    return xmlschema.XMLSchema(Path(__file__).parent / "eaf-3.0.xsd")


def kept(file: Eaf, folder: Path, schema: object) -> pympi.Elan.Eaf:
    """The file on the disk, when the schema has accepted it."""
    path = folder / "made.eaf"
    path.write_bytes(file.content())
    schema.validate(str(path))  # type: ignore[attr-defined]
    return pympi.Elan.Eaf(str(path))


def test_what_was_written_is_read_back(tmp_path: Path, schema: object) -> None:
    film = tmp_path / "Tür & <Tor>.mp4"
    file = Eaf(
        [
            Tier("Scenes", [Span(5000, 9000, "Two"), Span(0, 5000, "One & <only> \x00")]),
            Tier("Scenes", [Span(0, 1000, "of the same name")], "R 1"),
            Tier("Markers", [Span(2000, 3000, "a"), Span(2500, 3500, "b")]),
        ],
        media=film,
        notes={"study": "«Spring» & Co"},
    )
    read = kept(file, tmp_path, schema)
    assert sorted(read.get_tier_names()) == ["Markers", "Scenes", "Scenes (2)"]
    assert read.get_annotation_data_for_tier("Scenes") == [
        (0, 5000, "One & <only> "),
        (5000, 9000, "Two"),
    ]
    # a tier has no overlaps: what reaches into the next ends there
    assert read.get_annotation_data_for_tier("Markers") == [(2000, 2500, "a"), (2500, 3500, "b")]
    assert read.get_linked_files()[0]["RELATIVE_MEDIA_URL"] == "./Tür & <Tor>.mp4"


def test_the_schema_refuses_a_file_that_is_wrong(tmp_path: Path, schema: object) -> None:
    content = Eaf([Tier("Scenes", [Span(0, 5000, "One")])]).content().decode()
    assert schema.is_valid(content)  # type: ignore[attr-defined]
    for right, wrong in (
        ('TIME_SLOT_REF2="ts2"', 'TIME_SLOT_REF2="ts9"'),
        ('TIME_VALUE="5000"', 'TIME_VALUE="-5"'),
        ('LINGUISTIC_TYPE_REF="span"', 'LINGUISTIC_TYPE_REF="none"'),
    ):
        assert right in content
        assert not schema.is_valid(content.replace(right, wrong))  # type: ignore[attr-defined]


def test_seconds_that_say_the_same_are_one_span() -> None:
    spans = runs([0, 1, 2, 3, 5], ["x", "x", None, "y", "y"], offset_ms=500)
    assert spans == [Span(500, 2500, "x"), Span(3500, 4500, "y"), Span(5500, 6500, "y")]
    assert runs([-2, 0], ["x", "x"]) == [Span(0, 1000, "x")], "ELAN has no time before 0"


def test_a_study_is_on_its_films_clock(
    store: Store, study: Study, tmp_path: Path, schema: object
) -> None:
    seconds = viewers_seconds(store, study, False)
    file = study_eaf(study, seconds, comparisons(store, study, False, 1))
    read = kept(file, tmp_path, schema)
    names = set(read.get_tier_names())
    assert {"Scenes", "Markers", "Engagement, all viewers", "Engagement, A", "Engagement, B"} <= (
        names
    )
    assert [one[2] for one in read.get_annotation_data_for_tier("Scenes")] == [
        "Opening", "Breakfast", "Product", "Turn", "Punchline", "Brand",
    ]  # fmt: skip
    found = read.get_annotation_data_for_tier("Attention differs, A and B")
    assert [(start, stop) for start, stop, _ in found] == [(12_000, 19_000)]
    assert found[0][2].startswith("higher in B, p 0.0")
    assert "SIMULATED" in names
    assert sum(name.startswith("Expression, R") for name in names) == 48
    for name in names:
        spans = sorted(read.get_annotation_data_for_tier(name))
        assert all(start < stop for start, stop, _ in spans)
        assert all(one[1] <= other[0] for one, other in pairwise(spans)), name


def test_a_minimum_group_leaves_no_tier_of_one_viewer(store: Store, study: Study) -> None:
    seconds = viewers_seconds(store, study, False)
    file = study_eaf(study, seconds, {}, minimum=5)
    assert not any(one.participant for one in file.tiers)
    assert any(one.name == "Engagement, A" for one in file.tiers)


def test_a_session_is_on_its_recordings_clock(
    store: Store, study: Study, tmp_path: Path, schema: object
) -> None:
    session_id = str(study.counted["session_id"].iloc[0])
    read = kept(session_eaf(store, session_id), tmp_path, schema)
    tier = next(name for name in read.get_tier_names() if name.startswith("Expression, "))
    seconds = store.timeline.seconds(session_id).set_index("second")
    spans = read.get_annotation_data_for_tier(tier)
    assert spans
    for start, stop, value in spans:
        inside = seconds.loc[start // 1000 : stop // 1000 - 1, "emotion"]
        assert set(inside) == {value}
    assert read.get_annotation_data_for_tier("Engagement")
