"""Where a reader writes."""

from django.urls import path

from devotional.reflections import views

app_name = "reflections"
urlpatterns = [
    path("<slug:devotional_id>/<slug:section_id>/", views.reflect, name="reflect"),
    path("<slug:devotional_id>/<slug:section_id>/panel/", views.panel, name="panel"),
]
