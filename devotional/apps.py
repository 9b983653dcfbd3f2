"""The one installed app. Its slices are folders of it, not apps of their own."""

from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.mail.utils import DNS_NAME


class DevotionalConfig(AppConfig):
    name = "devotional"
    verbose_name = "Devotional"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Registers the content's system checks, and who listens to whom.
        import devotional.content.checks  # noqa: F401
        from devotional.groups import receivers as of_groups
        from devotional.groups.access import groups_by_devotional
        from devotional.journal import receivers as of_journal
        from devotional.readers import hooks
        from devotional.reflections import receivers as of_reflections
        from devotional.reflections.earlier import last_wrote
        from devotional.sharing import receivers as of_sharing
        from devotional.sharing.brought import origins_among, together

        hooks.groups_by_devotional = groups_by_devotional
        hooks.shared_among = origins_among
        hooks.together = together
        hooks.last_wrote = last_wrote
        of_reflections.connect()
        of_journal.connect()
        of_groups.connect()
        of_sharing.connect()
        name_for_mail()


def name_for_mail() -> None:
    """Let mail say that it comes from the site, by the name that readers know.

    Django would ask for the machine's name, which is nobody's business, and would have each
    process wait for a name server that may not answer.
    """
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    # There is no setting for it; everything in Django that needs the name takes it from here.
    DNS_NAME._fqdn = named_in_mail(host)


def named_in_mail(host: str) -> str:
    """`host` as RFC 5321 has it: a name as it is, an address in brackets."""
    if ":" in host:
        return f"[IPv6:{host}]"
    return host if any(letter.isalpha() for letter in host) else f"[{host}]"
