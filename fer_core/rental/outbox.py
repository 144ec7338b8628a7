"""What comes back from a rented machine: few archives of limited size, each written whole.

A file stays in the archive that it was first put into, so that only that one is written anew
when it changes, and an archive on disk is complete whenever the machine is taken away. A file
larger than an archive travels in pieces.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from fer_core.errors import DataError
from fer_core.files import replacing

MIB = 1 << 20
PIECE = re.compile(r"(.+)\.(\d+)-of-(\d+)")


@dataclass
class Outbox:
    """Archives ``back-0.tar`` … in a folder: at most so many, of so many bytes."""

    folder: Path
    note: Callable[[str], None]
    archives: int = 8
    each: int = 15 * MIB
    together: int = 60 * MIB
    held: dict[int, dict[str, bytes]] = field(default_factory=dict)  # archive: name: content

    def put(self, name: str, content: bytes) -> bool:
        """Add a file, or its new content; whether there was room for it."""
        parts = -(-len(content) // (self.each - MIB))
        if parts > 1:
            step = -(-len(content) // parts)
            pieces = {
                f"{name}.{k}-of-{parts}": content[k * step : (k + 1) * step] for k in range(parts)
            }
        else:
            pieces = {name: content}
        if self._all(without=tuple(pieces)) + len(content) > self.together:
            self.note(f"no room to bring {name} back ({len(content) / 1e6:.1f} MB)")
            return False
        changed = set()
        for piece, part in pieces.items():
            number = self._place(piece, len(part))
            if number is None:
                self.note(f"no room to bring {piece} back ({len(part) / 1e6:.1f} MB)")
                self.remove(name)
                return False
            self.held.setdefault(number, {})[piece] = part
            changed.add(number)
        for number in changed:
            self._write(number)
        return True

    def remove(self, name: str) -> None:
        """Leave a file out from now on."""
        for number, files in self.held.items():
            gone = [one for one in files if one == name or named(one)[0] == name]
            for one in gone:
                del files[one]
            if gone:
                self._write(number)

    def _place(self, piece: str, size: int) -> int | None:
        """The archive for a piece: the one that it is in, else the first with room."""
        for number, files in self.held.items():
            if piece in files and self._size(number, (piece,)) + size <= self.each:
                return number
            files.pop(piece, None)
        for number in range(self.archives):
            if self._size(number) + size <= self.each:
                return number
        return None

    def _size(self, number: int, without: tuple[str, ...] = ()) -> int:
        # A member's header and padding take up to 1 kB, the archive's end up to 10 kB.
        files = self.held.get(number, {})
        return 10240 + sum(len(c) + 1024 for name, c in files.items() if name not in without)

    def _all(self, without: tuple[str, ...]) -> int:
        return sum(self._size(number, without) for number in self.held)

    def _write(self, number: int) -> None:
        target = self.folder / f"back-{number}.tar"
        if not self.held[number]:
            target.unlink(missing_ok=True)
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with replacing(target) as part, tarfile.open(part, "w") as archive:
            for name, content in self.held[number].items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))


def named(member: str) -> tuple[str, int, int]:
    """A member's file, which piece of it this is, and of how many."""
    found = PIECE.fullmatch(member)
    return (found[1], int(found[2]), int(found[3])) if found else (member, 0, 1)


def unpacked(archives: list[Path]) -> dict[str, bytes]:
    """The files in archives that came back, pieces joined; what lacks a piece is left out."""
    pieces: dict[str, dict[int, bytes]] = {}
    counts: dict[str, int] = {}
    for path in sorted(archives):
        try:
            with tarfile.open(path) as archive:
                for entry in archive.getmembers():
                    content = archive.extractfile(entry)
                    if content is None:
                        continue
                    name, number, count = named(entry.name)
                    pieces.setdefault(name, {})[number] = content.read()
                    counts[name] = count
        except (OSError, tarfile.TarError) as error:
            raise DataError(f"{path} is no archive that came back.", "Fetch it again.") from error
    return {
        name: b"".join(parts[k] for k in range(counts[name]))
        for name, parts in pieces.items()
        if len(parts) == counts[name] and Path(name).name == name
    }
