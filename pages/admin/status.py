"""Status: how does this server fare?"""

from __future__ import annotations

from dashboard.admin.status.view import show

show()
