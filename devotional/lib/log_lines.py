"""How a log record becomes text: a line for people, or a line of JSON for what collects logs (S7).

Whatever a record holds, an exception is told by kind and places alone, and nothing that is sent to
us can make two lines of one. Nothing here imports Django: the web server's own records are written
this way too, by a process that holds none of it.
"""

import json
import logging
import secrets
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})

# Which request this thread answers: its lines are found by it, and it leads nowhere else.
request_id: ContextVar[str] = ContextVar("request_id", default="")


def new_request_id() -> str:
    """Ours alone: one that a client or a proxy sends may say anything."""
    return secrets.token_hex(6)


def known_method(method: str | None) -> str:
    """A request's method, where it is one: anyone may send a word of their own in its place."""
    return method if method in METHODS else "(other)"


class PlainFormatter(logging.Formatter):
    """One line a record: time, level, source, message, request; below it an exception's places."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802, logging's name
        line = super().formatMessage(record)
        if asked := request_id.get():
            line = f"{line} [{asked}]"
        if line.isprintable():
            return line
        # A line break or an escape sequence in a message could pass for another record.
        return "".join(
            character if character.isprintable() else character.encode("unicode_escape").decode()
            for character in line
        )

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return "\n".join(lines_of(ei[1])) if ei[1] is not None else ""


class JsonFormatter(logging.Formatter):
    """One object a record, on one line, in ASCII. `extra={"fields": …}` of a record are its own."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if asked := request_id.get():
            said["request"] = asked
        said |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1] is not None:
            said["places"] = list(lines_of(record.exc_info[1]))
        elif record.exc_text:
            said["places"] = record.exc_text.splitlines()
        return json.dumps(said)


FORMATTERS = {"plain": PlainFormatter, "json": JsonFormatter}


def json_line(logger: str, words: str) -> str:
    """What a start says by itself, as a record would be written."""
    record = logging.LogRecord(logger, logging.INFO, "", 0, words, None, None)
    return JsonFormatter().format(record)


def lines_of(error: BaseException) -> Iterator[str]:
    """An exception and what led to it, oldest first: kinds and places, no message, no value."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    for each in reversed(chain):
        yield f"{type(each).__module__}.{type(each).__qualname__}, raised through"
        for frame, number in traceback.walk_tb(each.__traceback__):
            yield f"  {frame.f_code.co_filename}:{number} in {frame.f_code.co_name}"
        if isinstance(each, BaseExceptionGroup):
            for part in each.exceptions:
                yield from (f"  {line}" for line in lines_of(part))
