"""Where a reader puts words before a group, and takes them back."""

from django.urls import path

from devotional.sharing import views

app_name = "sharing"
urlpatterns = [
    path("", views.everything, name="all"),
    path("<uuid:reflection_id>/", views.choose, name="share"),
    path("<uuid:reflection_id>/bring/", views.bring, name="bring"),
    path("take-back/<uuid:share_id>/", views.take_it_back, name="take_back"),
]
