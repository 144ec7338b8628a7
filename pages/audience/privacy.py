"""Privacy: what is kept of people here, for how long, and how does it go?"""

from __future__ import annotations

from dashboard.audience.privacy.view import show

show()
