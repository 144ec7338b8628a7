"""Compare: did B do better?"""

from __future__ import annotations

from dashboard.audience.compare.view import show

show()
