"""What a host sees of readers and groups: ids and dates, and of a group its name (S8).

A table names its columns, and the database is asked for those alone: no sealed column, no first
name, no address, no token's hash ever reaches a page of the host's.
"""

import logging
import uuid
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from devotional.groups.members import end_group
from devotional.groups.models import Group, Invitation, Membership
from devotional.host.site import HostSite
from devotional.readers.erasing import erase_reader
from devotional.readers.models import Account, Reader

logger = logging.getLogger("devotional.host")


if TYPE_CHECKING:
    Admin = admin.ModelAdmin[Any]
else:
    Admin = admin.ModelAdmin  # takes no parameter when it runs


class Table(Admin):
    """Rows to look at: a list, and a page for each. Nothing can be added, changed or deleted."""

    columns: ClassVar[tuple[str, ...]]  # all that is read of a row
    ids: ClassVar[tuple[str, ...]] = ("id",)  # columns that a search may name by an id
    days: ClassVar[tuple[str, ...]] = ()  # columns that a search may name by a day
    ending: ClassVar[str] = ""  # what can be done with a row: the last part of its address
    list_per_page = 50
    actions = None
    search_fields = ("id",)  # for the box alone: `get_search_results` looks
    search_help_text = gettext_lazy("A full ID, or a date like 2026-03-04.")
    change_form_template = "host_row.html"
    change_list_template = "host_rows.html"

    @property
    def media(self) -> forms.Media:
        return forms.Media()  # nothing here needs a script

    def get_list_display(self, request: HttpRequest) -> Any:
        return self.columns

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.columns

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).only(*self.columns)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        return (queryset.filter(self.found_by(term)) if term else queryset), False

    def found_by(self, term: str) -> Q:
        found = Q(pk__in=())
        try:
            for column in self.ids:
                found |= Q(**{column: uuid.UUID(term)})
        except ValueError:
            pass
        try:
            for column in self.days:
                found |= Q(**{column: date.fromisoformat(term)})
        except ValueError:
            pass
        return found

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        urls = [
            path("", self.page(self.changelist_view), name=f"{name}_changelist"),
            path("<uuid:object_id>/", self.page(self.row), name=f"{name}_change"),
        ]
        if self.ending:
            ask_and_end = require_http_methods(["GET", "HEAD", "POST"])(self.ask_and_end)
            guarded = self.admin_site.admin_view(ask_and_end)
            urls.append(path(f"<uuid:id_>/{self.ending}/", guarded, name=f"{name}_end"))
        return urls

    def page(self, view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        return self.admin_site.admin_view(require_safe(view))

    def row(self, request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
        self.one(request, object_id)
        context = {"show_save": False, "has_end": bool(self.ending), "end_words": self.button}
        context["title"] = str(self.opts.verbose_name).capitalize()
        return self.change_view(request, str(object_id), extra_context=context)

    def one(self, request: HttpRequest, id_: uuid.UUID) -> Any:
        row = self.get_queryset(request).filter(pk=id_).first()
        if row is None:
            raise Http404
        return row

    # Ending

    asked: ClassVar[Any] = ""
    button: ClassVar[Any] = ""
    done: ClassVar[Any] = ""

    def ask_and_end(self, request: HttpRequest, id_: uuid.UUID) -> HttpResponse:
        """Say what ends, and end it by a POST; once more leads on."""
        changelist = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        row = self.one(request, id_)
        if request.method == "POST":
            self.end(row)
            logger.info("The host ended a %s", self.opts.model_name)
            messages.success(request, str(self.done))
            return redirect(changelist)
        context = {
            **self.admin_site.each_context(request),
            "title": self.button,
            "asked": self.asked,
            "button": self.button,
            "opts": self.opts,
            "row": row,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "host_end.html", context)

    def end(self, row: Any) -> None:
        raise NotImplementedError


class Readers(Table):
    columns = ("id", "made_at", "seen_on", "consent_version", "consented_at")
    days = ("made_at__date", "seen_on")
    list_filter = ("made_at", "seen_on")
    ordering = ("-made_at", "id")
    ending = "erase"
    asked = gettext_lazy(
        "Everything this reader wrote, shared and set up is deleted straight away. It can’t be "
        "undone, and backups are gone within 30 days. Do this only for someone who asked and can’t "
        "do it themselves; readers can erase everything under Privacy."
    )
    button = gettext_lazy("Erase this reader")
    done = gettext_lazy("This reader is erased.")

    def end(self, row: Reader) -> None:
        erase_reader(row)


class Accounts(Table):
    columns = ("id", "made_at", "reader_id", "is_staff")
    ids = ("id", "reader_id")
    days = ("made_at__date",)
    list_filter = ("made_at", "is_staff")
    ordering = ("-made_at", "id")


class Groups(Table):
    columns = ("id", "name", "devotional", "made_at", "first_on", "rhythm", "limit")
    days = ("made_at__date", "first_on")
    list_filter = ("made_at", "rhythm")
    ordering = ("-made_at", "id")
    search_help_text = gettext_lazy("A full ID, a date like 2026-03-04, or part of a name.")
    ending = "close"
    asked = gettext_lazy(
        "This closes the group for everyone: its members, its link, its calendars and what was "
        "shared in it are deleted straight away. Nobody’s own words are touched. It can’t be "
        "undone."
    )
    button = gettext_lazy("Close this group")
    done = gettext_lazy("The group is closed.")

    def found_by(self, term: str) -> Q:
        return super().found_by(term) | Q(name__icontains=term)

    def end(self, row: Group) -> None:
        end_group(row.pk)


class Memberships(Table):
    columns = ("id", "group_id", "reader_id", "standing", "is_leader", "joined_at")
    ids = ("id", "group_id", "reader_id")
    days = ("joined_at__date",)
    list_filter = ("joined_at", "standing")
    ordering = ("-joined_at", "id")


class Invitations(Table):
    columns = ("id", "group_id", "open_until", "good_until")
    ids = ("id", "group_id")
    days = ("open_until__date", "good_until__date")
    list_filter = ("good_until",)
    ordering = ("-open_until", "id")


def register(site: HostSite) -> None:
    site.register(Reader, Readers)
    site.register(Account, Accounts)
    site.register(Group, Groups)
    site.register(Membership, Memberships)
    site.register(Invitation, Invitations)
