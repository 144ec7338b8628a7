"""Clips: the moments of a study that are worth showing."""

from __future__ import annotations

from dashboard.audience.clips.view import show

show()
