"""What do these faces show?"""

from __future__ import annotations

from dashboard.lab.label import data as lab_label
from dashboard.lab.label.view import choices, faces, nothing_kept, so_far
from dashboard.shared.page import heading
from dashboard.state import app_state

heading(
    "What do these faces show?",
    "Faces that were kept for review, the least certain first. Each takes one key.",
)
state = app_state()
found = lab_label.sources(state.store, state.home)
if found:
    labeller, session_id = choices(found)
    faces(labeller, session_id)
    so_far(labeller)
else:
    nothing_kept()
