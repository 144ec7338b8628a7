"""Label: what do these faces show?"""

from __future__ import annotations

from dashboard.lab.label.view import show

show()
