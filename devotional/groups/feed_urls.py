"""What a member's calendar fetches."""

from django.urls import path

from devotional.groups import schedule_views

app_name = "feed"
urlpatterns = [path("<str:token>.ics", schedule_views.feed, name="calendar")]
