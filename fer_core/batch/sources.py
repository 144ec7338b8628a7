"""Which recordings a batch is of: files, folders, patterns, and lists that say more of each."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from fer_core.errors import DataError, SettingsError, VideoError
from fer_core.studies.csv_table import read_table
from fer_core.text import parse_clock

#: What a folder is searched for. A file that is named itself may have any ending.
ENDINGS: Final = frozenset(
    (
        *(".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".mpg", ".mpeg", ".wmv", ".flv"),
        *(".mts", ".m2ts", ".ts", ".3gp", ".ogv", ".mjpeg"),
        *(".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"),
    )
)
#: Endings of lists: a table, or a path a line.
TABLES: Final = (".csv", ".tsv")
LISTS: Final = (".txt", ".lst", ".list")
#: The columns of a table, by the names that they may have.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "path": ("path", "file", "filename", "file name", "recording", "video"),
    "study": ("study",),
    "stimulus": ("stimulus", "film", "ad"),
    "respondent": ("respondent", "participant", "viewer", "person", "subject"),
    "condition": ("condition", "group", "version", "cell"),
    "offset": ("offset", "offset_s", "starts at"),
    "tags": ("tags", "tag", "labels"),
}
NAMES: Final = ("study", "stimulus", "respondent", "condition")
#: The longest list that is read, and the longest name of anything in it.
MOST_BYTES: Final = 100_000_000
LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Recording:
    """A file, and where its session belongs."""

    path: Path
    study: str | None = None
    stimulus: str | None = None
    respondent: str | None = None
    condition: str | None = None
    offset_ms: int = 0
    tags: tuple[str, ...] = ()


@dataclass(slots=True)
class Listing:
    """The recordings, each once, and the rows of lists that cannot be used, by line."""

    recordings: list[Recording] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def list_recordings(sources: Sequence[str], otherwise: Recording) -> Listing:
    """The recordings that ``sources`` name; what none of them says is as in ``otherwise``.

    VideoError or DataError where a source cannot be read at all.
    """
    found = Listing()
    said: dict[Path, str] = {}
    for source in sources:
        for where, given in _recordings(source, otherwise):
            if isinstance(given, str):
                found.problems.append(f"{where}: {given}")
            elif given.path not in said:
                said[given.path] = where
                found.recordings.append(given)
            elif where:
                at = said[given.path] or "the command"
                found.problems.append(f"{where}: {given.path.name} is named in {at} already.")
    return found


def recordings_in(folder: Path) -> list[Path]:
    """The recordings in a folder and in those inside it, sorted; nothing hidden."""
    return sorted(
        file
        for file in folder.rglob("*")
        if file.suffix.lower() in ENDINGS and not file.name.startswith(".") and file.is_file()
    )


def _recordings(source: str, otherwise: Recording) -> Iterator[tuple[str, Recording | str]]:
    """Of one source: where each stands (its line in a list, or ""), and it or what is wrong."""
    path = Path(source).expanduser()
    if path.is_file() and path.suffix.lower() in (*TABLES, *LISTS):
        yield from _listed(path.resolve(), otherwise)
        return
    if path.is_file():
        files = [path]
    elif path.is_dir():
        files = recordings_in(path)
        if not files:
            raise VideoError(f"{path} holds no recordings.", "Name the files one by one.")
    else:
        pattern = str(path)
        files = [Path(name) for name in sorted(glob.glob(pattern, recursive=True))]
        files = [file for file in files if file.is_file()]
        if not files:
            raise VideoError(f"There is no file or folder {source}.", "Check its name.")
    for file in files:
        yield "", replace(otherwise, path=file.resolve())


def _listed(path: Path, otherwise: Recording) -> Iterator[tuple[str, Recording | str]]:
    if path.stat().st_size > MOST_BYTES:
        raise DataError(f"{path.name} is larger than {MOST_BYTES // 1_000_000} MB.", "Divide it.")
    rows = _rows(path)
    if not rows:
        raise DataError(f"{path.name} names no recording.", "Write a path in each line.")
    for line, row in rows:
        try:
            given: Recording | str = _of_row(path.parent, row, otherwise)
        except SettingsError as error:
            given = str(error)
        yield f"{path.name}, line {line}", given


def _rows(path: Path) -> Sequence[tuple[int, Mapping[str, str]]]:
    content = path.read_bytes()
    if path.suffix.lower() in LISTS:
        try:
            lines = content.decode("utf-8-sig").splitlines()
        except UnicodeDecodeError as error:
            raise DataError(f"{path.name} is not text.", "Save it in UTF-8.") from error
        named = [(n, line.strip()) for n, line in enumerate(lines, 1)]
        return [(n, {"path": line}) for n, line in named if line and not line.startswith("#")]
    table = read_table(content, COLUMNS)
    if "path" not in table.columns:
        raise DataError(
            f"{path.name} has no column «path»; it has {', '.join(table.heads) or 'none'}.",
            f"Columns are {', '.join(COLUMNS)}; only path is needed.",
        )
    return table.rows


def _of_row(folder: Path, row: Mapping[str, str], otherwise: Recording) -> Recording:
    """A row's recording; SettingsError says what is wrong with it."""
    if "path" not in row:
        raise SettingsError("it names no recording.")
    path = folder / Path(row["path"]).expanduser()
    if not path.is_file():
        raise SettingsError(f"there is no file {row['path']}.")
    names = {
        key: row[key] for key in ("study", "stimulus", "respondent", "condition") if key in row
    }
    for key, name in names.items():
        if len(name) > LONGEST_NAME:
            raise SettingsError(f"its {key} is longer than {LONGEST_NAME} characters.")
    if "offset" in row:
        text = row["offset"].removeprefix("-")
        offset_ms = parse_clock(text) * (-1 if text != row["offset"] else 1)
    else:
        offset_ms = otherwise.offset_ms
    tags = tuple(tag.strip() for tag in row.get("tags", "").replace(",", ";").split(";"))
    tags = tuple(tag[:LONGEST_NAME] for tag in tags if tag) or otherwise.tags
    return replace(otherwise, path=path.resolve(), offset_ms=offset_ms, tags=tags, **names)
