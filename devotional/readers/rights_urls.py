"""What is stored and why, where consent stands, and where everything can be erased."""

from django.urls import path

from devotional.readers import rights_views as views

app_name = "rights"
urlpatterns = [
    path("privacy/", views.privacy, name="privacy"),
    path("consent/", views.consent, name="consent"),
    path("erase/", views.erase, name="erase"),
    path("erase/words/", views.confirm_words, name="erase_words"),
    path("erase/reader/", views.confirm_reader, name="erase_reader"),
]
