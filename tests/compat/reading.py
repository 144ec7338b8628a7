"""Unpacks the home of version 0.1 and reads everything that it shows.

    python -m tests.compat.reading      writes home-0.1.expected.json

The expected values were written so at commit 29f85ec, by the code that made the home. They
are not to be written again by later code: a difference that is meant stands in `CHANGES` of
the test, with its reason.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, urlencode, urlsplit

import duckdb
import pyarrow.parquet as pq

from tests.compat import content
from tests.compat.readers import Answer, Reader, opened

FOLDER = Path(__file__).resolve().parent
ARCHIVE = FOLDER / "home-0.1.tar.xz"
EXPECTED = FOLDER / "home-0.1.expected.json"
#: Where the home lay when it was made: the store names films and models by this path.
MADE_AT = "/tmp/rapt-home-0.1/home"

#: What changes when a home is opened again: the moment of the opening.
MOMENTS = {"updated", "source_ns", "taken", "made"}
#: Down to here the expected file has a line for each value.
DEEP = 3
TABLES = (
    "studies", "conditions", "stimuli", "sessions", "frames", "timeline", "seconds", "markers",
    "viewer_edits", "viewers", "exclusions", "jobs", "models", "training_runs", "epochs",
    "evaluations", "predictions", "labels", "settings", "ingested", "orders", "deletions",
    "links", "responses",
)  # fmt: skip
PAGES = (
    "", "analyze", "live", "sessions", "studies", "models", "data", "label", "train", "compare",
    "mistakes", "inside", "connection", "session", "replay", "study", "model",
)  # fmt: skip
#: Rows that the opening itself made, from the inbox, have new keys and moments.
NEW = {"markers": {"marker_id", "created"}, "orders": {"result"}}


def unpack(folder: Path) -> Path:
    """The home in a folder of its own, its paths made those of the new place."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    root = folder / "home"
    for pattern in ("*/*/*.json", "*/*.json"):
        for path in root.glob(pattern):
            text = path.read_text("utf-8")
            if MADE_AT in text:
                times = path.stat()
                path.write_text(text.replace(MADE_AT, str(root)), "utf-8")
                os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    with duckdb.connect(str(root / "rapt.duckdb")) as store:
        texts = store.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE data_type = 'VARCHAR' AND table_name NOT IN ('timeline', 'seconds')"
        ).fetchall()
        for table, column in texts:
            store.execute(
                f"UPDATE {table} SET {column} = replace({column}, $1, $2) "
                f"WHERE contains({column}, $1)",
                [MADE_AT, str(root)],
            )
    return root


def read(root: Path, addresses: list[str] | None = None) -> dict[str, Any]:
    """Everything, by room and name. The addresses are found where none are given."""
    with _surroundings(root), opened(root) as reader:
        found: dict[str, Any] = {"tables": dict(_tables(reader, str(root)))}
        addresses = addresses or list(all_addresses(reader))
        found["addresses"] = addresses
        found["commands"] = dict(_commands(reader, str(root)))
        found["pages"], links = _pages(reader, addresses, str(root))
        found["routes"] = dict(_routes(reader, links, str(root)))
    return json.loads(json.dumps(found))


@contextlib.contextmanager
def _surroundings(root: Path) -> Iterator[None]:
    """The home is found and moments are told as they were when the expected values were read."""
    try:
        with patch.dict(os.environ, RAPT_HOME=str(root), TZ="UTC"):
            time.tzset()
            yield
    finally:
        time.tzset()


def _tables(reader: Reader, root: str) -> Iterator[tuple[str, Any]]:
    for name in TABLES:
        left = MOMENTS | NEW.get(name, set())
        table = reader.table(f"SELECT * FROM {name}")
        kept = [one for one in table.column_names if one not in left]
        order = ", ".join(f'"{one}"' for one in kept)
        table = reader.table(f"SELECT {order} FROM {name} ORDER BY {order}")
        yield name, content.of_table(table, root)


# -- commands -------------------------------------------------------------------------------


def _ids(reader: Reader, sql: str) -> list[Any]:
    return [row.popitem()[1] for row in reader.table(sql).to_pylist()]


def _commands(reader: Reader, root: str) -> Iterator[tuple[str, Any]]:
    asked: list[tuple[str, ...]] = [
        ("sessions", "list"),
        ("sessions", "list", "--search", "cut", "--limit", "4"),
        ("sessions", "list", "--study", "Spring spot"),
        ("sessions", "list", "--status", "failed"),
        ("models", "list"),
        ("models", "show", "spots-1"),
        ("compare", "A", "B", "--study", _demo(reader)),
        ("compare", "Long", "Short", "--study", "Spring spot"),
        ("compare", "Long", "Short", "--study", "Spring spot", "--baseline",
         "--measure", "p_happy", "--measure", "expressiveness"),
        ("compare", "Morning", "Evening", "--study", "Open day"),
        ("compare", "A", "C", "--study", _demo(reader)),
    ]  # fmt: skip
    asked += [
        ("sessions", "show", one)
        for one in _ids(reader, "SELECT session_id FROM sessions ORDER BY session_id")
        if one not in _demo_sessions(reader)[2:]
    ]
    for args in asked:
        code, out = reader.command(*args, "--json")
        answer = _without_moments(json.loads(out))
        yield " ".join(args), {"code": code, "answer": content.plain(answer, root)}
    with tempfile.TemporaryDirectory() as folder:
        yield from _reports(reader, Path(folder), root)
        yield from _exports(reader, Path(folder), root)


