"""Where the journal is by part, and a new time through is begun."""

from django.urls import path

from devotional.journal import by_part_views
from devotional.reflections import readings_views as views

app_name = "readings"
urlpatterns = [
    path("", by_part_views.everything, name="all"),
    path("<slug:devotional_id>/", by_part_views.of_devotional, name="devotional"),
    path("<slug:devotional_id>/begin/", views.begin, name="begin"),
    path("<slug:devotional_id>/undo/", views.undo, name="undo"),
]
