"""Contents as plain values that can be compared and told apart: pages, files, tables.

Numbers stay as they are, to the last digit. Left out or made equal is only what differs
between two readings of the same thing: the home's folder, the server's secret keys, and how
long ago something was.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import math
import re
from functools import cache, lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

PROJECT = str(Path(__file__).resolve().parents[2])
#: Longer columns are told by their first values, their sum and a digest.
LISTED = 24
#: Two processors may add in another order: the sixteenth digit is no difference.
DIGITS = 13

_WHEN = re.compile(r"just now|\d+ min ago|\d+ h ago|yesterday|\d{1,2} [A-Z][a-z]{2,8} \d{4}")
_KEY = re.compile(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])")
_STAMP = re.compile(r"(?<=[?&]v=)[^\"&]+")
_NUMBER = re.compile(r"[-+.:eE\d]{0,39}")
_VERSION = re.compile(r"(?<=plotly-)[0-9.]+(?=\.min)|(?<=\bRapt )\d+\.\d+\.\d+")


@lru_cache(maxsize=200_000)
def plain_text(text: str, root: str = "") -> str:
    """Text without what differs by machine and moment."""
    if _NUMBER.fullmatch(text):
        return text  # none of them can be in it, and most cells of a table are such
    for found, put in ((_WHEN, "WHEN"), (_KEY, "KEY"), (_STAMP, "STAMP"), (_VERSION, "VERSION")):
        text = found.sub(put, text)
    if root:
        text = re.sub(_as_written(root), "HOME", text)
    return text.replace(PROJECT, "PROJECT")


@cache
def _as_written(path: str) -> str:
    """A pattern for a path, also where Markdown has its signs behind a backslash."""
    return "".join(one if one.isalnum() else rf"\\?{re.escape(one)}" for one in path)


def plain(value: Any, root: str = "") -> Any:
    """JSON's values: floats to ``DIGITS`` digits, long lists of numbers as a digest."""
    if isinstance(value, dict):
        if {"dtype", "bdata"} <= set(value):  # an array in a figure of Plotly
            array = np.frombuffer(base64.b64decode(value["bdata"]), np.dtype(value["dtype"]))
            return plain(array.tolist(), root)
        return {plain_text(str(key), root): plain(one, root) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return column(list(value), root)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return number(float(value))
    if isinstance(value, np.ndarray):
        return column(value.tolist(), root)
    return plain_text(str(value), root)


def number(value: float) -> float | str:
    if math.isnan(value) or math.isinf(value):
        return str(value)
    if value.is_integer() and abs(value) < 1e15:
        return int(value)  # JSON knows one kind of number
    return float(f"{value:.{DIGITS}g}")


def column(values: list[Any], root: str = "") -> Any:
    """A list's values; of a long one of plain values their beginning and a digest."""
    made = [plain(one, root) for one in values]
    if len(made) <= LISTED or any(isinstance(one, dict | list) for one in made):
        return made
    numbers = [one for one in made if isinstance(one, int | float)]
    return {
        "n": len(made),
        "first": made[:4],
        "sum": number(math.fsum(numbers)) if numbers else None,
        "digest": digest(json.dumps(made)),
    }


def digest(content: str | bytes) -> str:
    raw = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(raw).hexdigest()[:16]


def of_table(table: pa.Table, root: str = "") -> dict[str, Any]:
    """A table's columns by name."""
    return {
        name: column([_unpacked(one) for one in table[name].to_pylist()], root)
        for name in table.column_names
    }


def _unpacked(value: Any) -> Any:
    """JSON that lies in a text column, so that a difference is told by its key."""
    if isinstance(value, str) and value[:1] in "{[" and value[-1:] in "}]":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value.isoformat() if hasattr(value, "isoformat") else value


def of_csv(text: str, root: str = "") -> dict[str, Any]:
    rows = list(csv.reader(io.StringIO(text)))
    head, body = rows[0], rows[1:]
    return {name: column([row[i] for row in body], root) for i, name in enumerate(head)}


# -- pages ----------------------------------------------------------------------------------


class _Text(HTMLParser):
    """What can be read or heard of a piece of HTML, and the numbers that draw it."""

    SAID = ("aria-label", "title", "alt")
    DRAWN = ("d", "points", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height")

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.drawn: list[str] = []
        self._quiet = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._quiet = tag in ("style", "script")
        for name, value in attrs:
            if value and name in self.SAID:
                self.said.append(value)
            elif value and name == "style":
                self.drawn += re.findall(r"-?\d[\d.]*%", value)
            elif value and name in self.DRAWN:
                self.drawn.append(value)

    def handle_endtag(self, tag: str) -> None:
        self._quiet = False

    def handle_data(self, data: str) -> None:
        if not self._quiet and data.strip():
            self.said.append(" ".join(data.split()))


def of_html(html: str, root: str = "") -> Any:
    """The texts, and the numbers of what is drawn."""
    reader = _Text()
    reader.feed(html)
    said = [plain_text(one, root) for one in reader.said]
    drawn = column([plain_text(one, root) for one in reader.drawn])
    return {"said": said, "drawn": drawn} if reader.drawn else said


def elements(app: Any) -> list[Any]:
    """A page's elements in their order: kind, and what a person sees of each."""
    found: list[Any] = []
    for block in (app.main, app.sidebar):
        for node in block:
            said = _element(node)
            if said is not None:
                found.append(said)
    return found


def _element(node: Any) -> Any:
    kind = node.type
    proto = getattr(node, "proto", None)
    if kind == "plotly_chart":
        figure = json.loads(proto.spec)
        figure.get("layout", {}).pop("template", None)  # Plotly's own, the same in every figure
        return {"figure": figure, "said": proto.alt}
    if kind == "bidi_component":
        return _component(proto)
    if kind == "html":
        shown = of_html(proto.body)
        return {"html": shown} if shown else None
    if kind in ("arrow_data_frame", "dataframe", "table", "arrow_table"):
        return {"table": _frame(node.value)}
    if kind == "metric":
        return {"metric": [node.label, node.value, node.delta]}
    if kind in ("selectbox", "multiselect", "radio", "button_group", "segmented_control"):
        return {kind: [node.label, _value(node), list(node.options)]}
    if kind in ("title", "header", "subheader", "markdown", "caption", "text", "info",
                "warning", "error", "success", "toast", "code"):  # fmt: skip
        return {kind: node.value}
    if kind == "exception":
        return {kind: node.message}
    label = getattr(proto, "label", None)
    value = _value(node)
    return {kind: [label, value]} if label or value else None


def _value(node: Any) -> Any:
    try:
        value = node.value
    except (AttributeError, ValueError):
        return None
    return value if isinstance(value, str | int | float | bool | list | None) else str(value)


def _component(proto: Any) -> Any:
    """What a component of ours was given; what it is called is nobody's business."""
    which = proto.WhichOneof("data")
    if which is None:
        return {"component": None}
    text = proto.mixed.json if which == "mixed" else getattr(proto, which)
    try:
        return {"component": json.loads(text)}
    except (TypeError, ValueError):
        return {"component": digest(text)}


def _frame(value: Any) -> Any:
    if not isinstance(value, pd.DataFrame):
        value = getattr(value, "data", value)
    return {str(name): value[name].tolist() for name in value.columns}
