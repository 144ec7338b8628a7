"""Passwords: which are accepted, and their argon2id hashes. The text itself is never kept."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

from fer_core.errors import SettingsError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST: Final = 10
LONGEST: Final = 500


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()  # the second choice of RFC 9106: 64 MiB, three passes


def hash_password(text: str, name: str = "") -> str:
    """The hash to keep. SettingsError where the password is too short, too long or the name."""
    text = _normal(text)
    if not SHORTEST <= len(text) <= LONGEST:
        raise SettingsError(
            f"A password has {SHORTEST} to {LONGEST} characters.", "A few words in a row are good."
        )
    if len(set(text)) < 4 or text.casefold() == name.casefold():
        raise SettingsError("This password is too easy to guess.", "A few words in a row are good.")
    return _hasher().hash(text)


def verify_password(kept: str | None, text: str) -> bool:
    """Whether ``text`` is the password of a hash; as slow where there is no hash to compare."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        right = _hasher().verify(kept or _nobody(), _normal(text[: 2 * LONGEST]))
    except (VerificationError, InvalidHashError):
        return False
    return right and kept is not None


@cache
def _nobody() -> str:
    return _hasher().hash("the password of an account that does not exist")


def _normal(text: str) -> str:
    """The same characters, however a keyboard composes them."""
    return unicodedata.normalize("NFKC", text)
