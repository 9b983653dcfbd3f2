"""Forged requests, refused without a cookie for those who have none yet.

Before a reader agrees, no cookie is set (W3), so there is nothing that Django's CSRF token could
be compared with, and no one in whose name a forged request could act. What remains to be refused
is another site sending a form here; browsers say where a request comes from, and that is checked.
From the first save on, Django's own token is asked for as everywhere else.
"""

from functools import wraps

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from devotional.lib.http import View, is_same_origin
from devotional.readers.guests import current_reader
from devotional.readers.views import csrf_failure


def csrf_protect_readers[**P](view: View[P]) -> View[P]:
    """Ask readers for a CSRF token, and everyone else for a request from this very site."""
    for_readers = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if current_reader(request) is not None:
            return for_readers(request, *args, **kwargs)
        if request.method not in ("GET", "HEAD") and not is_same_origin(request):
            return csrf_failure(request, "The request does not come from this site.")
        return view(request, *args, **kwargs)

    return guarded
