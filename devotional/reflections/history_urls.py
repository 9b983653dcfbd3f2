"""Where one reflection's earlier wordings are."""

from django.urls import path

from devotional.reflections import history_views as views

app_name = "history"
urlpatterns = [
    path("<uuid:reflection_id>/", views.history, name="reflection"),
    path("<uuid:reflection_id>/restore/", views.restore, name="restore"),
]
