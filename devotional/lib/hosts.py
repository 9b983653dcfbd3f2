"""By which names a request may ask for us: by those of ALLOWED_HOSTS, and here and there by any."""

from django.conf import settings
from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware


class Common(CommonMiddleware):
    """Django's own, but who watches this machine may ask by its address, or by a name it made up.

    What is answered there holds no address, so a forged name leads nowhere.
    """

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        if request.path in settings.ANSWERED_TO_ANY_HOST:
            return None
        return super().process_request(request)
