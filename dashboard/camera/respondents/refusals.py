"""What a respondent may be told when something is refused: sentences of ours, and no more."""

from __future__ import annotations

from typing import Final

from dashboard.shared.web.requests import RequestRefused

#: Why a link is closed, by the store's word for it.
CLOSED: Final = {
    "revoked": "The people who sent it have closed this link.",
    "expired": "The time in which this link could be used is over.",
    "used up": "Everyone who was needed has taken part. Thank you for coming.",
}


class RespondentRefused(RequestRefused):
    """A sentence that a respondent may read."""

    def __init__(
        self, message: str, hint: str = "", status: int = 409, again_s: int | None = None
    ) -> None:
        super().__init__(message, hint, status, again_s)


UNKNOWN: Final = RespondentRefused(
    "This link is not known here",
    "Check that the whole address was copied, or ask the people who sent it.",
    404,
)
TOO_MANY: Final = RespondentRefused(
    "Too many wrong links were tried from here", "Wait ten minutes, then open yours again.", 429
)
TOO_SLOW: Final = RespondentRefused(
    "This came too slowly.", "Check your connection, then try again.", 408
)
TOO_MUCH: Final = RespondentRefused(
    "Too much comes here at this moment.", "Wait a moment, then try again.", 503, again_s=5
)
SORRY: Final = RespondentRefused("Something went wrong on our side", "Try again in a minute.", 500)


def full() -> RespondentRefused:
    """Nobody more can be served now."""
    return RespondentRefused(
        "All places are taken at this moment.", "Try again in a few minutes.", 503
    )


def gone() -> RespondentRefused:
    """The visit that was named is not here any more."""
    return RespondentRefused("This visit is over.", "Reload the page to begin again.", 410)


def closed(why: str) -> RespondentRefused:
    """The link cannot be used any more; ``why`` is the store's word for the reason."""
    return RespondentRefused("This link is closed", CLOSED[why], 410)
