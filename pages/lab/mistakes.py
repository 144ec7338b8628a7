"""Mistakes: where does a model go wrong?"""

from __future__ import annotations

from dashboard.lab.mistakes.view import show

show()
