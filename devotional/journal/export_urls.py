"""Where everything can be taken away."""

from django.urls import path

from devotional.journal import export_views as views

app_name = "export"
urlpatterns = [
    path("", views.page, name="all"),
    path("everything.zip", views.everything, name="zip"),
    path("print/", views.to_print, name="print"),
    path("print/<slug:devotional_id>/<int:number>/", views.one_to_print, name="print-reading"),
]
