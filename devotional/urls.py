"""The table of contents: every URL, by whose business it is."""

from django.conf import settings
from django.urls import include, path

from devotional import health

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("", include("devotional.library.urls")),
    path("", include("devotional.offline.urls")),
    path("reflect/", include("devotional.reflections.urls")),
    path("readings/", include("devotional.journal.readings_urls")),
    path("history/", include("devotional.reflections.history_urls")),
    path("account/", include("devotional.readers.urls")),
    path("account/", include("devotional.readers.signing_in_urls")),
    path("", include("devotional.readers.rights_urls")),
    path("journal/", include("devotional.journal.urls")),
    path("hinges/", include("devotional.journal.hinges_urls")),
    path("export/", include("devotional.journal.export_urls")),
    path("groups/", include("devotional.groups.urls")),
    path("j/", include("devotional.groups.joining_urls")),
    path("calendar/", include("devotional.groups.feed_urls")),
    path("share/", include("devotional.sharing.urls")),
]

if settings.ADMIN_PATH:
    # What it stands on is only installed where it is wanted.
    from devotional.host.site import site
    from devotional.host.tables import register

    register(site)
    urlpatterns.append(path(f"{settings.ADMIN_PATH}/", site.urls))

handler400 = "devotional.errors.bad_request"
handler403 = "devotional.errors.permission_denied"
handler404 = "devotional.errors.not_found"
handler500 = "devotional.errors.server_error"
