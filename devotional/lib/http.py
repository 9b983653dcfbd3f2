"""Two kinds of reply and nothing between: `public_page` and `private`.

A public page is the same bytes for everyone and is kept, compressed, until what it is made from
changes. A private reply is stored nowhere. This is the one place that knows which is which; it
knows nothing of devotionals or readers.
"""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from hashlib import sha256
from typing import Any, Concatenate, Self

import brotli
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_safe

from .sources import sources_version

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


# Under this name a request carries whether the public page that it was answered with is still the
# one to answer with, for who keeps replies in front of Django.
PUBLIC_PAGE = "devotional.public_page"

# Every page kept in this process, a table for each public view.
_kept_pages: list[dict[str, "KeptPage"]] = []


class NotPublic(RuntimeError):
    """A view called itself public and then answered one visitor only."""


@dataclass(frozen=True, slots=True)
class KeptPage:
    """One public page, rendered and compressed once."""

    version: str
    etag: str
    content_type: str
    bodies: dict[str, bytes]  # by content coding; "" is the page as it is

    @classmethod
    def of(cls, response: HttpResponse, version: str) -> Self:
        """Keep `response`. Raises NotPublic where it sets a cookie or varies on one."""
        if response.cookies or "cookie" in response.get("Vary", "").lower():
            raise NotPublic("A public page must neither set a cookie nor vary on one.")
        body = response.content
        return cls(
            version=version,
            # Weak, because the same tag stands for the page in every coding.
            etag=f'W/"{sha256(body).hexdigest()[:32]}"',
            content_type=response["Content-Type"],
            bodies={"": body} if is_compressed(response) else in_each_coding(body),
        )

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        """This page in the coding that the request likes best, or a 304."""
        coding = best_coding(request.headers.get("Accept-Encoding", ""))
        if coding not in self.bodies:
            coding = ""
        response = HttpResponse(self.bodies[coding], content_type=self.content_type)
        if coding:
            response["Content-Encoding"] = coding
        # Checked at each visit, so that an edit shows at once (R9); a 304 is what that costs.
        response["Cache-Control"] = "public, max-age=0, must-revalidate"
        response["ETag"] = self.etag
        patch_vary_headers(response, ["Accept-Encoding"])
        conditional = get_conditional_response(request, etag=self.etag, response=response)
        return response if conditional is None else conditional


def is_compressed(response: HttpResponse) -> bool:
    """Whether a body is a picture, which a second compression would only make slower."""
    return response["Content-Type"].startswith("image/")


def in_each_coding(body: bytes) -> dict[str, bytes]:
    return {
        "": body,
        "br": brotli.compress(body, quality=11),
        "gzip": gzip.compress(body, compresslevel=9, mtime=0),
    }


def best_coding(accept_encoding: str) -> str:
    """The best of `br`, `gzip` and `` (none) that an Accept-Encoding header allows."""
    allowed = set()
    for item in accept_encoding.lower().split(","):
        name, _, weight = item.strip().partition(";")
        if weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            allowed.add(name.strip())
    return next((coding for coding in ("br", "gzip") if coding in allowed), "")


def public_page[**P](*, version: Callable[[], str]) -> Callable[[View[P]], View[P]]:
    """Make a view's reply public: kept per path, until `version()` gives something new (R4).

    The view runs once per path and version, whoever asks, so it must look at nothing of the
    request but the arguments from its URL. Replies other than 200 are passed on and not kept.
    """

    def decorate(view: View[P]) -> View[P]:
        kept: dict[str, KeptPage] = {}
        _kept_pages.append(kept)

        @require_safe
        @wraps(view)
        def page(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            # Django gives whoever brings a token that can't be one a new one. Not here.
            request.META.pop("CSRF_COOKIE_NEEDS_UPDATE", None)
            now = f"{version()} {sources_version()}"
            entry = kept.get(request.path)
            if entry is None or entry.version != now:
                response = view(request, *args, **kwargs)
                if response.status_code != 200 or not isinstance(response, HttpResponse):
                    return response
                if request.META.get("CSRF_COOKIE_NEEDS_UPDATE"):
                    raise NotPublic("A public page must not hold a CSRF token.")
                entry = kept[request.path] = KeptPage.of(response, now)
            request.META[PUBLIC_PAGE] = partial(is_current, version, entry)
            return entry.answer(request)

        page.is_public = True  # type: ignore[attr-defined]  # functions take attributes
        return page

    return decorate


def is_current(version: Callable[[], str], page: KeptPage) -> bool:
    return page.version == f"{version()} {sources_version()}"


def forget_pages() -> None:
    """Render every public page anew: for when something other than `version()` changed."""
    for kept in _kept_pages:
        kept.clear()


def private[**P](view: View[P]) -> View[P]:
    """Mark a view's replies as one reader's own: kept by no browser, proxy or search engine."""

    @wraps(view)
    def reply(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return keep_private(view(request, *args, **kwargs))

    return reply


def keep_private[R: HttpResponseBase](response: R) -> R:
    """Put on `response` what `private` promises."""
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex, nofollow"
    patch_vary_headers(response, ["Cookie"])
    return response


def see_other(to: str, *args: Any, note: str = "") -> HttpResponse:
    """303: the answer to a form is another page, which can be loaded again. `note` is its #part."""
    location = resolve_url(to, *args) + (f"#{note}" if note else "")
    return HttpResponseRedirect(location, status=303)


def is_same_origin(request: HttpRequest) -> bool:
    """Whether the browser says that a page of this very site sent the request.

    Browsers send `Sec-Fetch-Site` on https and localhost, and `Origin` with every POST; neither
    can be set by another site's page. Where both are missing the answer is no.
    """
    fetched_from = request.headers.get("Sec-Fetch-Site")
    if fetched_from is not None:
        return fetched_from == "same-origin"
    origin = request.headers.get("Origin")
    # The second for a proxy that ends TLS and doesn't say so.
    return origin in (f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS)


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
