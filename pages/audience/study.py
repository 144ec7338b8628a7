"""Study: how did the audience respond? With the links for respondents."""

from __future__ import annotations

from dashboard.audience.study.view import show
from dashboard.camera.respondents.links_view import links

show(views={"Links": links})
