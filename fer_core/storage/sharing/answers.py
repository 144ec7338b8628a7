"""Answers that are kept: what is asked at every request and changes with a person's hand.

A link, a film's row, a setting: two hundred respondents who come within seconds ask for the same
few. Such an answer is kept until a transaction is committed that wrote to a table which the
query's text names. Nobody who asks after that hears the old one.
"""

from __future__ import annotations

import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Any, Final, TypeVar

T = TypeVar("T")

#: Answers kept at most; those that were asked for longest ago go first.
MOST_KEPT: Final = 500
#: Stands for every table: of a statement that is not known to write to one.
EVERY: Final = "*"
_WRITES: Final = re.compile(
    r"\s*(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|UPDATE|DELETE\s+FROM)\s+(\w+)\b(?!\s*\.)", re.I
)
_READS: Final = re.compile(r"\s*(?:SELECT|FROM)\b", re.I)


@lru_cache(maxsize=2000)
def written_by(sql: str) -> str | None:
    """The table that a statement writes to; ``EVERY`` where that is not plain, None: a SELECT."""
    if _READS.match(sql):
        return None
    found = _WRITES.match(sql)
    return found.group(1).lower() if found else EVERY


@lru_cache(maxsize=2000)
def _words(sql: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", sql.lower()))


class KeptAnswers:
    """The answers of one database, from any thread."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._changes: Counter[str] = Counter()
        self._kept: OrderedDict[tuple[Any, ...], tuple[frozenset[str], Any]] = OrderedDict()

    def get(self, sql: str, more: tuple[Any, ...], read: Callable[[], T]) -> T:
        """What is kept for this text and what it is asked with (``more``), else what ``read``
        finds, which is kept unless a table was written to meanwhile."""
        key, words = (sql, *more), _words(sql)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                found: T = self._kept[key][1]
                return found
            before = self._stamp(words)
        answer = read()
        with self._lock:
            if self._stamp(words) == before:
                self._kept[key] = words, answer
                if len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return answer

    def changed(self, tables: Collection[str]) -> None:
        """A transaction that wrote to these tables was committed: what they told is forgotten."""
        if not tables:
            return
        with self._lock:
            self._changes.update(tables)
            gone = [
                key for key, (words, _) in self._kept.items()
                if EVERY in tables or not words.isdisjoint(tables)
            ]  # fmt: skip
            for key in gone:
                del self._kept[key]

    def _stamp(self, words: frozenset[str]) -> tuple[int, ...]:
        """Another once a table is written to that has one of these names."""
        changes = self._changes
        return (changes[EVERY], *(changes[one] for one in sorted(words) if one in changes))
