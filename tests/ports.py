"""Ports for servers that tests start."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack

#: Below those that systems give to connections (32768 and up on Linux): a port that is free
#: now is not some client's when the server has started, seconds later.
RANGE = range(20_000, 32_000)


def free_ports(count: int) -> list[int]:
    """Different ports that nobody listens on now."""
    chosen: list[int] = []
    with ExitStack() as held:
        for port in random.SystemRandom().sample(RANGE, 1000):
            probe = held.enter_context(socket.socket())
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            chosen.append(port)
            if len(chosen) == count:
                return chosen
    raise OSError("there is no free port")


def free_port() -> int:
    return free_ports(1)[0]
