"""The table of contents: every URL, by whose business it is."""

from django.urls import include, path

urlpatterns = [
    path("", include("devotional.library.urls")),
    path("reflect/", include("devotional.reflections.urls")),
]

handler400 = "devotional.errors.bad_request"
handler403 = "devotional.errors.permission_denied"
handler404 = "devotional.errors.not_found"
handler500 = "devotional.errors.server_error"
