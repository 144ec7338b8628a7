"""Study: how did the audience respond? With respondents' courses and links."""

from __future__ import annotations

from dashboard.audience.study.view import show
from dashboard.camera.course.view import course
from dashboard.camera.respondents.links_view import links

show(views={"Course": course, "Links": links})
