"""What lets the site open without a network: service worker, offline page, manifest (W9).

All three are the same for everyone. The worker keeps public pages and static files on the device
and nothing else; how, is in its template. Public pages are known here by their addresses alone.
"""

import json
import re
from collections.abc import Iterator
from hashlib import sha256

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import mark_safe
from django_htmx.jinja import htmx_script

from devotional.content.loader import current_library
from devotional.lib.http import public_page

# The light paper of tokens.css: a manifest can hold neither oklch() nor two schemes.
PAPER = "#fdfaf4"


def library_version() -> str:
    return current_library().version


@public_page
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker, with what it has to know. Another version is another file, so a new worker."""
    known = {
        "version": worker_version(),
        "home": reverse("library:home"),
        "pages": [
            reverse(f"library:{name}", args=["-"] * parts).removesuffix("-/" * parts)
            for name, parts in (
                ("cover", 1),
                ("end", 1),
                ("print", 1),
                ("handout", 2),
                ("guide", 2),
                ("meeting", 2),
            )
        ],
        "offline": reverse("offline:offline"),
        "static": settings.STATIC_URL,
        "assets": assets(),
    }
    # The template is JavaScript and the values are our own, so JSON stands in it as it is.
    script = mark_safe(json.dumps(known, indent=2))  # noqa: S308
    source = render_to_string("offline/service-worker.js", {"known": script})
    return HttpResponse(source, content_type="text/javascript; charset=utf-8")


@public_page
def offline(request: HttpRequest) -> HttpResponse:
    """Stands in for a page that is not on the device, and lists those that are."""
    return HttpResponse(offline_page())


@public_page
def manifest(request: HttpRequest) -> HttpResponse:
    """How the site looks when a phone puts it among its apps."""
    described = {
        "id": reverse("library:home"),
        "name": settings.SITE_NAME,
        "short_name": settings.SITE_NAME,
        "lang": settings.LANGUAGE_CODE,
        "start_url": reverse("library:home"),
        "scope": reverse("library:home"),
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": list(icons()),
    }
    return HttpResponse(json.dumps(described), content_type="application/manifest+json")


def offline_page() -> str:
    return render_to_string("offline/offline.html", {"language": "en"})


def assets() -> list[str]:
    """The static files without which no page looks or works as it should.

    Those that every page names, and our modules, most of which only other modules name.
    """
    named = re.findall(r'(?:href|src)="([^"]+)"', offline_page() + htmx_script())
    return sorted({url for url in named if url.startswith(settings.STATIC_URL)} | set(modules()))


def modules() -> list[str]:
    """Our JavaScript by its hashed names; nothing where names hold no hash, as in development."""
    collected: dict[str, str] = getattr(staticfiles_storage, "hashed_files", {})
    return [static(name) for name in collected if re.fullmatch(r"js/.+\.js", name)]


def worker_version() -> str:
    """Changes with any text, any static file and the offline page, and with nothing else."""
    made_from = [
        library_version(),
        getattr(staticfiles_storage, "manifest_hash", ""),  # where names hold hashes
        *assets(),
        offline_page(),
    ]
    return sha256("\0".join(made_from).encode()).hexdigest()[:16]


def icons() -> Iterator[dict[str, str]]:
    for name, size, purpose in [
        ("icon-192", 192, "any"),
        ("icon-512", 512, "any"),
        ("maskable-512", 512, "maskable"),
    ]:
        yield {
            "src": static(f"icons/{name}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
