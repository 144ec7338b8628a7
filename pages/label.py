"""What do these faces show?"""

from __future__ import annotations

from dashboard import cache
from dashboard.lab.label import data as lab_label
from dashboard.lab.label.view import choices, faces, nothing_kept, so_far
from dashboard.shared.page import heading

heading(
    "What do these faces show?",
    "Faces that were kept for review, the least certain first. Each takes one key.",
)
house = cache.house()
found = lab_label.sources(house.store, house.home)
if found:
    labeller, session_id = choices(found)
    faces(labeller, session_id)
    so_far(labeller)
else:
    nothing_kept()
