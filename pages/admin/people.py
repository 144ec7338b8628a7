"""People: who may log in, as what, and what they saw, exported and deleted."""

from __future__ import annotations

from dashboard.admin.people.view import show

show()
