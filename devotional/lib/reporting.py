"""What we say about errors: the kind, the request's route and the place in the code.

Never what a reader sent or what a variable held. An exception's own message is left out as well:
`int("my words")` and a database's "Key (name)=(…)" quote their input. The same holds for every
log record that belongs to a request, since a path may hold an invitation's secret.
"""

import logging
from collections.abc import ItemsView
from copy import copy
from types import FrameType
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter, get_caller

from devotional.lib.log_lines import known_method, lines_of
from devotional.lib.same_origin import ForgedRequestError

HIDDEN = "(not shown)"

# Of a request's META: what helps to find a fault and can't hold a reader's words or address.
SHOWN_META = frozenset({"CONTENT_LENGTH", "CONTENT_TYPE", "REQUEST_METHOD", "SERVER_PROTOCOL"})


class PrivateReporterFilter(SafeExceptionReporterFilter):
    """Django's filter hides what was marked as sensitive; this one takes everything to be so.

    It does so in DEBUG too: what a developer types to try things out is private as well.
    """

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_safe_request_meta(self, request: HttpRequest | None) -> dict[str, Any]:
        meta = getattr(request, "META", {})
        return {name: meta[name] for name in sorted(SHOWN_META & meta.keys())}

    def get_safe_cookies(self, request: HttpRequest | None) -> dict[str, Any]:
        return {}

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return {}

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> ItemsView[str, Any]:
        return {}.items()


class PrivateReporter(ExceptionReporter):
    """Django's report without what its filter is never asked about.

    That is the address with its query, the files, the messages of exceptions and of their causes.
    In DEBUG the messages stay: the report is then a page for the one who sent the request.
    """

    def get_traceback_data(self) -> dict[str, Any]:
        request, self.request = self.request, None
        try:
            data: dict[str, Any] = super().get_traceback_data()
        finally:
            self.request = request
        if request is not None:
            data["raising_view_name"] = get_caller(request)
        data["unicode_hint"] = ""
        if settings.DEBUG:
            return data
        for key in ("exception_value", "exception_notes"):
            if key in data:
                data[key] = HIDDEN
        for frame in data["frames"]:
            if frame.get("exc_cause") is not None:
                frame["exc_cause"] = type(frame["exc_cause"]).__name__
        if data["template_info"]:
            data["template_info"] = {**data["template_info"], "message": HIDDEN}
        return data


class PrivateRecords(logging.Filter):
    """Makes each record fit to be kept, on a copy, before a handler sees it.

    A record of a request says its status, method and route (`read/<devotional>/`), not its path.
    Pages not found are left out: they are many, they say nothing of us, and a mistyped invitation
    is still nearly a secret. An exception is reduced to its kind and places.
    """

    def filter(self, record: logging.LogRecord) -> bool | logging.LogRecord:
        request = getattr(record, "request", None)
        status = getattr(record, "status_code", None)
        if not isinstance(request, HttpRequest):
            request = None
        elif status == 404:
            return False
        if request is None and not record.exc_info:
            return True
        private = copy(record)
        error = private.exc_info[1] if private.exc_info else None
        private.exc_info = private.exc_text = None
        if error is not None and (request is None or status is None or status >= 500):
            private.exc_text = "\n".join(lines_of(error))
        if request is not None:
            del private.request  # type: ignore[attr-defined]  # set by Django's `extra`
            private.msg = "%s %s %s%s"
            method = known_method(request.method)
            private.args = (status or "-", method, route(request), hint(record, error))
        return private


def route(request: HttpRequest) -> str:
    """The pattern of the URL that was asked for: says which page, not what was in its place."""
    match = request.resolver_match
    return "(no page)" if match is None else f"/{match.route}"


def hint(record: logging.LogRecord, error: BaseException | None) -> str:
    """What the host can act on, in our words or Django's, never the client's."""
    if record.name == "django.security.DisallowedHost":
        return ": the Host header holds no name of ALLOWED_HOSTS"
    if isinstance(error, ForgedRequestError):
        return f": {error}"
    if record.name == "django.security.csrf" and isinstance(record.args, tuple) and record.args:
        # Django's reason; after the dash it may quote what the client sent.
        return f": {str(record.args[0]).partition(' - ')[0]}"
    return "" if error is None else f": {type(error).__name__}"
