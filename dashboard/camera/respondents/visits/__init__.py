"""Respondents who are here now: from consent over the camera check to the end of the film."""

from dashboard.camera.respondents.visits.visits import Visits

__all__ = ["Visits"]
