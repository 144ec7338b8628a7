"""Live: how does the audience respond now?"""

from __future__ import annotations

from dashboard.camera.live.view import show

show()
