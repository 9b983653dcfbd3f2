"""Pages for when something went wrong: each says what happened and what to do next.

They need no database and no reader, so that they can be shown when either is the trouble.
"""

from collections.abc import Callable

from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string

from devotional.lib.http import beside_the_words, fragment_wanted, is_opened_as_page, keep_private
from devotional.lib.same_origin import ForgedRequestError
from devotional.lib.unavailable import RETRY_AFTER, is_unavailable, let_go
from devotional.readers.guests import has_gone


def answer(request: HttpRequest, name: str, status: int) -> HttpResponse:
    template = f"errors/{name}.html"
    if not fragment_wanted(request):
        page = render_to_string(template, {"language": "en"})
        return keep_private(HttpResponse(page, status=status))
    notice = render_to_string(f"{template}#notice", {"language": "en"})
    return keep_private(beside_the_words(HttpResponse(notice, status=status)))


class Unavailable:
    """Middleware: a database that can't be had is answered by 503, and asked for again (W8).

    A reader who is gone before their answer is made, by 404; and who opens an address that only
    takes forms, as a restored tab does, by a page and not by nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == 405 and is_opened_as_page(request):
            page = answer(request, "404", 405)
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if is_unavailable(error):
            let_go(error)
            return unavailable(request)
        if isinstance(error, (DatabaseError, ObjectDoesNotExist)) and has_gone(request):
            return not_found(request, error)  # as for who comes a moment later
        return None


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return answer(request, "413", 413)
    return answer(request, "400", 400)


def unavailable(request: HttpRequest) -> HttpResponse:
    response = answer(request, "503", 503)
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, ForgedRequestError):
        return forged(request)
    return answer(request, "403", 403)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for what did not come from a page of ours. `reason` is Django's, of the host's pages."""
    return answer(request, "forged", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, "404", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return answer(request, "500", 500)
