"""Where a reader looks back."""

from django.urls import path

from devotional.journal import views

app_name = "journal"
urlpatterns = [
    path("", views.everything, name="all"),
    path("of/<slug:devotional_id>/", views.of_devotional, name="of"),
    path("search/", views.find, name="search"),
    path("deleted/", views.deleted, name="deleted"),
    path("delete/<uuid:reflection_id>/", views.delete, name="delete"),
    path("put-back/<uuid:reflection_id>/", views.undo, name="put_back"),
    path("erase-now/<uuid:reflection_id>/", views.erase, name="erase_now"),
]
