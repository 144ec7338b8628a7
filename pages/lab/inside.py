"""Inside: what does a model see?"""

from __future__ import annotations

from dashboard.lab.inside.view import show

show()
