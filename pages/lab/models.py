"""Models: can I trust them?"""

from __future__ import annotations

from dashboard.lab.models.view import show

show()
