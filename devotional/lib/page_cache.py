"""Answers public pages from memory, in front of Django, as WhiteNoise does with files (R4).

A page that `public_page` has marked is asked for once more by nobody: no cookie, address, query or
browser. What Django says then is kept in every coding, until the version of the content changes.
Only requests for the site's own address are answered here; other hosts and schemes, other methods
and whatever Django alone can judge go on to it as if there were no cache.
"""

import gzip
import logging
from collections.abc import Callable, Iterable
from functools import lru_cache
from io import BytesIO
from typing import Any, NamedTuple

import brotli
from django.utils.http import parse_etags

from .http import PUBLIC_PAGE
from .last_resort import close

logger = logging.getLogger("devotional.page_cache")

# What a request says that changes a public reply in ways that only Django knows.
CONDITIONS = (
    *("CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"),
    *("HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE"),
)
# What a request that nobody has sent says of itself.
NEUTRAL = ("SCRIPT_NAME", "PATH_INFO", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "HTTP_HOST")

type Environ = dict[str, Any]
type Headers = list[tuple[str, str]]
type Application = Callable[..., Iterable[bytes]]


class Reply(NamedTuple):
    status: str
    headers: Headers
    body: bytes


class CachedPage(NamedTuple):
    etag: str  # without the W/
    whole: dict[str, Reply]  # by content coding, "" for none
    not_modified: Reply

    def reply_to(self, environ: Environ) -> Reply | None:
        """The reply that this request is owed; None where that is for Django to say."""
        if any(environ.get(name) for name in CONDITIONS):
            return None
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known is not None and matches(known, self.etag):
            return self.not_modified
        coding = best_coding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        return self.whole.get(coding, self.whole[""])


class PageCache:
    """A WSGI application: `application`, whose public pages are answered without it.

    `source` is asked for what is kept: `application` less what only visitors pass through. `home`
    are the variables by which a request asks for the site's own address. `version()` changes with
    the content.
    """

    def __init__(
        self,
        application: Application,
        source: Application,
        *,
        home: dict[str, str],
        version: Callable[[], str],
    ) -> None:
        self._application, self._source = application, source
        self._home, self._version = home.items(), version
        self._kept: tuple[str, dict[str, CachedPage]] = ("", {})

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ.pop(PUBLIC_PAGE, None)  # ours alone to set, whatever a server hands on
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        if method not in ("GET", "HEAD") or not self._home <= environ.items():
            return self._application(environ, start_response)
        version = self._version()
        if self._kept[0] != version:
            self._kept = version, {}
        pages = self._kept[1]  # a page that is being made while they change goes with the old ones
        page = pages.get(path)
        reply = page.reply_to(environ) if page is not None else None
        if reply is None:
            started: list[tuple[Any, ...]] = []
            body = self._application(environ, lambda *begun: started.append(begun))
            if page is None and PUBLIC_PAGE in environ and (page := self._ask(environ)) is not None:
                pages[path] = page
                reply = page.reply_to(environ)  # the same, but compressed
            if reply is None:
                start_response(*started[-1])
                return body
            close(body)
        start_response(reply.status, reply.headers.copy())
        return [reply.body] if method == "GET" else []

    def _ask(self, environ: Environ) -> CachedPage | None:
        """The page as nobody sees it. Raises nothing, since its visitor has been answered."""
        asked = {name: environ[name] for name in (*NEUTRAL, *dict(self._home)) if name in environ}
        asked |= {name: value for name, value in environ.items() if name.startswith("wsgi.")}
        asked |= {"REQUEST_METHOD": "GET", "QUERY_STRING": "", "wsgi.input": BytesIO()}
        started: list[tuple[str, Headers]] = []
        try:
            body = self._source(asked, lambda *begun: started.append(begun[:2]))
            try:
                return cached(Reply(*started[-1], b"".join(body)))
            finally:
                close(body)
        except Exception as error:
            # By kind alone: what a message quotes is not for a log.
            logger.error("a public page is not kept in memory: %s", type(error).__name__)
            return None


def cached(plain: Reply) -> CachedPage | None:
    """`plain` in every form; None where it is no public page after all."""
    headers = {name.lower(): value for name, value in plain.headers}
    if plain.status != "200 OK" or "set-cookie" in headers or "cookie" in headers["vary"].lower():
        return None
    of_body = ("content-type", "content-length")
    kept = [(name, value) for name, value in plain.headers if name.lower() not in of_body]
    whole = {"": plain}
    if not headers["content-type"].startswith("image/"):  # compressed by its own kind
        for coding, body in (
            ("br", brotli.compress(plain.body, quality=11)),
            ("gzip", gzip.compress(plain.body, compresslevel=9, mtime=0)),
        ):
            about = [("Content-Type", headers["content-type"]), ("Content-Encoding", coding)]
            about.append(("Content-Length", str(len(body))))
            whole[coding] = Reply(plain.status, kept + about, body)
    not_modified = Reply("304 Not Modified", [*kept, ("Content-Length", "0")], b"")
    return CachedPage(headers["etag"].removeprefix("W/"), whole, not_modified)


# The headers of a handful of browsers, and no more of them than that are remembered.
@lru_cache(maxsize=256)
def best_coding(accept_encoding: str) -> str:
    """The best of `br`, `gzip` and `` (none) that an Accept-Encoding header allows."""
    weights = {}
    for item in accept_encoding.lower().replace(" ", "").split(","):
        coding, _, weight = item.partition(";q=")
        weights[coding] = weight.strip("0.") != "" or weight == ""
    return next((coding for coding in ("br", "gzip") if weights.get(coding)), "")


@lru_cache(maxsize=256)
def matches(if_none_match: str, etag: str) -> bool:
    """Whether an If-None-Match holds this tag; weak and strong are alike (RFC 9110, 13.1.2)."""
    tags = parse_etags(if_none_match)
    return tags == ["*"] or etag in [tag.removeprefix("W/") for tag in tags]
