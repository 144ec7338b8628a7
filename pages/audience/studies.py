"""Studies: which studies are there?"""

from __future__ import annotations

from dashboard.audience.studies.view import show

show()
