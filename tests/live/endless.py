"""A process with a live session that never ends: ``python -m tests.live.endless HOME``.

Prints the session's id, then after each picture the newest result's time and the markers set.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from fer_core.home import Home
from fer_core.live import Engines, LiveSession, LiveSpec
from tests.live.pictures import portrait

if __name__ == "__main__":
    home = Home(Path(sys.argv[1]))
    session = LiveSession(home, LiveSpec("Killed"), Engines.open(home))
    say = sys.stdout.write
    say(json.dumps({"session_id": session.session_id}) + "\n")
    begun, marks = time.monotonic(), 0
    while True:
        at = time.monotonic()
        session.offer(portrait(), round(1000 * (at - begun)), at)
        if at - begun > marks + 1:
            marks += 1
            session.mark(f"mark {marks}")
        say(json.dumps({"t_ms": session.view().t_ms, "marks": marks}) + "\n")
        sys.stdout.flush()
        time.sleep(0.05)
