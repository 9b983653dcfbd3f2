"""Where a reader's readings are, and a new one is begun."""

from django.urls import path

from devotional.reflections import readings_views as views

app_name = "readings"
urlpatterns = [
    path("", views.everything, name="all"),
    path("<slug:devotional_id>/", views.of_devotional, name="devotional"),
    path("<slug:devotional_id>/begin/", views.begin, name="begin"),
    path("<slug:devotional_id>/undo/", views.undo, name="undo"),
]
