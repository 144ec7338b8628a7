"""Makes thumbnails in a process of its own: ``python -m fer_core.video.thumbnail_worker IDLE_S``.

What a file makes FFmpeg take, this process takes, and no more than its limit. It reads a JSON
line a question, ``{"path", "width"}`` with or without ``"t_ms"``, and answers with a JSON line,
``{"size"}`` and that many bytes of JPEG after it, or ``{"error", "hint"}``.
"""

from __future__ import annotations

import json
import os
import resource
import select
import sys
from typing import Final

from fer_core.errors import RaptError, VideoError
from fer_core.files import JsonObject
from fer_core.home import PRIVATE
from fer_core.video.picture import still, thumbnail

MEMORY_BYTES: Final = 1 << 30


def main(argv: list[str] | None = None) -> int:
    """Answer until standard input ends or nobody asks for ``IDLE_S`` seconds."""
    args = sys.argv[1:] if argv is None else argv
    idle_s = float(args[0]) if args else 60.0
    os.umask(PRIVATE)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    source, out = os.fdopen(os.dup(0), "rb", buffering=0), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not get between the answers
    while select.select([source], [], [], idle_s)[0]:
        line = source.readline()
        if not line:
            break
        asked = json.loads(line)
        try:
            jpeg = _made(**asked)
            said: JsonObject = {"size": len(jpeg)}
        except RaptError as error:
            jpeg, said = b"", {"error": error.message, "hint": error.hint}
        out.write(json.dumps(said).encode() + b"\n" + jpeg)
        out.flush()
    return 0


def _made(path: str, width: int, t_ms: int | None = None) -> bytes:
    try:
        return thumbnail(path, width) if t_ms is None else still(path, t_ms, width)
    except (MemoryError, OSError) as error:
        raise VideoError(
            f"{os.path.basename(path)} takes more memory than a thumbnail may."
        ) from error


if __name__ == "__main__":
    sys.exit(main())
