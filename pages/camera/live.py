"""Live: how is the room now?"""

from __future__ import annotations

from dashboard.camera.live.view import show

show()