def _without_moments(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_moments(v) for k, v in value.items() if k not in MOMENTS}
    return [_without_moments(one) for one in value] if isinstance(value, list) else value


def _demo(reader: Reader) -> str:
    return str(_ids(reader, "SELECT name FROM studies WHERE simulated")[0])


def _demo_sessions(reader: Reader) -> list[str]:
    return _ids(
        reader, "SELECT session_id FROM sessions WHERE kind = 'demo' ORDER BY condition, session_id"
    )


def _reports(reader: Reader, folder: Path, root: str) -> Iterator[tuple[str, Any]]:
    for study, more in (
        (_demo(reader), ("--minimum", "1")),
        ("Spring spot", ("--minimum", "3", "--baseline", "--names", "--measure", "valence")),
        ("Open day", ("--no-compare",)),
    ):
        target = folder / "report.html"
        code, out = reader.command("report", study, "--out", str(target), *more, "--json")
        answer = json.loads(out)
        answer.pop("paths", None)
        page = target.read_text("utf-8") if target.exists() else ""
        data = re.search(r'id="rapt-data">(.*?)</script>', page, re.S)
        yield (
            f"report {study}",
            {
                "code": code,
                "answer": content.plain(_without_moments(answer), root),
                "text": content.of_html(page, root),
                "data": content.plain(_without_moments(json.loads(data[1])), root)
                if data
                else None,
            },
        )
        target.unlink(missing_ok=True)


def _exports(reader: Reader, folder: Path, root: str) -> Iterator[tuple[str, Any]]:
    session = "The whole room"
    studies = (_demo(reader), "Spring spot")
    for name, args in (
        *((f"{session}.{form}", (session,)) for form in ("csv", "parquet", "xlsx", "eaf", "svg")),
        ("Live in the hall.csv", ("Live in the hall",)),
        *((f"{one}.csv", ("--study", one)) for one in studies),
        ("Spring spot.xlsx", ("--study", "Spring spot")),
        ("Spring spot.eaf", ("--study", "Spring spot", "--stimulus", "Long cut")),
        ("Spring spot baseline.csv", ("--study", "Spring spot", "--baseline")),
    ):
        target = folder / f"export{Path(name).suffix}"
        code, out = reader.command("export", *args, "--out", str(target), "--json")
        answer = json.loads(out)
        answer.pop("path", None)
        yield (
            f"export {name}",
            {
                "code": code,
                "answer": content.plain(answer, root),
                "content": _exported(target, root) if target.exists() else None,
            },
        )
        target.unlink(missing_ok=True)


def _exported(path: Path, root: str) -> Any:
    if path.suffix == ".csv":
        return content.of_csv(path.read_text("utf-8"), root)
    if path.suffix == ".parquet":
        return content.of_table(pq.read_table(path), root)
    if path.suffix == ".xlsx":
        from openpyxl import load_workbook

        return {
            sheet.title: [
                content.column(list(row), root) for row in sheet.iter_cols(values_only=True)
            ]
            for sheet in load_workbook(path)
        }
    return content.of_html(re.sub(r'DATE="[^"]*"', "", path.read_text("utf-8")), root)


# -- pages ----------------------------------------------------------------------------------


