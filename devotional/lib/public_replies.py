"""Public replies from memory, before Django is asked: as WhiteNoise does with files (R4).

A page that `public_page` has marked is asked for once more in every form that a browser may want,
through the whole stack, and what came out is kept: status, headers and body, byte for byte. So
there is nothing here that makes a reply, no header of its own, and no page that would differ. What
can't be told from method, path, host, coding and tag alone goes on to Django as if this weren't
here, and so does everything when this is left out.

Knows WSGI; knows nothing of devotionals, and never sees a cookie.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any

from django.utils.http import parse_etags

from .http import PUBLIC_PAGE, best_coding

logger = logging.getLogger("devotional.public_replies")

CODINGS = ("", "gzip", "br")

# An address under a wildcard of ALLOWED_HOSTS is one of any number, so there is an end to them.
MOST_VARIANTS = 1024

# What a request says that changes a public reply in ways that only Django knows.
ASKS_MORE = (
    "CONTENT_LENGTH",
    "HTTP_TRANSFER_ENCODING",
    "HTTP_IF_MATCH",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_IF_MODIFIED_SINCE",
)
# What a request that nobody has sent says of itself: nothing about anybody.
NEUTRAL = ("SCRIPT_NAME", "PATH_INFO", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "HTTP_HOST")

_keeping = threading.Lock()

type Environ = dict[str, Any]
type Headers = list[tuple[str, str]]
type Application = Callable[..., Iterable[bytes]]
type Variant = tuple[str, str, str]


class Refused(Exception):
    """A reply that called itself public and isn't the same for everyone."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: str
    headers: Headers
    body: list[bytes]


@dataclass(frozen=True, slots=True)
class Replies:
    """All that can be answered about one page to one host."""

    is_current: Callable[[], bool]
    etag: str  # without the W/
    whole: dict[str, Reply]  # by coding
    not_modified: Reply


def from_memory(application: Application, *, source: Application | None = None) -> Application:
    """`application`, whose public pages are answered without it.

    What is kept is asked of `source`, the same without what only visitors are to pass through.
    """
    kept: dict[Variant, Replies] = {}

    def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method != "GET" and method != "HEAD":
            return application(environ, start_response)
        variant = (
            environ.get("PATH_INFO", ""),
            environ.get("HTTP_HOST", ""),
            environ.get("HTTP_X_FORWARDED_PROTO", ""),
        )
        replies = kept.get(variant)
        if replies is not None:
            reply = choose(replies, environ)
            if reply is not None:
                start_response(reply.status, reply.headers.copy())
                return reply.body if method == "GET" else []
        environ.pop(PUBLIC_PAGE, None)  # ours alone to set, whatever a server hands on
        body = application(environ, start_response)
        is_current = environ.get(PUBLIC_PAGE)
        if is_current is not None and (replies is None or not stands(replies)):
            keep(kept, variant, ask_all(source or application, environ, is_current))
        return body

    return answer


def choose(replies: Replies, environ: Environ) -> Reply | None:
    """The reply that this request is owed; None where that is for Django to say."""
    if not stands(replies):
        return None
    for name in ASKS_MORE:
        if environ.get(name):
            return None
    known = environ.get("HTTP_IF_NONE_MATCH")
    if known is not None and knows(known, replies.etag):
        return replies.not_modified
    return replies.whole[coding_of(environ.get("HTTP_ACCEPT_ENCODING", ""))]


def stands(replies: Replies) -> bool:
    """Whether they are still what would be said. Raises nothing: nobody is there to catch it."""
    try:
        return replies.is_current()
    except Exception as error:
        logger.error("what is kept in memory can't be looked at: %s", type(error).__name__)
        return False


def keep(kept: dict[Variant, Replies], variant: Variant, replies: Replies | None) -> None:
    with _keeping:
        kept.pop(variant, None)
        if replies is not None:
            if len(kept) >= MOST_VARIANTS:
                del kept[next(iter(kept))]  # the one that was learnt first
            kept[variant] = replies


def ask_all(
    application: Application, environ: Environ, is_current: Callable[[], bool]
) -> Replies | None:
    """Ask for the page in every form. None where it changed meanwhile, or isn't public after all.

    Raises nothing: the visitor has their answer already, and this is about the next one's.
    """
    try:
        whole = {
            coding: ask(application, environ, HTTP_ACCEPT_ENCODING=coding) for coding in CODINGS
        }
        tags = {value for reply in whole.values() for value in values(reply, "ETag")}
        if {reply.status for reply in whole.values()} != {"200 OK"} or len(tags) != 1:
            return None
        (tag,) = tags
        not_modified = ask(application, environ, HTTP_IF_NONE_MATCH=tag)
    except Exception as error:
        # By kind alone: what a message quotes is not for a log.
        logger.error("a public page is not kept in memory: %s", type(error).__name__)
        return None
    if not not_modified.status.startswith("304 ") or not is_current():
        return None
    return Replies(is_current, tag.removeprefix("W/"), whole, not_modified)


def ask(application: Application, environ: Environ, **headers: str) -> Reply:
    """One reply of the application to nobody. Raises Refused where it is someone's."""
    asked: Environ = {name: environ[name] for name in NEUTRAL if name in environ}
    asked |= {name: value for name, value in environ.items() if name.startswith("wsgi.")}
    if "HTTP_X_FORWARDED_PROTO" in environ:
        asked["HTTP_X_FORWARDED_PROTO"] = environ["HTTP_X_FORWARDED_PROTO"]
    asked |= {"REQUEST_METHOD": "GET", "QUERY_STRING": "", "wsgi.input": BytesIO(), **headers}
    started: list[tuple[str, Headers]] = []

    def start_response(status: str, headers: Headers, exc_info: object = None) -> None:
        started.append((status, headers))

    parts = application(asked, start_response)
    try:
        body = [part for part in parts if part]
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    reply = Reply(*started[-1], body)
    if values(reply, "Set-Cookie") or "cookie" in ",".join(values(reply, "Vary")).lower():
        raise Refused
    return reply


def values(reply: Reply, name: str) -> Sequence[str]:
    return [value for header, value in reply.headers if header.lower() == name.lower()]


# The headers of a handful of browsers, and no more of them than that are remembered.
@lru_cache(maxsize=256)
def coding_of(accept_encoding: str) -> str:
    return best_coding(accept_encoding)


@lru_cache(maxsize=256)
def knows(if_none_match: str, etag: str) -> bool:
    """Whether an If-None-Match holds this tag; weak and strong are alike (RFC 9110, 13.1.2)."""
    tags = parse_etags(if_none_match)
    return tags == ["*"] or etag in [tag.removeprefix("W/") for tag in tags]
