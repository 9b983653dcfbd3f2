"""Where people read together."""

from django.urls import path

from devotional.groups import (
    group_views,
    handout_views,
    invitation_views,
    inviting_views,
    leading_views,
    schedule_views,
)

app_name = "groups"
urlpatterns = [
    path("", group_views.everything, name="all"),
    path("new/", group_views.new, name="new"),
    path("of/<slug:devotional_id>/", group_views.of, name="of"),
    # For everyone in a group
    path("<uuid:group_id>/", group_views.group, name="group"),
    path("<uuid:group_id>/read/", group_views.read_it, name="read_it"),
    path("<uuid:group_id>/members/<uuid:member_id>/", group_views.rename, name="rename"),
    path("<uuid:group_id>/leave/", group_views.leave, name="leave"),
    path("<uuid:group_id>/handout/<slug:section_id>/", handout_views.handout, name="handout"),
    path("<uuid:group_id>/calendar/", schedule_views.calendar, name="calendar"),
    # For who leads it
    path("<uuid:group_id>/lead/", leading_views.lead, name="lead"),
    path("<uuid:group_id>/members/<uuid:member_id>/remove/", leading_views.remove, name="remove"),
    path(
        "<uuid:group_id>/members/<uuid:member_id>/hand-over/",
        leading_views.hand_over,
        name="hand_over",
    ),
    path("<uuid:group_id>/waiting/decline/", leading_views.decline_all, name="decline_all"),
    path("<uuid:group_id>/waiting/<uuid:member_id>/", leading_views.decline, name="decline"),
    path(
        "<uuid:group_id>/waiting/<uuid:member_id>/let-in/", invitation_views.let_in, name="let_in"
    ),
    path("<uuid:group_id>/schedule/", schedule_views.schedule, name="schedule"),
    path("<uuid:group_id>/schedule/skip/", schedule_views.skip_day, name="skip"),
    path("<uuid:group_id>/invite/", inviting_views.invite, name="invite"),
    path("<uuid:group_id>/invite/sheet/", inviting_views.qr, name="qr"),
    path("<uuid:group_id>/invite/reset/", invitation_views.reset_link, name="reset_link"),
    path("<uuid:group_id>/invite/close/", invitation_views.close, name="close_link"),
    path("<uuid:group_id>/delete/", leading_views.delete, name="delete"),
]
