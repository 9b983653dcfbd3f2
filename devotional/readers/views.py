"""Replies about who is here. So far: what to say when a form can't be trusted."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from devotional.lib.http import beside_the_words, fragment_wanted, keep_private


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form whose origin is in doubt, and say what to do. What was typed stays typed.

    `reason` is Django's, for developers; a reader is told only what helps.
    """
    if fragment_wanted(request):
        notice = render(request, "errors/csrf.html#notice", status=403)
        return keep_private(beside_the_words(notice))
    return keep_private(render(request, "errors/csrf.html", status=403))
