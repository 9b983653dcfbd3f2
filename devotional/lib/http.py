"""Two kinds of reply and nothing between: public ones, by `public_page`, and private ones.

A public page is the same bytes for everyone, and `page_cache` keeps it. Every other reply is
private and stored nowhere. This is the one place that knows which is which; it knows nothing of
devotionals or readers.
"""

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any, Concatenate

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

# Says to our scripts that an answer is this site's own, and no proxy's error page, kept copy or
# hotel's sign-in page.
OURS = "Devotional-Answer"

# Under this name a request carries that it was answered with a public page.
PUBLIC_PAGE = "devotional.public_page"

LONGEST_PATH = 300  # characters: longer than any of ours


class NotPublicError(RuntimeError):
    """A view called itself public and then answered one visitor only."""


def public_page[**P](view: View[P]) -> View[P]:
    """Make a view's reply public: the same for everyone, kept by browsers and `page_cache` (R4).

    The view must look at nothing of the request but the arguments from its URL. Replies other than
    200 are passed on as they are. Raises NotPublicError where the reply sets a cookie or varies on
    one.
    """

    @require_safe
    @wraps(view)
    def page(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if response.status_code != 200 or not isinstance(response, HttpResponse):
            return response
        if response.cookies or "cookie" in response.get("Vary", "").lower():
            raise NotPublicError("A public page must neither set a cookie nor vary on one.")
        # Checked at each visit, so that an edit shows at once (R9); a 304 is what that costs.
        response["Cache-Control"] = "public, max-age=0, must-revalidate"
        # Weak, because the same tag stands for the page in every coding.
        etag = response["ETag"] = f'W/"{sha256(response.content).hexdigest()[:32]}"'
        patch_vary_headers(response, ["Accept-Encoding"])
        request.META[PUBLIC_PAGE] = True
        conditional = get_conditional_response(request, etag=etag, response=response)
        return response if conditional is None else conditional

    page.is_public = True  # type: ignore[attr-defined]  # functions take attributes
    return page


def is_public(response: HttpResponseBase) -> bool:
    """Whether a view has said that `response` is the same for everyone, and may be kept."""
    return response.get("Cache-Control", "").startswith("public")


def keep_private[R: HttpResponseBase](response: R) -> R:
    """Make `response` one reader's own: kept by no browser, proxy or search engine."""
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response[OURS] = "yes"
    patch_vary_headers(response, ["Cookie"])
    return response


def see_other(to: str, *args: Any, note: str = "") -> HttpResponse:
    """303: the answer to a form is another page, which can be loaded again. `note` is its #part."""
    location = resolve_url(to, *args) + (f"#{note}" if note else "")
    return HttpResponseRedirect(location, status=303)


def address_is_secret[**P](view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """Let no other page learn the address. Not `no-referrer`: forms would lose their Origin."""

    @wraps(view)
    def reply(*args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(*args, **kwargs)
        response["Referrer-Policy"] = "strict-origin"
        return response

    return reply


def path_within(address: str) -> str:
    """`address` where it is a path of this very site; empty where it leads anywhere else."""
    is_ours = address.startswith("/") and len(address) <= LONGEST_PATH
    return address if is_ours and url_has_allowed_host_and_scheme(address, None) else ""


def is_opened_as_page(request: HttpRequest) -> bool:
    """Whether a person has opened this address, and no script of ours has fetched it.

    Only a window asks for HTML. `Sec-Fetch-Dest` would say so as well, but over plain http it isn't
    sent, and our service worker, through which windows ask, makes it `empty`.
    """
    return "text/html" in request.headers.get("Accept", "") and not fragment_wanted(request)


def fragment_wanted(request: HttpRequest) -> bool:
    """Whether htmx asks, so that a fragment is to be answered and not a page."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx)


def beside_the_words[R: HttpResponseBase](response: R) -> R:
    """Have htmx put a fragment in the page's line for notices, whatever it was meant to replace.

    What someone is writing in is never replaced by an error.
    """
    response["HX-Retarget"] = "#notice"
    response["HX-Reswap"] = "innerHTML"
    return response
