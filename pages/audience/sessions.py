"""Sessions: which sessions are there?"""

from __future__ import annotations

from dashboard.audience.sessions.view import show

show()
