"""What the browser keeps on the device, and the page for when there is nothing kept."""

from django.urls import path

from devotional.offline import views

app_name = "offline"
urlpatterns = [
    # At the root, because a service worker sees only what lies below its own address.
    path("service-worker.js", views.service_worker, name="service-worker"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("offline/", views.offline, name="offline"),
]
