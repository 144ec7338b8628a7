"""Films and pictures that people brought, as answers that a browser can only show."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from anyio import to_thread
from starlette.responses import FileResponse

from fer_core.video.media_type import UNKNOWN, media_type

HEADERS: Final = {
    "Cache-Control": "private, max-age=3600",
    "X-Content-Type-Options": "nosniff",
    # whatever it holds, it is no page of ours: no script, no form, an origin of its own
    "Content-Security-Policy": "default-src 'none'; media-src 'self'; img-src 'self'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


async def film_response(path: Path) -> FileResponse:
    """A file by ranges. Its type is what its content is; what is no film is only saved."""
    kind = await to_thread.run_sync(media_type, path)
    headers = dict(HEADERS)
    if kind == UNKNOWN:
        headers["Content-Disposition"] = "attachment"
    return FileResponse(path, media_type=kind, headers=headers)
