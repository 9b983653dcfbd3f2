"""What the kernel of Linux knows of the connections to a server on this machine."""

from pathlib import Path
from typing import NamedTuple

ESTABLISHED = "01"


class Connection(NamedTuple):
    """Bytes that wait at the server's end of a connection."""

    unsent: int  # that the other end has not taken
    unread: int  # that the server has not taken


def connections_to(port: int) -> list[Connection]:
    """The server's ends of all open connections to `port`, accepted or about to be."""
    found = []
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, _, state, queues, *_ = line.split()
        if state == ESTABLISHED and int(local.partition(":")[2], 16) == port:
            unsent, _, unread = queues.partition(":")
            found.append(Connection(int(unsent, 16), int(unread, 16)))
    return found
