"""Recommend: what fits this look, and which creative suits this audience?"""

from __future__ import annotations

from dashboard.audience.recommend.view import show

show()
