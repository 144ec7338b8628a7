"""Connection: does a camera reach this server?"""

from __future__ import annotations

from dashboard.camera.connection.view import show

show()
