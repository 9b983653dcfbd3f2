"""Pages for when something went wrong: each says what happened and what to do next.

They need no database and no reader, so that they can be shown when either is the trouble.
"""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from devotional.lib.http import fragment_wanted, keep_private


def answer(request: HttpRequest, name: str, status: int) -> HttpResponse:
    template = f"errors/{name}.html"
    if fragment_wanted(request):
        template += "#notice"
    return keep_private(HttpResponse(render_to_string(template, {"language": "en"}), status=status))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, "400", 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, "403", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, "404", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return answer(request, "500", 500)
