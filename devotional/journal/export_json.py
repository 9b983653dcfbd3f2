"""`everything.json`: all that is stored of a reader, for programs. Its shape is in docs/export.md.

A change that a program could stumble over raises `SCHEMA_VERSION`.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings

from devotional.groups.models import Membership, Share
from devotional.journal.export import (
    Ahead,
    Earlier,
    Plan,
    TakenReading,
    TakenSection,
    Words,
)
from devotional.journal.models import Deleted, Hinge
from devotional.lib.json_stream import json_parts
from devotional.readers.access import words_of
from devotional.readers.consent import consent_sentence, consent_version
from devotional.readers.models import Account, DeviceToken, Merge, Reader, ReturnCode
from devotional.readers.sealed import SealedText
from devotional.reflections.models import Reflection, Revision

SCHEMA = "devotional-export"
SCHEMA_VERSION = 1


def everything_as_json(plan: Plan) -> Iterator[str]:
    words = Words(plan)
    hinges = Ahead(plan.reader, Hinge.objects.all(), plan.hinges).rows(plan.hinges)
    deleted = Ahead(plan.reader, Deleted.objects.all(), plan.deleted).rows(plan.deleted)
    shares = Ahead(plan.reader, Share.objects.all(), plan.shares).rows(plan.shares)
    yield from json_parts(
        {
            "schema": SCHEMA,
            "schema_version": SCHEMA_VERSION,
            "made_at": said(plan.made_at),
            "site": {"name": settings.SITE_NAME, "url": settings.SITE_URL},
            "reader": about(plan.reader),
            "readings": (reading_as_json(reading, words) for reading in plan.readings),
            "hinges": map(hinge_as_json, hinges),
            "deleted": map(deleted_as_json, deleted),
            "groups": map(membership_as_json, plan.memberships),
            "shares": map(share_as_json, shares),
        }
    )
    yield "\n"


def about(reader: Reader) -> dict[str, Any]:
    """What is stored of the person: never a secret, nor a hash of one."""
    agreed_to_this = reader.consent_version == consent_version()
    return_code = ReturnCode.objects.filter(reader=reader).first()
    return {
        "id": str(reader.pk),
        "made_at": said(reader.made_at),
        "seen_on": reader.seen_on.isoformat(),
        "consent": {
            "version": reader.consent_version,
            "agreed_at": said(reader.consented_at),
            # Only the version of an earlier sentence is kept.
            "sentence": consent_sentence() if agreed_to_this else None,
        },
        "browsers": [
            {"known_since": said(at)}
            for at in DeviceToken.objects.filter(reader=reader)
            .order_by("made_at")
            .values_list("made_at", flat=True)
        ],
        "return_code": {"made_at": said(return_code.made_at)} if return_code else None,
        "account": account_of(reader),
        "merges": [
            {"done_at": said(merge.done_at), "guest_id": str(merge.guest_id), "moved": merge.moved}
            for merge in Merge.objects.filter(reader=reader).order_by("done_at")
        ],
    }


def account_of(reader: Reader) -> dict[str, Any] | None:
    account = Account.objects.filter(reader=reader).first()
    if account is None:
        return None
    passkeys = Authenticator.objects.filter(user=account, type=Authenticator.Type.WEBAUTHN)
    return {
        "id": str(account.pk),
        "made_at": said(account.made_at),
        "name": account.name,
        "email": account.email or None,
        "addresses": [
            {"email": address.email, "verified": address.verified}
            for address in EmailAddress.objects.filter(user=account).order_by("pk")
        ],
        "has_password": account.has_usable_password(),
        "passkeys": [
            {"made_at": said(passkey.created_at), "last_used_at": said(passkey.last_used_at)}
            for passkey in passkeys.order_by("pk")
        ],
    }


def reading_as_json(reading: TakenReading, words: Words) -> dict[str, Any]:
    return {
        "devotional": reading.devotional_id,
        "title": reading.title,
        "number": reading.number,
        "begun_at": said(reading.begun_at),
        "sections": (section_as_json(section, words) for section in reading.sections),
    }


def section_as_json(section: TakenSection, words: Words) -> dict[str, Any]:
    return {
        "section": section.id,
        "title": section.title,
        "still_in_text": section.section is not None,
        "on_paper": section.on_paper,
        "reflections": (reflection_as_json(*found) for found in words.of(section)),
    }


def reflection_as_json(reflection: Reflection, earlier: Earlier) -> dict[str, Any]:
    return {
        "id": str(reflection.pk),
        "prompt": reflection.prompt,
        "asked": reflection.asked,
        **words_as_json(reflection),
        "version": reflection.version,
        "begun_at": said(reflection.begun_at),
        "written_at": said(reflection.written_at),
        "section_digest": reflection.section_digest,
        "revisions": map(revision_as_json, earlier.rows()),
    }


def revision_as_json(revision: Revision) -> dict[str, Any]:
    return {
        "id": str(revision.pk),
        "kind": revision.kind,
        "version": revision.version,
        "asked": revision.asked,
        "written_at": said(revision.written_at),
        **words_as_json(revision),
    }


def hinge_as_json(hinge: Hinge) -> dict[str, Any]:
    return {
        "id": str(hinge.pk),
        "reflection": str(hinge.reflection_id),
        "marked_at": said(hinge.marked_at),
        **sealed_as_json(hinge),
    }


def deleted_as_json(deleted: Deleted) -> dict[str, Any]:
    return {
        "id": str(deleted.pk),
        "reflection": str(deleted.reflection_id),
        "part": deleted.part,
        "deleted_at": said(deleted.deleted_at),
        **sealed_as_json(deleted),
    }


def membership_as_json(membership: Membership) -> dict[str, Any]:
    """The reader's place in a group; of the others, and of a group that let them go, nothing."""
    group = membership.group
    is_in = membership.standing == Membership.Standing.MEMBER
    return {
        "id": str(membership.pk),
        "group": str(group.pk),
        "group_name": group.name if is_in else None,
        "devotional": group.devotional if is_in else None,
        "name": membership.name or None,
        "standing": membership.standing,
        "is_leader": membership.is_leader,
        "joined_at": said(membership.joined_at),
        "read": sorted(each.section for each in membership.read.all()),
    }


def share_as_json(share: Share) -> dict[str, Any]:
    return {
        "id": str(share.pk),
        "group": str(share.group_id),
        "section": share.section,
        "asked": share.asked,
        "shared_at": said(share.shared_at),
        **words_as_json(share),
    }


def words_as_json(row: SealedText) -> dict[str, Any]:
    """The text, exactly; null and `opened: false` where no key on this server opens it."""
    words = words_of(row)
    return {"opened": words is not None, "text": words}


def sealed_as_json(row: SealedText) -> dict[str, Any]:
    """What was sealed as JSON, as it is."""
    words = words_of(row)
    return {"opened": words is not None, "kept": json.loads(words) if words is not None else None}


def said(at: datetime | None) -> str | None:
    """A time as ISO 8601 with its offset, UTC."""
    return None if at is None else at.isoformat()
