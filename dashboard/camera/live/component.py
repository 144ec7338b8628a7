"""The live component: consent, camera, picture, numbers and curves, without a rerun of the page.

It talks to routes of the server's own (``routes.py``): a page that reruns twice a second
would flicker, and the picture would stop each time.
"""

from __future__ import annotations

from typing import Any

from dashboard.shared.component import component


def live(data: dict[str, Any], *, key: str) -> None:
    component(__file__, "live")(key=key, data=data)
