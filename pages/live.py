"""How is the room now?"""

from __future__ import annotations

from dashboard.camera.live.view import limits, room
from dashboard.shared.page import heading

heading("How is the room now?", "A camera's audience, measured while you watch.")
room()
limits()
