"""What the queries of every subject stand on: SELECTs answered as tables, rows or values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

import pandas as pd
import pyarrow as pa

from fer_core.storage.codec import Row, rows

R = TypeVar("R", bound=Row)

#: More rows than this are refused, and a query that takes longer is stopped.
ROW_CAP: Final = 2_000_000
READ_SECONDS: Final = 120.0
_FEW: Final = 100_000


@dataclass(frozen=True, slots=True)
class Query:
    """One SELECT with bound parameters (``$name``): the most rows and seconds it may take."""

    sql: str
    params: Mapping[str, object] = field(default_factory=dict)
    cap: int = ROW_CAP
    seconds: float = READ_SECONDS


_WITH: Final = re.compile(r"\s*WITH\s+(RECURSIVE\s+)?", re.I)


def names_table(sql: str, table: str) -> bool:
    """Whether a query's text has a table's name in it."""
    return re.search(rf"\b{table}\b", sql, re.I) is not None


def with_tables(sql: str, tables: Mapping[str, str]) -> str:
    """A SELECT for which each of these names stands for another SELECT."""
    if not tables:
        return sql
    before = _WITH.match(sql)
    rest = sql[before.end() :] if before else sql
    recursive = "RECURSIVE " if before and before.group(1) else ""
    made = ", ".join(f"{name} AS NOT MATERIALIZED ({text})" for name, text in tables.items())
    return f"WITH {recursive}{made}{', ' if before else ' '}{rest}"


class Source(Protocol):
    """Who answers a query: the store."""

    def select(self, query: Query) -> pa.Table:
        """The rows."""

    def kept(self, query: Query, kind: type[R]) -> tuple[R, ...]:
        """Each row as a ``kind``, read once until a table changes that the query names."""


class Queries:
    """The base of every subject's queries."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def _frame(self, sql: str, /, **params: object) -> pd.DataFrame:
        """The rows as a DataFrame, for tables that travel far."""
        found: pd.DataFrame = self._source.select(Query(sql, params)).to_pandas()
        return found

    def _all(self, kind: type[R], sql: str, /, **params: object) -> list[R]:
        """At most a hundred thousand rows, each as a ``kind``."""
        return rows(kind, self._source.select(Query(sql, params, cap=_FEW)))

    def _first(self, kind: type[R], sql: str, /, **params: object) -> R | None:
        """The first row, or None."""
        return next(iter(self._all(kind, sql, **params)), None)

    def _kept(self, kind: type[R], sql: str, /, **params: object) -> R | None:
        """The same, of what many ask for again and again; it may name tables of few changes."""
        return next(iter(self._source.kept(Query(sql, params, cap=_FEW), kind)), None)

    def _value(self, sql: str, /, **params: object) -> Any:
        """The first column of the first row; None where there is no row."""
        found = self._source.select(Query(sql, params, cap=_FEW))
        return found.column(0)[0].as_py() if found.num_rows else None
