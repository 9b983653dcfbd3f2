"""An application without Django for the web server alone: one reply that never ends, one short."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    return endless() if environ["PATH_INFO"] == "/endless/" else [b"short"]


def endless() -> Iterator[bytes]:
    while True:
        yield b"x" * 65536
