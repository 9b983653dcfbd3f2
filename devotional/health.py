"""Whether this server is there, and whether it can serve: for what watches it (S7).

Asked every few seconds by machines, on any name or none, without TLS. A reply names what is
missing by one word and tells nothing else, so anyone may have it.
"""

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from devotional.content.loader import current_library
from devotional.lib.encryption import KeyRingError
from devotional.lib.unavailable import RETRY_AFTER, let_go
from devotional.reflections.keys import opens_what_is_stored


def says(words: list[str], status: int = 200) -> HttpResponse:
    body = "".join(f"{word}\n" for word in words)
    return HttpResponse(body, status=status, content_type="text/plain; charset=utf-8")


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers. A database that doesn't is no reason to start it anew."""
    return says(["ok"])


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Everything that a page needs is there; else 503 with a word for each part that isn't."""
    missing = [word for check in (stored, written) for word in check()]
    if not missing:
        return says(["ok"])
    response = says(missing, status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def stored() -> list[str]:
    """The database answers, and the key ring opens what it holds: one query."""
    try:
        return [] if opens_what_is_stored() else ["keys"]
    except DatabaseError as error:
        let_go(error)
        return ["database"]
    except (KeyRingError, OSError):
        return ["keys"]


def written() -> list[str]:
    """There is something to read; where a file is broken, its last good text counts."""
    return [] if current_library().devotionals else ["content"]
