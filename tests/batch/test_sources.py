"""Which recordings a batch is of, and what a list says of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from fer_core.batch.sources import Recording, list_recordings
from fer_core.errors import DataError, VideoError

NOTHING = Recording(Path())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.mp4", "a.MOV", ".hidden.mp4", "notes.md", "deep/c.webm"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    return tmp_path


def names(*sources: str | Path) -> list[str]:
    return [one.path.name for one in list_recordings(list(map(str, sources)), NOTHING).recordings]


def test_folders_files_and_patterns_give_each_recording_once(folder: Path) -> None:
    assert names(folder) == ["a.MOV", "b.mp4", "c.webm"]
    assert names(folder / "*.mp4") == ["b.mp4"]
    assert names(folder / "**" / "*.webm") == ["c.webm"]
    assert names(folder / "b.mp4", folder) == ["b.mp4", "a.MOV", "c.webm"]
    for wrong in (folder / "gone.mp4", folder / "*.avi", folder / "deep" / "nothing"):
        with pytest.raises(VideoError):
            names(wrong)


def test_a_list_says_where_each_belongs_and_bad_rows_are_named_by_line(folder: Path) -> None:
    (folder / "clips.csv").write_text(
        "File;Study;Stimulus;Participant;Group;Offset;Tags\n"
        "b.mp4;Spring spot;Spot 3;R07;A;0:01.5;pilot, late\n"
        ";;;;;;\n"
        "gone.mp4;Spring spot;;;;;\n"
        "a.MOV;;;;;soon;\n"
        ";Spring spot;;;;;\n"
        "b.mp4;Other;;;;;\n"
        "deep/c.webm;;;;;-2;\n"
    )
    found = list_recordings(
        [str(folder / "clips.csv")], Recording(Path(), study="Else", tags=("x",))
    )
    assert found.recordings == [
        Recording(folder / "b.mp4", "Spring spot", "Spot 3", "R07", "A", 1500, ("pilot", "late")),
        Recording(folder / "deep" / "c.webm", "Else", offset_ms=-2000, tags=("x",)),
    ]
    where = [problem.partition(":")[0] for problem in found.problems]
    assert where == [f"clips.csv, line {line}" for line in (4, 5, 6, 7)]
    assert "line 2" in found.problems[-1], "the row that named it first"


def test_a_text_file_names_a_recording_a_line(folder: Path) -> None:
    (folder / "list.txt").write_text("# festival\nb.mp4\n\ndeep/c.webm\ngone.mp4\n")
    found = list_recordings([str(folder / "list.txt")], NOTHING)
    assert [one.path.name for one in found.recordings] == ["b.mp4", "c.webm"]
    assert found.problems == ["list.txt, line 5: there is no file gone.mp4."]


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"respondent,condition\nR1,A\n", b"path\n", b"\x00,\x00"]
)
def test_what_is_no_list_is_refused(folder: Path, content: bytes) -> None:
    (folder / "clips.csv").write_bytes(content)
    with pytest.raises(DataError):
        list_recordings([str(folder / "clips.csv")], NOTHING)
