"""What respondents answered, as a report tells it: distributions with n, open answers as a list."""

from __future__ import annotations

from collections.abc import Sequence

from fer_core.reports.document import Block, Bullets, Heading, Table, Text, cells
from fer_core.studies.answers import Distribution
from fer_core.text import percent

MOST_TEXTS = 60


def answered(found: Sequence[Distribution]) -> list[Block]:
    """A table a question, or its open answers; nothing where nobody was asked."""
    if not found:
        return []
    blocks: list[Block] = [Heading("What they answered")]
    for one in found:
        of = f" ({one.film})" if one.film else ""
        title = f"{one.asks}{of}"
        if one.hidden:
            blocks.append(Text(f"{title}: too few answers to be shown.", quiet=True))
            continue
        blocks.append(Heading(title, 3))
        if one.mean is not None:
            blocks.append(Text(f"Mean {one.mean:.1f} of {one.n} answers."))
        if one.counts:
            rows = tuple(cells(key, str(n), percent(n / one.n)) for key, n in one.counts)
            blocks.append(Table(title, ("Answer", "n", f"of {one.n}"), rows))
        if one.texts:
            blocks.append(Bullets(one.texts[:MOST_TEXTS]))
            if len(one.texts) > MOST_TEXTS:
                left = len(one.texts) - MOST_TEXTS
                blocks.append(Text(f"{left} more are in the workbook.", quiet=True))
    return blocks
