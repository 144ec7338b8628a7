"""The server's log as JSON lines: ids, numbers and kinds of faults, and no personal data.

A message's own words are constants of our code and are kept; what is put into them is kept only
if it is a number or an id. An exception is told by its class and where in the code it was, for
its text may hold a file's name. What other libraries say is left out but for the place and level.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final

from fer_core.files import JsonObject

#: An id as ``storage.ids`` makes them, and nothing else.
ID: Final = re.compile(r"[a-z][0-9a-hjkmnp-tv-z]{12}")
#: What `rapt serve` tells its server; a person may set it as well.
VARIABLE: Final = "RAPT_LOG"
JSON: Final = "json"
OURS: Final = ("fer_core", "dashboard", "pages")
_FRAMES: Final = 12


class JsonLines(logging.Formatter):
    """One JSON object a record: at, level, logger, event, and what is known of ids and faults.

    ``extra={"named": …}`` gives a constant name, such as a thread's, that is to be kept.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        at = datetime.fromtimestamp(record.created, UTC)
        found: JsonObject = {
            "at": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if record.name.partition(".")[0] in OURS and isinstance(record.msg, str):
            found["event"] = record.msg
            found |= _values(record.args)
            if (named := getattr(record, "named", None)) is not None:
                found["named"] = named
        else:
            found["where"] = f"{record.module}:{record.lineno}"
        if record.exc_info and record.exc_info[1] is not None:
            found |= _fault(record.exc_info[1])
        return json.dumps(found)


def _values(args: Any) -> JsonObject:
    """The ids and numbers among what a message was given."""
    given = args.values() if isinstance(args, dict) else args or ()
    ids = [one for one in given if isinstance(one, str) and ID.fullmatch(one)]
    numbers = [one for one in given if isinstance(one, int | float)]
    return ({"ids": ids} if ids else {}) | ({"numbers": numbers} if numbers else {})


def _fault(error: BaseException) -> JsonObject:
    """An exception and what it came from, by class, and the innermost places in the code."""
    classes: list[str] = []
    one: BaseException | None = error
    while one is not None and len(classes) < _FRAMES:
        classes.append(type(one).__name__)
        one = one.__cause__ or one.__context__
    frames = [
        f"{frame.f_globals.get('__name__', '?')}:{line}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    return {"error": classes, "at_code": frames[-_FRAMES:]}


def to_json_lines(logger: logging.Logger) -> None:
    """Have a logger say nothing by itself: all goes to the one handler of the root."""
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    logger.propagate = True


def wanted() -> bool:
    """Whether this process's environment asks for JSON lines."""
    return os.environ.get(VARIABLE) == JSON


def install(stream: Any = None) -> None:
    """From now on everything that is logged in this process is a JSON line on standard error."""
    root = logging.getLogger()
    for logger in list(root.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):
            to_json_lines(logger)
    to_json_lines(root)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # else a failed write of a line prints what it was to say
    threading.excepthook = _in_thread
    sys.excepthook = _uncaught


def _in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger(__name__).critical("Nobody expected this.", exc_info=(kind, error, trace))
