"""The one installed app. Its slices are folders of it, not apps of their own."""

from django.apps import AppConfig


class DevotionalConfig(AppConfig):
    name = "devotional"
    verbose_name = "Devotional"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Registers the content's system checks.
        import devotional.content.checks  # noqa: F401
