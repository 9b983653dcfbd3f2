"""Sessions, of which public pages know nothing."""

from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse

from .http import PUBLIC_PAGE


class Sessions(SessionMiddleware):
    """Django's own, but a public page takes no session's cookie back.

    Django deletes the cookie of a session that can't be one at whatever is visited next, which
    would make that page another one for this visitor (R4). The next private page does so.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if PUBLIC_PAGE in request.META:
            return response
        return super().process_response(request, response)
