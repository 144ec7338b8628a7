"""Study: how did the audience respond? With respondents' courses and links, and shared reports."""

from __future__ import annotations

from dashboard.audience.study.view import show
from dashboard.camera.course.view import course
from dashboard.camera.respondents.links_view import links
from dashboard.camera.sharing.view import share_button

show(views={"Course": course, "Links": links}, share=share_button)
