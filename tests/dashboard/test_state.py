"""What a server process keeps for its pages."""

from __future__ import annotations

import subprocess
import sys

from dashboard.shared.web.uploads import set_upload_limit, upload_service
from dashboard.state import AppState
from fer_core.home import Home
from tests.waiting import until


def test_a_second_process_reads_through_the_first_and_takes_over_when_it_ends(home: Home) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, pathlib\n"
            "from fer_core.home import Home\n"
            "from fer_core.storage import open_store\n"
            "store = open_store(Home(pathlib.Path(sys.argv[1])))\n"
            "print('open', flush=True)\n"
            "sys.stdin.read()\n"
            "store.close()\n",
            str(home.root),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    holder.stdout.readline()
    state = AppState(home)
    try:
        assert not state.store.is_owner
        set_upload_limit(state.store, 2_000_000_000)
        assert upload_service(state).limit == 2_000_000_000
        holder.stdin.close()
        holder.wait(timeout=20)
        until(lambda: state.looks_after_jobs)
        assert state.store.is_owner
    finally:
        holder.kill()
        holder.wait(timeout=5)
        state.close()
