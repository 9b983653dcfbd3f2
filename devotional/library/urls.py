"""Pages that are the same for everyone."""

from django.urls import path

from devotional.library import preview_views, sheet_views, views

app_name = "library"
urlpatterns = [
    path("", views.home, name="home"),
    path("read/<slug:devotional_id>/", views.cover, name="cover"),
    path("read/<slug:devotional_id>/<slug:section_id>/", views.section, name="section"),
    path("end/<slug:devotional_id>/", views.end, name="end"),
    path("print/<slug:devotional_id>/", sheet_views.whole, name="print"),
    path("print/<slug:devotional_id>/<slug:section_id>/", sheet_views.part, name="print-section"),
    path("handout/<slug:devotional_id>/<slug:section_id>/", sheet_views.handout, name="handout"),
    path("guide/<slug:devotional_id>/<slug:section_id>/", sheet_views.guide, name="guide"),
    path("meeting/<slug:devotional_id>/<slug:section_id>/", sheet_views.meeting, name="meeting"),
    path("preview/<slug:devotional_id>.png", preview_views.of_cover, name="preview"),
    path(
        "preview/<slug:devotional_id>/<slug:section_id>.png",
        preview_views.of_section,
        name="section-preview",
    ),
    path("sitemap.xml", preview_views.sitemap, name="sitemap"),
    path("robots.txt", preview_views.robots, name="robots"),
]
