"""The host's pages: Django's admin with next to nothing in it, at `ADMIN_PATH` and nowhere else.

It shows that there are readers and groups, and whether the texts can be read. There is no way from
here to what a reader wrote, and an import contract says so. Nothing can be added or changed; two
things can be ended, by the product's own verbs (`tables.py`). No history is kept of what a host
looks at.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from devotional.content.loader import current_library
from devotional.host.accounts import A_WHILE, is_host, may_sign_in, signed_in
from devotional.readers.account_forms import plain_name
from devotional.readers.limits import client_address

TOO_OFTEN = "too_often"


class HostForm(AuthenticationForm):
    """Name and password, of a host and nobody else."""

    error_messages = {
        "invalid_login": _("That name and password don’t match."),
        TOO_OFTEN: _("Too many tries. Please wait five minutes."),
    }

    def clean(self) -> dict[str, Any]:
        name = plain_name(self.cleaned_data.get("username") or "")
        password = self.cleaned_data.get("password") or ""
        if not name or not password:
            return self.cleaned_data
        assert self.request is not None  # noqa: S101  # the view hands it in
        if not may_sign_in(name, client_address(self.request)):
            raise forms.ValidationError(self.error_messages[TOO_OFTEN], code=TOO_OFTEN)
        self.user_cache = signed_in(name, password)
        if self.user_cache is None:
            raise self.get_invalid_login_error()
        return self.cleaned_data


class HostSite(admin.AdminSite):
    site_title = site_header = _("Site admin")
    index_title = _("Overview")
    login_form = HostForm
    index_template = "host_index.html"
    enable_nav_sidebar = False
    final_catch_all_view = False

    def has_permission(self, request: HttpRequest) -> bool:
        return is_host(request.user)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """A page for hosts alone; everyone else is led to where they sign in.

        And back afterwards, by the path alone: what was searched for is in no second address.
        """
        guarded: Callable[..., HttpResponseBase] = super().admin_view(view, cacheable)

        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if self.has_permission(request):
                return guarded(request, *args, **kwargs)
            index, sign_in, sign_out = (
                reverse(f"admin:{name}", current_app=self.name)
                for name in ("index", "login", "logout")
            )
            return redirect_to_login(index if request.path == sign_out else request.path, sign_in)

        return page

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """What is listed here and no more: Django's own list has pages that change things."""
        urls: list[URLPattern | URLResolver] = [
            path("", self.admin_view(require_safe(self.index)), name="index"),
            path("sign-in/", self.sign_in, name="login"),
            path("sign-out/", self.admin_view(require_POST(self.logout)), name="logout"),
        ]
        for model, table in self._registry.items():
            urls.append(path(f"{model._meta.model_name}/", include(table.get_urls())))
        return urls

    def sign_in(self, request: HttpRequest) -> HttpResponse:
        return require_http_methods(["GET", "HEAD", "POST"])(self.answer_sign_in)(request)

    def answer_sign_in(self, request: HttpRequest) -> HttpResponse:
        """Django's page, with our statuses; and it leads to the host's pages and nowhere else."""
        response = self.login(request)
        index = reverse("admin:index", current_app=self.name)
        if isinstance(response, HttpResponseRedirect) and not response.url.startswith(index):
            return HttpResponseRedirect(index)  # Django would lead to where readers arrive
        if request.method == "POST" and isinstance(response, TemplateResponse):
            form = (response.context_data or {}).get("form")
            too_often = form is not None and form.has_error("__all__", TOO_OFTEN)
            response.status_code = 429 if too_often else 422
            if too_often:
                response["Retry-After"] = str(int(A_WHILE.total_seconds()))
        return response

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        library = current_library()
        broken = {problem.path.name.removesuffix(".md") for problem in library.problems}
        context = {
            "devotionals": [(each, each.id in broken) for each in library.devotionals],
            "problems": library.problems,
            "tables": [model._meta for model in self._registry],
            "site_name": settings.SITE_NAME,
        }
        return super().index(request, context | (extra_context or {}))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        return []  # the index has a list of its own

    def get_log_entries(self, request: HttpRequest) -> Any:
        return []  # nothing writes one


site = HostSite(name="host")
