"""Where turning points are marked and gathered, and one question is met again."""

from django.urls import path

from devotional.journal import ask_again_views, hinge_views, then_and_now_views

app_name = "hinges"
urlpatterns = [
    path("", hinge_views.everything, name="all"),
    path("mark/<uuid:reflection_id>/", hinge_views.mark, name="mark"),
    path("mark/<uuid:reflection_id>/put-back/", hinge_views.put_back, name="put_back"),
    path("take-off/<uuid:hinge_id>/", hinge_views.take_off, name="take_off"),
    path(
        "then-and-now/<slug:devotional_id>/<slug:section_id>/<slug:prompt_id>/",
        then_and_now_views.then_and_now,
        name="then_and_now",
    ),
    path(
        "ask-again/<slug:devotional_id>/<slug:section_id>/",
        ask_again_views.ask_again,
        name="ask_again",
    ),
]
