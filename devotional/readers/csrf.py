"""Forged requests, refused without a cookie for those who have none yet.

Before a reader agrees, no cookie is set (W3), so there is nothing that Django's CSRF token could
be compared with, and no one in whose name a forged request could act. What remains to be refused
is another site sending a form here; browsers say where a request comes from, and that is checked.
From the first save on, Django's own token is asked for as everywhere else.

A form that was made for nobody has no token either, and may arrive when there is a reader: from
another tab, or after an answer that was lost. It is let through by its origin to the view, which
looks for whom each form was made.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from devotional.lib.http import View, is_same_origin
from devotional.readers.guests import current_reader
from devotional.readers.views import csrf_failure


class TokenCheck(CsrfViewMiddleware):
    """Django's own check, which tells its reason and leaves the answer to us."""

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


def csrf_protect_readers[**P](
    view: View[P], *, on_stale: View[P] | None = None
) -> Callable[..., HttpResponseBase]:
    """Ask readers for a CSRF token, and everyone else for a request from this very site.

    `on_stale` answers in place of `csrf_failure` where the token is out of date but the request
    is from a page of ours: there is text in it, which is worth more than a page of refusal (W7).
    """
    refuse = csrf_protect(view)  # asks once more, notes why, and answers

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.method in ("GET", "HEAD"):
            return view(request, *args, **kwargs)
        if current_reader(request) is None or made_for_nobody(request):
            if is_same_origin(request):
                return view(request, *args, **kwargs)
            return csrf_failure(request, "The request does not come from this site.")
        if not is_stale(request, view):
            return view(request, *args, **kwargs)
        if on_stale and is_same_origin(request):
            return on_stale(request, *args, **kwargs)
        return refuse(request, *args, **kwargs)

    return guarded


def made_for_nobody(request: HttpRequest) -> bool:
    return request.POST.get("writer") == ""


def is_stale(request: HttpRequest, view: Any) -> bool:
    check = TokenCheck(lambda request: HttpResponse())
    return check.process_view(request, view, (), {}) is not None
