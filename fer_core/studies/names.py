"""What the names of recordings say: respondent and condition, read by the example of one name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

#: What a name can say.
FIELDS: Final = ("respondent", "condition")
#: What stands between the words of a name.
_WORD: Final = re.compile(r"[^\s_\-.,;()\[\]+&]+")
_RUN: Final = re.compile(r"\d+|\D+")
#: A guess is made for conditions of which each has at least this many recordings.
_SHARED_BY: Final = 2
_MOST_CONDITIONS: Final = 6


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A part of a name: a word of it, or the letters or digits of one."""

    start: int
    end: int

    def of(self, name: str) -> str:
        return name[self.start : self.end]


def parts(name: str) -> list[Part]:
    """The words of a name, and of words that mix letters and digits what can be told apart.

    «R07A_take 2» has R07A, R, 07, A, R07, 07A, take and 2.
    """
    found = []
    for word in _WORD.finditer(name):
        whole = Part(*word.span())
        runs = [
            Part(whole.start + run.start(), whole.start + run.end())
            for run in _RUN.finditer(word[0])
        ]
        inside = {
            Part(runs[i].start, runs[j].end)
            for i in range(len(runs))
            for j in range(i, min(len(runs), i + 3))
        }
        found += [whole, *sorted(inside - {whole}, key=lambda one: (one.start, -one.end))]
    return found


def read_by_example(
    names: Sequence[str], example: str, marked: Mapping[str, Part]
) -> list[dict[str, str]]:
    """What each name says, where ``marked`` names what the parts of ``example`` are.

    Words are counted from the start of a name, or from its end where that fits more names.
    A name that does not fit says nothing: {}.
    """
    if not marked:
        return [{} for _ in names]
    rules = [_rule(example, marked, from_end=from_end) for from_end in (False, True)]
    read = [[_read(rule, name) for name in names] for rule in rules]
    return max(read, key=lambda found: sum(map(bool, found)))


def _read(rule: re.Pattern[str], name: str) -> dict[str, str]:
    found = rule.fullmatch(name)
    return dict(found.groupdict()) if found else {}


def _rule(example: str, marked: Mapping[str, Part], *, from_end: bool) -> re.Pattern[str]:
    """Names of the example's kind; what stands beyond the marked parts may be longer or shorter."""
    first, last = min(marked.values()), max(marked.values())
    words = [Part(*word.span()) for word in _WORD.finditer(example)]
    before = [one for one in words if one.end <= first.start]
    after = [one for one in words if one.start >= last.end]
    head = r".*?" if from_end else _free(example, before, 0, first.start)
    tail = _free(example, after, last.end, len(example)) if from_end else r".*"
    if not from_end and not _inside_word(last.end, example):
        tail = rf"(?:{_GAP}.*)?"
    if from_end and not _inside_word(first.start, example):
        head = rf"(?:.*{_GAP})?"
    middle, at = "", first.start
    for field, part in sorted(marked.items(), key=lambda one: one[1]):
        between = [one for one in words if one.start >= at and one.end <= part.start]
        middle += _free(example, between, at, part.start)
        middle += f"(?P<{field}>{_shape(example, part)})"
        at = part.end
    return re.compile(head + middle + tail, re.IGNORECASE)


_GAP: Final = r"[\s_\-.,;()\[\]+&]+"
_ANY_WORD: Final = r"[^\s_\-.,;()\[\]+&]+"


def _free(example: str, words: Sequence[Part], start: int, end: int) -> str:
    """A stretch of the example in which each whole word may be another; the rest of a word of
    which a part is marked is told by letters and digits."""
    made, at = "", start
    for word in words:
        made += _literal(example[at : word.start]) + _ANY_WORD
        at = word.end
    return made + _literal(example[at:end])


def _literal(text: str) -> str:
    """Gaps as any gap; what is left of a word as its kinds of letters."""
    return "".join(
        _GAP if gap else _runs(word) for gap, word in re.findall(rf"({_GAP})|({_ANY_WORD})", text)
    )


def _runs(word: str) -> str:
    return "".join(r"\d+" if run.isdigit() else r"[^\W\d_]+" for run in _RUN.findall(word))


def _shape(example: str, part: Part) -> str:
    """A marked part: any word, or as letters and digits where it is less than one."""
    if _inside_word(part.start, example) or _inside_word(part.end, example):
        return _runs(part.of(example))
    return _ANY_WORD


def _inside_word(at: int, text: str) -> bool:
    """Whether a place has letters on both sides that belong to one word."""
    return 0 < at < len(text) and bool(_WORD.fullmatch(text[at - 1 : at + 1]))


def guess(names: Sequence[str], conditions: Collection[str] = ()) -> dict[str, Part]:
    """What the parts of the first name seem to be, by how they differ from name to name.

    A condition is shared by several names, or is one of ``conditions``; a respondent has a
    number and stands in no more names than there are conditions.
    """
    if len(names) < _SHARED_BY:
        return {}
    example, marked = names[0], dict[str, Part]()
    known = {one.casefold() for one in conditions}
    for part, values in _readings(names, example):
        words = Counter(value.casefold() for value in values)
        if known and set(words) <= known:
            marked["condition"] = part
            break
        several = 2 <= len(words) <= _MOST_CONDITIONS and min(words.values()) >= _SHARED_BY
        if several and not known and not any(word.isdigit() for word in words):
            marked.setdefault("condition", part)
    sides = len(set(conditions)) or _MOST_CONDITIONS
    for part, values in _readings(names, example):
        words = Counter(value.casefold() for value in values)
        numbered = all(any(c.isdigit() for c in word) for word in words)
        taken = marked.get("condition")
        apart = taken is None or part.end <= taken.start or part.start >= taken.end
        if numbered and apart and len(words) > 1 and max(words.values()) <= sides:
            marked["respondent"] = part
            break
    return marked


def _readings(names: Sequence[str], example: str) -> Iterator[tuple[Part, list[str]]]:
    """Each part of the example that all the names have, with what it is in each."""
    for part in parts(example):
        found = read_by_example(names, example, {"part": part})
        if all(found):
            yield part, [one["part"] for one in found]
