"""Set up a study: which film, which recordings, who watched what?"""

from __future__ import annotations

from dashboard.audience.setup.view import show

show()
