"""What the leader does with the link, and with those who wait."""

import uuid

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from devotional.groups import members
from devotional.groups.access import lead_of, one_of, waiting_for
from devotional.groups.joining import let_in as let_someone_in
from devotional.lib.http import see_other
from devotional.readers.middleware import ReaderRequest


@require_POST
def reset_link(request: ReaderRequest, group_id: uuid.UUID) -> HttpResponse:
    """Another link in the place of the one that got about; the old one is dead at once."""
    members.reset_link(lead_of(request.reader, group_id))
    return see_other("groups:invite", group_id)


@require_POST
def close(request: ReaderRequest, group_id: uuid.UUID) -> HttpResponse:
    """No link at all, until the leader makes one again."""
    members.end_link(lead_of(request.reader, group_id))
    return see_other("groups:invite", group_id)


@require_POST
def let_in(request: ReaderRequest, group_id: uuid.UUID, member_id: uuid.UUID) -> HttpResponse:
    """Say yes to someone who waits; to say so twice is to say so once."""
    lead = lead_of(request.reader, group_id)
    let_someone_in(lead, one_of(waiting_for(lead), member_id))
    return see_other("groups:lead", group_id, note="let-in")
