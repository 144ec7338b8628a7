"""How is the room now?"""

from __future__ import annotations

from dashboard.components.live_page import limits, room
from dashboard.components.page import heading

heading("How is the room now?", "A camera's audience, measured while you watch.")
room()
limits()
