"""Response headers that Django has no setting for: who may load us, what a page may use.

They are the same for every reply, so their middleware stands near the front of the chain, where
error pages and static files get them too.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

# Powers that no page of ours needs, closed for the page and whatever is in it. What isn't named
# keeps the browser's default: sharing, the clipboard, the wake lock and passkeys have their uses.
CLOSED_FEATURES = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "encrypted-media",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in CLOSED_FEATURES)

type Handler = Callable[[HttpRequest], HttpResponseBase]


def closed_headers(get_response: Handler) -> Handler:
    """Middleware: other sites can't load our replies, and our pages can't use what they needn't."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        # A view that means to be looser (an image for link previews, say) sets its own.
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response

    return respond
