"""Overview: what do I have, and what is running?"""

from __future__ import annotations

from dashboard.audience.overview.view import show

show()
