"""Replay: one session, played with its faces and curve."""

from __future__ import annotations

from dashboard.audience.replay.view import show

show()
