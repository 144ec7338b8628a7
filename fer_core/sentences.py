"""Templates of the sentences that state what data show, all on one list.

What stands above a chart or on a report's first page is either a ``Finding``, which only a
template makes, or a ``Label``, which claims nothing. So no statement can be shown that the list
lacks, and a test checks each entry against data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NewType

Finding = NewType("Finding", str)
Label = NewType("Label", str)
Title = Finding | Label

TEMPLATES: Final[dict[str, Template]] = {}


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence with places in braces for what was measured; ``key`` names it on the list."""

    key: str
    text: str

    def __post_init__(self) -> None:
        if TEMPLATES.setdefault(self.key, self) != self:
            raise ValueError(f"two templates are called {self.key!r}")

    def __call__(self, **values: object) -> Finding:
        return Finding(self.text.format_map(values))

    def read(self, said: str) -> dict[str, str] | None:
        """What a sentence says in each place; None where it is not this template's."""
        pattern = re.escape(self.text)
        for name in re.findall(r"{(\w+)}", self.text):
            place = re.escape(f"{{{name}}}")
            pattern = pattern.replace(place, f"(?P<{name}>.+?)", 1).replace(place, f"(?P={name})")
        found = re.fullmatch(pattern, said)
        return None if found is None else found.groupdict()


_COUNTED: Final = ("nobody", "this viewer", "these two viewers", "these three viewers",
                   "these four viewers")  # fmt: skip


def these(viewers: int) -> str:
    """Fewer than five viewers, spoken of as themselves and not as an audience."""
    return _COUNTED[viewers]
