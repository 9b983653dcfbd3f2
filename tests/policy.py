"""Who gets what at each address: the table that `test_policy` holds the site to (B4).

An address that isn't here fails the suite by its name, and so does a line whose address is gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

# The actors, by what the site may know of them.
OWNER = "owner"  # whose words are looked for; a member, has an account and has just signed in
LEADER = "leader"  # of the owner's group
MATE = "groupmate"  # another member of it
# Know themselves, and have nothing to do with the owner: the second signed in to an account, the
# third was in the owner's group once, the last two wait to be let in and lead a group elsewhere.
READERS = ("guest", "other_reader", "removed", "waiting", "other_leader")
HOST = "host"  # looks after the site: signed in, and not a reader
NOBODY = ("anonymous", "unknown_cookie", "signed_out", HOST)
TOGETHER = frozenset({OWNER, LEADER, MATE})
ACTORS = (LEADER, OWNER, MATE, *READERS, *NOBODY)

SAFE = ("GET", "HEAD")
UNSAFE = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")

SHOWN = frozenset({200})
ELSEWHERE = frozenset({302, 303})
NOTHING = frozenset({404})  # a stranger never learns that there is something
REFUSED = frozenset({403, 405})
UNDERSTOOD = frozenset({400, 401, 409, 410, 422, 429})  # the form was read and not followed
DONE = SHOWN | ELSEWHERE | UNDERSTOOD


@dataclass(frozen=True, slots=True)
class Rule:
    """The statuses that owner, other readers and nobody may get, by method.

    Leader and groupmate are other readers, and the host is nobody, but where it says what they may
    get by GET and by POST.
    """

    get: tuple[frozenset[int], frozenset[int], frozenset[int]]
    post: tuple[frozenset[int], frozenset[int], frozenset[int]]
    leader: tuple[frozenset[int], frozenset[int]] | None = None
    mate: tuple[frozenset[int], frozenset[int]] | None = None
    host: tuple[frozenset[int], frozenset[int]] | None = None
    other: frozenset[int] = REFUSED | NOTHING  # to anyone, by any method that isn't meant
    is_public: bool = False
    values: Mapping[str, str] = field(default_factory=dict)  # of its address, where not the usual

    def allows(self, method: str, actor: str) -> frozenset[int]:
        own = {LEADER: self.leader, MATE: self.mate, HOST: self.host}.get(actor)
        if own is not None and method in (*SAFE, "POST"):
            return own[method == "POST"]
        column = 0 if actor == OWNER else 2 if actor in NOBODY else 1
        if method in SAFE:
            return self.get[column]
        return self.post[column] if method == "POST" else self.other


ALL_REFUSED = (REFUSED, REFUSED, REFUSED)

# The same bytes for everyone: no cookie, no query, no variation.
PUBLIC = Rule(get=(SHOWN, SHOWN, SHOWN), post=ALL_REFUSED, is_public=True)
# A page of one's own; for someone unknown it says what will be here.
OWN_PAGE = Rule(get=(SHOWN, SHOWN, SHOWN), post=ALL_REFUSED)
# A page for who has just left; a reader is led away from it.
PAGE_FOR_NOBODY = Rule(get=(ELSEWHERE, ELSEWHERE, SHOWN), post=ALL_REFUSED)
# One's own; for someone unknown there is nothing.
KNOWN = Rule(get=(SHOWN, SHOWN, NOTHING), post=ALL_REFUSED)
# A row of the owner's: nothing for everyone else.
OWN = Rule(get=(SHOWN, NOTHING, NOTHING), post=ALL_REFUSED)
# Something done to a row of the owner's, by POST.
ACT_ON_OWN = Rule(get=ALL_REFUSED, post=(DONE | NOTHING, NOTHING, NOTHING | REFUSED))
# The same, answered alike whether there was such a row or not.
ACT_ON_OWN_OR_NOT = Rule(
    get=ALL_REFUSED, post=(DONE | NOTHING, ELSEWHERE | NOTHING, NOTHING | REFUSED)
)
# A page with a form, both for the owner of a row.
FORM_ON_OWN = Rule(get=(SHOWN, NOTHING, NOTHING), post=(DONE, NOTHING, NOTHING | REFUSED))
# Something that each reader does to their own, by POST.
ACT = Rule(get=ALL_REFUSED, post=(DONE | NOTHING, DONE | NOTHING, NOTHING | REFUSED))
# The same, where someone unknown is only led on.
ACT_OR_LEAD_ON = Rule(get=ALL_REFUSED, post=(DONE, DONE, ELSEWHERE | REFUSED))
# A page with a form about one's own; for someone unknown without anything in it, or not there.
FORM = Rule(
    get=(SHOWN | ELSEWHERE,) * 2 + (SHOWN | ELSEWHERE | NOTHING,),
    post=(DONE,) * 2 + (DONE | NOTHING | REFUSED,),
)
# Where someone writes, also one who is not known yet.
WRITING = Rule(
    get=(SHOWN, SHOWN, SHOWN), post=(DONE | REFUSED, DONE | REFUSED, DONE | NOTHING | REFUSED)
)
# A page of a group's: the same for all its members, and nothing for everyone else.
GROUP_PAGE = Rule(
    get=(SHOWN, NOTHING, NOTHING),
    post=ALL_REFUSED,
    leader=(SHOWN, REFUSED),
    mate=(SHOWN, REFUSED),
)
# Something that each member does for themselves, with a page before it or without.
GROUP_FORM = Rule(
    get=(SHOWN | ELSEWHERE, NOTHING, NOTHING),
    post=(DONE, NOTHING, NOTHING | REFUSED),
    leader=(SHOWN | ELSEWHERE, DONE),
    mate=(SHOWN | ELSEWHERE, DONE),
)
GROUP_ACT = Rule(
    get=ALL_REFUSED,
    post=(DONE, NOTHING, NOTHING | REFUSED),
    leader=(REFUSED, DONE),
    mate=(REFUSED, DONE),
)
# The leader's alone: the owner is a member, and gets nothing. What is deleted is gone after it.
LEAD_PAGE = Rule(get=(NOTHING,) * 3, post=ALL_REFUSED, leader=(SHOWN, REFUSED))
LEAD_FORM = Rule(
    get=(NOTHING,) * 3,
    post=(NOTHING, NOTHING, NOTHING | REFUSED),
    leader=(SHOWN | ELSEWHERE | NOTHING, DONE | NOTHING),
)
LEAD_ACT = Rule(
    get=ALL_REFUSED,
    post=(NOTHING, NOTHING, NOTHING | REFUSED),
    leader=(REFUSED, DONE | NOTHING),
)
# Ways to sign in and to change them, where this site offers them: each sees a form or is sent to
# one. The views are allauth's, to whom PUT is as POST.
SIGNING_IN = Rule(
    get=(DONE | NOTHING | REFUSED,) * 3,
    post=(DONE | NOTHING | REFUSED,) * 3,
    other=DONE | NOTHING | REFUSED,
)

# The host's: everyone else is led to where hosts sign in, whatever they ask.
HOST_PAGE = Rule(
    get=(ELSEWHERE,) * 3,
    post=(ELSEWHERE | REFUSED,) * 3,
    other=ELSEWHERE | REFUSED,
    host=(SHOWN, REFUSED),
)
HOST_ENDS = replace(HOST_PAGE, host=(SHOWN | NOTHING, ELSEWHERE | NOTHING))

POLICY: dict[str, Rule] = {
    # Asked by machines; the same for everyone, and kept by nobody.
    "healthz": OWN_PAGE,
    "readyz": OWN_PAGE,
    "library:home": PUBLIC,
    "library:cover": PUBLIC,
    "library:section": PUBLIC,
    "library:print": PUBLIC,
    "library:handout": PUBLIC,
    "library:guide": PUBLIC,
    "library:meeting": PUBLIC,
    "library:preview": PUBLIC,
    "library:section-preview": PUBLIC,
    "library:sitemap": PUBLIC,
    "library:robots": PUBLIC,
    "offline:service-worker": PUBLIC,
    "offline:manifest": PUBLIC,
    "offline:offline": PUBLIC,
    "reflections:reflect": WRITING,
    "reflections:panel": OWN_PAGE,
    "readings:all": OWN_PAGE,
    "readings:devotional": OWN_PAGE,
    "readings:begin": ACT,
    "readings:undo": ACT,
    "history:reflection": OWN,
    "history:restore": ACT_ON_OWN,
    # Who is here, and their ways back
    "readers:keep": OWN_PAGE,
    "readers:return_code": ACT_OR_LEAD_ON,
    "readers:sign_others_out": ACT_OR_LEAD_ON,
    "readers:who": OWN_PAGE,
    "readers:come_back": FORM,
    "readers:arrive": FORM,
    "readers:sign_out": ACT_OR_LEAD_ON,
    "readers:signed_out": PAGE_FOR_NOBODY,
    "account_login": SIGNING_IN,
    "account_request_login_code": SIGNING_IN,
    "account_confirm_login_code": SIGNING_IN,
    "mfa_login_webauthn": SIGNING_IN,
    "account_email": SIGNING_IN,
    "account_email_verification_sent": SIGNING_IN,
    "account_remove_email": SIGNING_IN,
    "mfa_add_webauthn": SIGNING_IN,
    "mfa_remove_webauthn": SIGNING_IN,
    "account_set_password": SIGNING_IN,
    "account_remove_password": SIGNING_IN,
    "account_reset_password": SIGNING_IN,
    "account_confirm_password_reset_code": SIGNING_IN,
    "account_complete_password_reset": SIGNING_IN,
    # What is theirs by right
    "rights:privacy": PUBLIC,
    "rights:consent": OWN_PAGE,
    "rights:erase": OWN_PAGE,
    "rights:erase_words": FORM,
    "rights:erase_reader": FORM,
    # Looking back
    "journal:all": OWN_PAGE,
    "journal:of": KNOWN,
    "journal:search": FORM,
    "journal:deleted": OWN_PAGE,
    "journal:delete": ACT_ON_OWN,
    "journal:put_back": ACT_ON_OWN,
    "journal:erase_now": ACT_ON_OWN,
    "hinges:all": OWN_PAGE,
    "hinges:mark": FORM_ON_OWN,
    "hinges:put_back": ACT_ON_OWN,
    "hinges:take_off": ACT_ON_OWN_OR_NOT,
    "hinges:then_and_now": KNOWN,
    "hinges:ask_again": OWN_PAGE,
    # Bringing words to groups, and taking them back
    "sharing:all": OWN_PAGE,
    "sharing:share": FORM_ON_OWN,
    "sharing:bring": ACT_ON_OWN,
    "sharing:take_back": Rule(
        get=(SHOWN, NOTHING, NOTHING),
        post=(DONE | NOTHING, ELSEWHERE | NOTHING, NOTHING | REFUSED),
    ),
    # Taking it away
    "export:all": OWN_PAGE,
    "export:zip": KNOWN,
    "export:print": KNOWN,
    "export:print-reading": KNOWN,
    # Together
    "groups:all": OWN_PAGE,
    "groups:new": WRITING,
    "groups:of": OWN_PAGE,
    "groups:group": GROUP_PAGE,
    "groups:read_it": GROUP_ACT,
    # One's own name, and as the leader anyone's.
    "groups:rename": Rule(
        get=(SHOWN, NOTHING, NOTHING),
        post=(DONE, NOTHING, NOTHING | REFUSED),
        leader=(SHOWN, DONE),
    ),
    # Who waits may also go; and who has gone is led on.
    "groups:leave": Rule(
        get=(SHOWN, SHOWN | NOTHING, NOTHING),
        post=(DONE, ELSEWHERE, NOTHING | REFUSED),
        leader=(SHOWN, UNDERSTOOD),
        mate=(SHOWN, DONE),
    ),
    "groups:calendar": GROUP_FORM,
    "groups:handout": GROUP_PAGE,
    "groups:lead": LEAD_FORM,
    "groups:remove": LEAD_FORM,
    "groups:decline": LEAD_FORM,
    "groups:let_in": LEAD_ACT,
    "groups:hand_over": LEAD_FORM,
    # Sent twice it leads on; so it does for everyone, without having done anything.
    "groups:delete": Rule(
        get=(NOTHING,) * 3,
        post=(ELSEWHERE, ELSEWHERE, NOTHING | REFUSED),
        leader=(SHOWN | NOTHING, ELSEWHERE),
    ),
    "groups:schedule": LEAD_FORM,
    "groups:skip": LEAD_ACT,
    "groups:invite": LEAD_PAGE,
    "groups:qr": LEAD_PAGE,
    "groups:reset_link": LEAD_ACT,
    "groups:close_link": LEAD_ACT,
    # Whoever holds its secret gets it; a calendar has no cookie.
    "feed:calendar": OWN_PAGE,
    # Whoever holds the link sees whose it is, and may come in.
    "joining:welcome": Rule(get=(SHOWN,) * 3, post=(DONE, DONE, DONE | REFUSED)),
    # Looking after the site
    "host:index": HOST_PAGE,
    "host:login": Rule(
        get=(SHOWN,) * 3, post=(DONE | REFUSED,) * 3, host=(SHOWN | ELSEWHERE, DONE)
    ),
    "host:logout": replace(HOST_PAGE, host=(REFUSED, SHOWN)),
    "host:devotional_reader_changelist": HOST_PAGE,
    "host:devotional_reader_change": HOST_PAGE,
    "host:devotional_account_changelist": HOST_PAGE,
    "host:devotional_account_change": HOST_PAGE,
    "host:devotional_group_changelist": HOST_PAGE,
    "host:devotional_group_change": HOST_PAGE,
    "host:devotional_membership_changelist": HOST_PAGE,
    "host:devotional_membership_change": HOST_PAGE,
    "host:devotional_invitation_changelist": HOST_PAGE,
    "host:devotional_invitation_change": HOST_PAGE,
    "host:devotional_reader_end": HOST_ENDS,
    "host:devotional_group_end": HOST_ENDS,
}
