"""Where an invitation leads."""

from django.urls import path, register_converter

from devotional.groups import joining_views

app_name = "joining"


class Anything:
    """Whatever stands behind /j/ is taken for a token, so that each wrong one is answered alike."""

    regex = r"(?s:.+)"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Anything, "anything")
urlpatterns = [path("<anything:token>", joining_views.welcome, name="welcome")]
