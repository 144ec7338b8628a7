"""What users install: pinned with the hashes of its files, under licences that let it be used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

import pytest

PROJECT: Final = Path(__file__).resolve().parents[1]
PINNED: Final = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==[^\s;]+(?: ; ([^\\]+))? \\$")
HASH: Final = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")

#: Words of licences that ask for no more than their text and, for some, the source of changes.
FREE: Final = re.compile(
    r"apache|\bbsd\b|0bsd|\bmit\b|\bisc\b|\bmpl|mozilla public|psf|python software|zlib|cc0|"
    r"ofl|open font|unlicense",
    re.I,
)
NEVER: Final = re.compile(r"\b(a|l)?gpl|gnu|proprietary|commercial|non-?commercial", re.I)


def requirements(name: str) -> Iterator[tuple[str, list[str]]]:
    """(package, its hash lines) of a requirements file; refuses a line of any other kind."""
    hashes: list[str] | None = None
    package = ""
    for line in (PROJECT / name).read_text("utf-8").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if HASH.match(line):
            assert hashes is not None
            hashes.append(line)
            continue
        found = PINNED.match(line)
        assert found, f"{name}: {line!r} is no version with hashes"
        if hashes is not None:
            yield package, hashes
        package, hashes = found[1], []
    assert hashes is not None
    yield package, hashes


@pytest.mark.parametrize(
    ("name", "least"),
    [("requirements.txt", 80), ("requirements-test.txt", 80), ("requirements-uv.txt", 1)],
)
def test_every_package_is_pinned_with_hashes(name: str, least: int) -> None:
    found = list(requirements(name))
    assert len(found) >= least
    assert all(hashes for _, hashes in found)


def licence(package: str) -> str:
    """What a package says of its licence: in its metadata, else in the file that it brings."""
    said = metadata.metadata(package)
    if "License-Expression" in said:
        return said["License-Expression"]
    of_class = [one.split("::")[-1].strip() for one in said.get_all("Classifier") or []
                if one.startswith("License ::")]  # fmt: skip
    if of_class:
        return ", ".join(of_class)
    if said.get("License"):
        return str(said["License"]).splitlines()[0]
    files = metadata.files(package) or []
    texts = [one for one in files if "licen" in one.name.lower()]
    return " ".join(one.read_text()[:200] for one in texts)


def test_every_package_that_users_install_has_a_licence_that_lets_it_be_used() -> None:
    refused = {}
    for package, _ in requirements("requirements.txt"):
        try:
            said = licence(package)
        except metadata.PackageNotFoundError:
            continue  # for another system
        if NEVER.search(said) or not FREE.search(said):
            refused[package] = said
    assert not refused


@pytest.mark.parametrize("said", ["GPL-3.0-or-later", "AGPL v3", "LGPL-2.1", "Proprietary", ""])
def test_other_licences_are_refused(said: str) -> None:
    assert NEVER.search(said) or not FREE.search(said)
