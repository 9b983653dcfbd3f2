"""*Not you?*: one tap, and this browser forgets who wrote (K5)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from devotional.lib.http import see_other
from devotional.readers.leaving import leave, would_be_lost
from devotional.readers.middleware import ReaderRequest


@require_POST
def sign_out(request: ReaderRequest) -> HttpResponse:
    """Sign out, but not before words that would have no way back were spoken of."""
    reader = request.reader
    if reader is not None and not request.POST.get("sure") and would_be_lost(reader):
        return render(request, "readers/no_way_back.html")
    return leave(request, see_other("readers:signed_out"))


@require_safe
def signed_out(request: ReaderRequest) -> HttpResponse:
    """Where one stands after signing out; its script wipes what the device still holds."""
    if request.reader is not None:
        return see_other("readers:keep")
    return render(request, "readers/signed_out.html")
