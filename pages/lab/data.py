"""Data: what can a model learn from?"""

from __future__ import annotations

from dashboard.lab.data.view import show

show()
