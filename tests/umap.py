"""The extra rapt[umap]: there, missing, or made to seem so."""

from __future__ import annotations

import pytest

from fer_core.evaluation import umap_plane
from tests.needed import need


def need_umap() -> None:
    """Go on where it is installed; it is in none of the locks, for numba is large, and CI
    runs none of these."""
    need(umap_plane.is_installed(), f"UMAP is not installed: {umap_plane.INSTALL}")


def with_umap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(umap_plane, "is_installed", lambda: True)


def without_umap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(umap_plane, "is_installed", lambda: False)
