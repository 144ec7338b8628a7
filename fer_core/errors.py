"""One tree of errors. Each carries what happened and a hint on what to do now.

A library's own exception is translated where it enters Rapt and chained with
``raise … from``. Anything else that escapes is a bug and shows as a traceback.
"""

import errno


class RaptError(Exception):
    """What happened, in one line, and what the person can do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class VideoError(RaptError):
    """A file or stream that cannot be opened or decoded."""


class FaceError(RaptError):
    """A detector that cannot be made or run."""


class ModelError(RaptError):
    """A model, card or weight file that is missing, damaged or not ours."""


class StoreError(RaptError):
    """The store cannot be opened, read or written."""


class StoreDamaged(StoreError):
    """The store's own files are damaged: ``rapt doctor --recover`` rebuilds it."""


class DataError(RaptError):
    """A data set whose content is wrong."""


class JobError(RaptError):
    """Long work that cannot be queued, run or resumed."""


class Cancelled(RaptError):
    """A person asked for the work to stop."""

    def __init__(self, message: str = "Cancelled.", hint: str = "") -> None:
        super().__init__(message, hint)


class SettingsError(RaptError):
    """An option or setting whose value cannot be used."""


def disk_full(error: OSError) -> bool:
    """Whether something could not be written for want of room: on the disk, or in a quota."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