def all_addresses(reader: Reader) -> Iterator[str]:
    """Every page with every parameter that its address can have."""

    def to(page: str, **query: object) -> str:
        text = urlencode({name.replace("_", "-"): str(value) for name, value in query.items()})
        return f"/{page}?{text}" if text else f"/{page}"

    for page in PAGES:
        yield to(page)
    yield to("sessions", find="cut", sort="Engagement")
    yield to("sessions", find="portrait")
    listed = _ids(reader, "SELECT session_id FROM sessions ORDER BY session_id")
    demo, spring = (
        _demo_sessions(reader),
        _ids(
            reader,
            "SELECT session_id FROM sessions WHERE study_id = (SELECT study_id FROM studies "
            "WHERE name = 'Spring spot') ORDER BY session_id",
        ),
    )
    shown = [one for one in listed if one not in (*demo[1:], *spring[2:])]
    for one in shown:
        yield to("session", id=one)
    room = _ids(reader, "SELECT session_id FROM sessions WHERE name = 'The whole room'")[0]
    portrait = _ids(reader, "SELECT session_id FROM sessions WHERE name = 'Portrait'")[0]
    for one, t in ((room, 7.5), (portrait, 2), (spring[0], 12)):
        yield to("replay", session=one, t=t)
    for study_id, name in (
        (row["study_id"], row["name"])
        for row in reader.table("SELECT study_id, name FROM studies ORDER BY name").to_pylist()
    ):
        yield to("study", id=study_id)
        yield to("compare", study=study_id)
        for view in () if name == "An empty study" else ("Sessions", "Film", "Links"):
            yield to("study", id=study_id, view=view)
        if name == "Spring spot":
            yield to("study", id=study_id, measure="Valence", minimum=3, baseline="true")
            yield to("study", id=study_id, measure="Happy", viewers="Long")
            yield to("compare", study=study_id, kind="Stimuli", measure="Attention", minimum=2,
                     baseline="true")  # fmt: skip
            yield to("compare", study=study_id, kind="Sessions", measure="Valence")
    yield to("models", view="Compare", model_a="spots-1", model_b="spots-2")
    for model in ("spots-1", "spots-2"):
        for view in ("Figures", "Training", "Card"):
            yield to("model", id=model, view=view)
    judged = "SELECT DISTINCT evaluation_id FROM predictions ORDER BY evaluation_id"
    for one in _ids(reader, judged)[:2]:
        yield to("mistakes", evaluation=one)
        yield to(
            "mistakes", evaluation=one, truth="happy", guess="angry", sure="Unsure, under 50 %"
        )
    yield to("inside", network="spots-1")
    yield to("label", session=portrait, labeller="Eva")
    for one in _ids(reader, "SELECT job_id FROM jobs WHERE kind = 'train' ORDER BY job_id"):
        yield to("train", run=one)


def _pages(
    reader: Reader, addresses: list[str], root: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """What each address shows; and the links to the app's own routes that stand on pages."""
    shown, links = {}, {}
    for address in addresses:
        parts = urlsplit(address)
        elements = reader.page(parts.path.strip("/"), dict(parse_qsl(parts.query)))
        for link in re.findall(r"/(?:clip|stimulus)/[^\"'\s\\]+", json.dumps(elements)):
            links.setdefault(content.plain_text(link, root), link)
        shown[address] = content.plain(elements, root)
    return shown, links


def _routes(reader: Reader, links: dict[str, str], root: str) -> Iterator[tuple[str, Any]]:
    """The app's own routes: recordings, films, what is drawn over them, respondents' pages."""
    with reader.server() as ask:
        for name, link in sorted(links.items()):
            if "/rows" in link:
                link = f"{link}&from=0&to=4000"
            yield name, _answer(ask(link), root)
            bare = name.split("?")[0]
            yield bare, _answer(ask(link.split("?")[0]), root)
        for token in _ids(reader, "SELECT token FROM links ORDER BY link_id"):
            yield f"/r/{token}", _answer(ask(f"/r/{token}"), root)
            page = ask(f"/r/{token}").content.decode()
            parts = [ask(one) for one in re.findall(r'(?:href|src)="(/r/[^"]+)"', page)]
            yield f"/r/{token} loads", sorted([one.status, one.kind] for one in parts)
        yield "/r/nobody", _answer(ask("/r/nobody"), root)
        yield "/upload", _answer(ask("/upload", "POST", "{}"), root)


def _answer(answer: Answer, root: str) -> dict[str, Any]:
    said: dict[str, Any] = {"status": answer.status, "type": answer.kind}
    if "json" in answer.kind:
        said["content"] = content.plain(answer.json(), root)
    elif "html" in answer.kind:
        text = answer.content.decode()
        given = re.findall(r"<script[^>]*json[^>]*>(.*?)</script>", text, re.S)
        said["content"] = [content.of_html(text, root), *map(json.loads, given)]
    else:
        said["content"] = content.digest(answer.content)
    return said


def written(found: dict[str, Any]) -> str:
    """JSON with a line for each value of a page, a table or a command."""

    def lines(value: Any, depth: int) -> str:
        pad, end = "\n" + " " * depth, "\n" + " " * (depth - 1)
        if depth <= DEEP and isinstance(value, dict) and value:
            parts = [f"{json.dumps(k)}: {lines(value[k], depth + 1)}" for k in sorted(value)]
            return "{" + pad + ("," + pad).join(parts) + end + "}"
        if depth <= DEEP and isinstance(value, list) and value:
            return "[" + pad + ("," + pad).join(lines(one, depth + 1) for one in value) + end + "]"
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    return lines(found, 1) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        found = read(unpack(Path(made)))
    Path(sys.argv[1] if sys.argv[1:] else EXPECTED).write_text(written(found), "utf-8")
