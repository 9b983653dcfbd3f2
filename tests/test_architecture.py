"""The house, where import-linter can't look: foreign keys, templates and what is committed."""

import re
from pathlib import Path

from django.apps import apps
from pytest_django import Settings

FLOORS = {"django": 0, "readers": 1, "reflections": 2, "groups": 2, "journal": 3, "sharing": 3}


def slice_of(model: type) -> str:
    package, name, *_rest = model.__module__.split(".")
    return name if package == "devotional" else package


def test_foreign_keys_point_down_or_stay_at_home() -> None:
    seen = 0
    for model in apps.get_app_config("devotional").get_models():
        for field in model._meta.get_fields():
            if field.is_relation and field.concrete and isinstance(field.related_model, type):
                home, other = slice_of(model), slice_of(field.related_model)
                assert home == other or FLOORS[other] < FLOORS[home], (model, field)
                seen += 1
    assert seen > 0


def test_no_template_holds_a_script_or_a_style(settings: Settings) -> None:
    templates = list((Path(settings.BASE_DIR) / "templates").rglob("*.html"))
    assert templates
    for template in templates:
        found = re.findall(
            r"<style|\sstyle=|\son[a-z]+=\"|hx-on|<script(?![^>]*\ssrc=)", template.read_text()
        )
        assert found == [], template


def test_no_template_tag_asks_the_database(settings: Settings) -> None:
    """A view composes its page; a tag knows neither the request nor a row."""
    tags = [*(Path(settings.BASE_DIR) / "devotional" / "templatetags").glob("*.py")]
    assert tags
    for file in tags:
        assert re.findall(r"takes_context|request|\.objects|current_", file.read_text()) == [], file


def test_only_the_hosts_templates_hold_a_token(settings: Settings) -> None:
    """Django's own views ask for it there; everything else is guarded by `lib/same_origin.py`."""
    folder = Path(settings.BASE_DIR) / "templates"
    holding = [file for file in folder.rglob("*.html") if "csrf_token" in file.read_text()]
    assert {file.relative_to(folder).parts[0] for file in holding} == {"host"}


def test_public_templates_hold_no_token_and_no_user(settings: Settings) -> None:
    folder = Path(settings.BASE_DIR) / "templates"
    public = [folder / "base.html", folder / "aa.html", folder / "reflections" / "slot.html"]
    for template in [*public, *(folder / "library").glob("*.html")]:
        assert re.findall(r"csrf|request\.|user\.|messages", template.read_text()) == [], template
