"""Which session?"""

from __future__ import annotations

from dashboard.components.page import heading
from dashboard.components.session_list import session_list

heading("Which session?", "All that was analysed here, whoever analysed it.")
session_list()
