"""Photograph: what do these faces show? With what the lab adds to it."""

from __future__ import annotations

from dashboard.audience.photograph.view import show
from dashboard.lab.label.session_faces import again_popover, kept_faces

show(actions=(again_popover,), notes=(kept_faces,))
