"""Replies about who is here. So far: what to say when a form can't be trusted."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from devotional.lib.http import fragment_wanted, keep_private


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form whose origin is in doubt, and say what to do. What was typed stays typed.

    `reason` is Django's, for developers; a reader is told only what helps.
    """
    template = "errors/csrf.html#notice" if fragment_wanted(request) else "errors/csrf.html"
    return keep_private(render(request, template, status=403))
