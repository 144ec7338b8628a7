"""Session: what did this viewer show, when? With what the lab adds to it."""

from __future__ import annotations

from dashboard.audience.session.eyes_view import eyes_in_numbers
from dashboard.audience.session.view import show
from dashboard.lab.label.session_faces import again_popover, kept_faces

show(actions=(again_popover,), notes=(eyes_in_numbers, kept_faces))
