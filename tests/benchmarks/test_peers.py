"""docs/benchmarks/peers.md says what the rows say, and the rows what the systems answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers.measure import answer
from benchmarks.peers.page import PAGE, as_page, percent
from benchmarks.peers.published import PUBLISHED, SINGLE_FACE
from benchmarks.peers.rows import NO_FACE, Accuracy, Rows, WrongRow, check, read_rows, write_rows
from benchmarks.peers.sets import NOT_COUNTED, TOTALS, LabelledSet, labelled_sets
from benchmarks.peers.systems import ACCURACY, RAPT, SYSTEMS, System
from fer_core.home import Home
from fer_core.labels import EMOTIONS
from tests.networks import with_networks

#: A network's rounding differs a little between processors; a wrong row differs far more.
SAME = 0.95
#: What is read anew, and each how many-th picture of it.
SAMPLED = [
    (system, name)
    for name in ("publictest", "wild_faces")
    for system in ACCURACY
    if system.photographs or name == "publictest"
]
EACH = 60


@pytest.fixture(scope="module")
def rows() -> Rows:
    return read_rows()


@pytest.fixture(scope="module")
def sets(shared: Path) -> dict[str, LabelledSet]:
    return labelled_sets(shared)


def test_every_row_fits_itself(rows: Rows) -> None:
    assert {row.set for row in rows.accuracy if row.system == RAPT.name} == set(TOTALS)
    check(rows)


def test_the_page_is_what_the_rows_say(rows: Rows) -> None:
    assert PAGE.read_text("utf-8") == as_page(rows)


def test_rows_are_read_back_as_they_were_written(rows: Rows, tmp_path: Path) -> None:
    write_rows(rows, tmp_path / "rows.json")
    assert read_rows(tmp_path / "rows.json") == rows


def test_every_peer_has_a_word_for_each_emotion() -> None:
    for system in SYSTEMS.values():
        assert sorted(system.words.values()) == sorted(EMOTIONS)


def test_every_published_figure_says_where_it_stands_and_what_to_bear_in_mind() -> None:
    for one in (*PUBLISHED, *SINGLE_FACE):
        assert one.source.startswith("https://")
        assert one.caveat


@pytest.mark.shared
def test_rows_count_the_answers_that_they_hold(rows: Rows, sets: dict[str, LabelledSet]) -> None:
    check(rows, sets)
    for name, pictures in sets.items():
        labels = pictures.truth[pictures.truth != NOT_COUNTED]
        assert tuple(np.bincount(labels, minlength=len(EMOTIONS))) == TOTALS[name]


@pytest.mark.shared
def test_the_page_shows_the_share_of_right_answers(
    rows: Rows, sets: dict[str, LabelledSet]
) -> None:
    page = PAGE.read_text("utf-8").splitlines()
    for row in rows.accuracy:
        truth = sets[row.set].each(row.every).truth
        right = [said == str(label) for said, label in zip(row.answers, truth)]
        share = percent(sum(right) / int((truth != NOT_COUNTED).sum()))
        assert any(SYSTEMS[row.system].title in line and share in line for line in page)


def first(rows: Rows) -> Accuracy:
    return next(row for row in rows.accuracy if row.set == "publictest")


def another_answer(row: Accuracy) -> Accuracy:
    letter = "0" if row.answers[0] != "0" else "1"
    return replace(row, answers=letter + row.answers[1:])


def a_better_count(row: Accuracy) -> Accuracy:
    """One wrong answer passed for a right one."""
    counts = [list(line) for line in row.counts]
    counts[3][3] += 1
    counts[3][next(k for k in range(7) if k != 3 and counts[3][k])] -= 1
    return replace(row, counts=counts)


def fewer_faces(row: Accuracy) -> Accuracy:
    counts = [list(line) for line in row.counts]
    counts[0][0] -= 1
    return replace(row, counts=counts)


def a_face_less_found(row: Accuracy) -> Accuracy:
    return replace(row, answers=NO_FACE + row.answers[1:])


def another_interval(row: Accuracy) -> Accuracy:
    return replace(row, interval=[0.9, 0.95])


@pytest.mark.parametrize(
    "plant", [another_answer, a_better_count, fewer_faces, a_face_less_found, another_interval]
)
def test_a_planted_wrong_row_is_refused(rows: Rows, plant: Callable[[Accuracy], Accuracy]) -> None:
    with pytest.raises(WrongRow):
        check(rows.with_accuracy(plant(first(rows))))


@pytest.mark.shared
def test_answers_that_change_places_are_refused_by_the_labels(
    rows: Rows, sets: dict[str, LabelledSet]
) -> None:
    """Wrong though every sum is right: two answers swapped, and the counts left as they were."""
    row, truth = first(rows), sets["publictest"].truth
    one = next(k for k, said in enumerate(row.answers) if said == str(truth[k]))
    two = next(k for k, said in enumerate(row.answers) if said != row.answers[one])
    said = list(row.answers)
    said[one], said[two] = said[two], said[one]
    with pytest.raises(WrongRow, match="other counts"):
        check(rows.with_accuracy(replace(row, answers="".join(said))), sets)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("system", "name"), SAMPLED, ids=[f"{system.name}-{name}" for system, name in SAMPLED]
)
def test_a_sample_measured_again_gives_the_answers_of_the_rows(
    system: System,
    name: str,
    rows: Rows,
    sets: dict[str, LabelledSet],
    home: Home,
    face_networks: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = rows.of(name).get(system.name)
    if not system.there:
        pytest.skip(f"{system.name} has no environment on this machine")
    if row is None:
        assert system is not RAPT, "our own answers are always there to be measured again"
        pytest.skip(f"{system.name} has not been measured on {name}")
    monkeypatch.setenv("RAPT_HOME", str(with_networks(home, face_networks).root))
    some = sets[name].each(row.every * EACH)
    now, _ = answer(system, some, row.border)
    before = row.answers[::EACH]
    assert len(now) == len(before)
    assert sum(a == b for a, b in zip(now, before)) >= SAME * len(now)
