"""Pages that are the same for everyone."""

from django.urls import path

from devotional.library import views

app_name = "library"
urlpatterns = [
    path("", views.home, name="home"),
    path("read/<slug:devotional_id>/", views.cover, name="cover"),
    path("read/<slug:devotional_id>/<slug:section_id>/", views.section, name="section"),
]
