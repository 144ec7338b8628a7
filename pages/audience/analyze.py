"""Analyze: how do I get my videos in?"""

from __future__ import annotations

from dashboard.audience.analyze.view import show

show()
