"""Which session?"""

from __future__ import annotations

from dashboard.audience.sessions.view import session_list
from dashboard.shared.page import heading

heading("Which session?", "All that was analysed here, whoever analysed it.")
session_list()
