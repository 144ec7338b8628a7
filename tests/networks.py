"""The exported face networks in homes that detect faces."""

from __future__ import annotations

from pathlib import Path

from fer_core.home import Home


def with_networks(home: Home, networks: Path) -> Home:
    """The home, its cache holding the networks of the fixture ``face_networks``."""
    home.cache.mkdir(parents=True, exist_ok=True)
    for folder in networks.iterdir():
        (home.cache / folder.name).symlink_to(folder)
    return home
