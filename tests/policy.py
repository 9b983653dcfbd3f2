"""Who gets what at each address: the table that `test_policy` holds the site to (B4).

Each row says one status for each actor and method: what is asked, by whom, gets that answer and no
other. An address that isn't here fails the suite by its name, and so does a line whose address is
gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

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

type Statuses = Mapping[str, int]


def each(reader: int, *, nobody: int | None = None, **named: int) -> Statuses:
    """A status for every actor: for readers, for whom the site doesn't know, and for those named.

    Where nothing is said of nobody, they get what readers get.
    """
    statuses = dict.fromkeys(ACTORS, reader)
    if nobody is not None:
        statuses |= dict.fromkeys(NOBODY, nobody)
    if unknown := named.keys() - statuses.keys():
        raise ValueError(f"No such actor: {', '.join(unknown)}")
    return MappingProxyType(statuses | named)


NOT_TAKEN = each(405)  # a method that isn't meant


@dataclass(frozen=True, slots=True)
class Rule:
    """The status of each actor by method; what is not said is taken by no view.

    HEAD is answered as GET is, and what other methods get that `others` doesn't name, as `rest`.
    Where an address holds an id, this is said of an id that fits: by any other, the owner gets what
    another reader gets.
    """

    get: Statuses
    post: Statuses = NOT_TAKEN
    rest: Statuses = NOT_TAKEN
    others: Mapping[str, Statuses] = field(default_factory=dict)
    is_public: bool = False
    values: Mapping[str, str] = field(default_factory=dict)  # of its address, where not the usual

    def status(self, method: str, actor: str) -> int:
        if method in self.others:
            return self.others[method][actor]
        if method in SAFE:
            return self.get[actor]
        return (self.post if method == "POST" else self.rest)[actor]


# The same bytes for everyone: no cookie, no query, no variation.
PUBLIC = Rule(get=each(200), is_public=True)
# A page of one's own; for someone unknown it says what will be here.
OWN_PAGE = Rule(get=each(200))
# One's own; for someone unknown there is nothing.
KNOWN = Rule(get=each(200, nobody=404))
# A row of the owner's: nothing for everyone else.
OWN = Rule(get=each(404, owner=200))
# Something done to a row of the owner's, by POST; and the same with a page before it.
ACT_ON_OWN = Rule(get=NOT_TAKEN, post=each(404, owner=302))
FORM_ON_OWN = Rule(get=each(404, owner=200), post=each(404, owner=302))
# Something that each reader does to their own, by POST.
ACT = Rule(get=NOT_TAKEN, post=each(302, nobody=404))
# Everything of one's own at once. The form is the owner's, and leads everyone else back.
ERASING = Rule(get=each(200, nobody=404), post=each(302, owner=200))

# A page of a group's: the same for all its members, and nothing for everyone else.
GROUP_PAGE = Rule(get=each(404, owner=200, groupmate=200, leader=200))
# Something that each member does for themselves, with a page before it or without.
GROUP_FORM = replace(GROUP_PAGE, post=each(404, owner=303, groupmate=303, leader=303))
GROUP_ACT = replace(GROUP_FORM, get=NOT_TAKEN)
# The leader's alone: the owner is a member, and gets nothing.
LEAD_PAGE = Rule(get=each(404, leader=200))
LEAD_FORM = replace(LEAD_PAGE, post=each(404, leader=303))
LEAD_ACT = replace(LEAD_FORM, get=NOT_TAKEN)

# Ways to sign in, where this site offers them: a form, or led to one. The views are allauth's, to
# whom PUT is as POST.
SIGNING_IN = Rule(get=each(200), post=each(422), others={"PUT": each(422), "OPTIONS": each(200)})
SIGNING_IN_ELSEWHERE = replace(SIGNING_IN, get=each(302))
NOTHING_BEGUN = Rule(get=each(302), post=each(302), rest=each(302))
# Ways of one's own, to whom a first one is offered; who has an account signs in once more for it.
# Whatever the method, allauth answers as to GET.
_WAY = each(200, nobody=404, owner=302, other_reader=302)
_NO_WAY = each(404, owner=302, other_reader=302)
WAY = Rule(get=_WAY, post=each(422, nobody=404, owner=302, other_reader=302), rest=_WAY)
TAKE_WAY_OFF = Rule(get=_NO_WAY, post=_NO_WAY, rest=_NO_WAY)
_TO_WAYS = each(302, nobody=404)

# The host's: everyone else is led to where hosts sign in, whatever they ask.
HOST_PAGE = Rule(get=each(302, host=200), post=each(302, host=405), rest=each(302, host=405))
HOST_ENDS = replace(HOST_PAGE, post=each(302))  # the host to the list, when it is done

POLICY: dict[str, Rule] = {
    # Asked by machines; the same for everyone, and kept by nobody.
    "healthz": OWN_PAGE,
    "readyz": OWN_PAGE,
    "library:home": PUBLIC,
    "library:cover": PUBLIC,
    "library:section": PUBLIC,
    "library:end": PUBLIC,
    "library:print": PUBLIC,
    "library:print-section": PUBLIC,
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
    # The form was made for the owner: from anyone else it saves nothing, and asks who is writing.
    "reflections:reflect": Rule(get=each(200), post=each(401, owner=302)),
    "reflections:panel": OWN_PAGE,
    "readings:all": OWN_PAGE,
    "readings:devotional": OWN_PAGE,
    "readings:begin": ACT,
    "readings:undo": ACT,
    "history:reflection": OWN,
    "history:restore": ACT_ON_OWN,
    # Who is here, and their ways back
    "readers:keep": OWN_PAGE,
    # The form names the owner's code, which is not the one of anyone else.
    # Who has an account signs in first.
    "readers:return_code": Rule(
        get=NOT_TAKEN, post=each(409, nobody=303, owner=302, other_reader=302)
    ),
    "readers:sign_others_out": Rule(get=NOT_TAKEN, post=each(303)),
    "readers:who": OWN_PAGE,
    "readers:come_back": Rule(get=each(200), post=each(422)),
    "readers:arrive": Rule(get=each(303), post=each(303)),
    # Who has an account signs in first.
    "readers:another_device": Rule(
        get=each(200, nobody=303), post=each(200, nobody=303, owner=302, other_reader=302)
    ),
    # Whoever holds the link is asked; its owner, who made it, is led back.
    "readers:carry_on": Rule(get=each(200, owner=303), post=each(303)),
    # Whose words have no way back is asked first.
    "readers:sign_out": Rule(
        get=NOT_TAKEN, post=each(200, nobody=303, owner=303, other_reader=303)
    ),
    # For who has just left; a reader is led away from it.
    "readers:signed_out": Rule(get=each(303, nobody=200)),
    "account_login": SIGNING_IN,
    "account_request_login_code": SIGNING_IN_ELSEWHERE,
    "account_confirm_login_code": NOTHING_BEGUN,
    "mfa_login_webauthn": Rule(
        get=each(302), post=each(302), others={"PUT": each(302), "OPTIONS": each(200)}
    ),
    "account_email": WAY,
    "account_email_verification_sent": Rule(get=_TO_WAYS, post=_TO_WAYS, rest=_TO_WAYS),
    "account_remove_email": TAKE_WAY_OFF,
    "mfa_add_webauthn": WAY,
    "mfa_remove_webauthn": TAKE_WAY_OFF,
    "account_set_password": WAY,
    "account_remove_password": TAKE_WAY_OFF,
    "account_reset_password": SIGNING_IN,
    "account_confirm_password_reset_code": NOTHING_BEGUN,
    "account_complete_password_reset": NOTHING_BEGUN,
    # What is theirs by right
    "rights:privacy": PUBLIC,
    "rights:consent": OWN_PAGE,
    "rights:erase": OWN_PAGE,
    "rights:erase_words": ERASING,
    "rights:erase_reader": ERASING,
    # Looking back
    "journal:all": OWN_PAGE,
    "journal:of": Rule(get=each(302)),  # leads on to the journal by part
    "journal:search": Rule(get=each(200), post=each(200, nobody=404)),
    "journal:deleted": OWN_PAGE,
    "journal:delete": ACT_ON_OWN,
    "journal:put_back": ACT_ON_OWN,
    "journal:erase_now": ACT_ON_OWN,
    "hinges:all": OWN_PAGE,
    "hinges:mark": FORM_ON_OWN,
    "hinges:put_back": ACT_ON_OWN,
    # Answered alike to every reader whose hinge it isn't, as for one that is off already.
    "hinges:take_off": Rule(get=NOT_TAKEN, post=each(302, nobody=404, owner=200)),
    "hinges:then_and_now": KNOWN,
    "hinges:ask_again": OWN_PAGE,
    # Bringing words to groups, and taking them back
    "sharing:all": OWN_PAGE,
    "sharing:share": replace(FORM_ON_OWN, post=each(404, owner=200)),  # shown before it is done
    "sharing:bring": replace(ACT_ON_OWN, post=each(404, owner=303)),
    # Answered alike to every reader, as for a copy that is gone already.
    "sharing:take_back": replace(OWN, post=each(303, nobody=404)),
    # Taking it away
    "export:all": OWN_PAGE,
    "export:zip": KNOWN,
    "export:print": KNOWN,
    "export:print-reading": KNOWN,
    # Together
    "groups:all": OWN_PAGE,
    "groups:new": Rule(get=each(200), post=each(409, owner=303)),  # the form is the owner's
    "groups:of": OWN_PAGE,
    "groups:group": GROUP_PAGE,
    "groups:read_it": GROUP_ACT,
    # One's own name, and as the leader anyone's.
    "groups:rename": Rule(
        get=each(404, owner=200, leader=200), post=each(404, owner=303, leader=303)
    ),
    # Who waits may also go; who has gone is led on; who leads hands over first.
    "groups:leave": Rule(
        get=each(404, owner=200, groupmate=200, leader=200, waiting=200),
        post=each(303, nobody=404, leader=409),
    ),
    "groups:calendar": GROUP_FORM,
    "groups:handout": GROUP_PAGE,
    "groups:lead": LEAD_FORM,
    "groups:remove": LEAD_FORM,
    "groups:decline": LEAD_FORM,
    "groups:decline_all": LEAD_FORM,
    "groups:let_in": LEAD_ACT,
    "groups:hand_over": LEAD_FORM,
    # Sent twice it leads on; so it does for every reader, without having done anything.
    "groups:delete": replace(LEAD_PAGE, post=each(303, nobody=404)),
    "groups:schedule": LEAD_FORM,
    "groups:skip": LEAD_ACT,
    "groups:invite": replace(LEAD_PAGE, post=each(404, leader=200)),  # a message, kept nowhere
    "groups:qr": LEAD_PAGE,
    "groups:reset_link": LEAD_FORM,
    "groups:close_link": LEAD_FORM,
    # Whoever holds its secret gets it; a calendar has no cookie.
    "feed:calendar": OWN_PAGE,
    # Whoever holds the link sees whose it is, and may come in. The form is the owner's: a reader
    # who is not in the group is asked again, by one of their own.
    "joining:welcome": Rule(
        get=each(200), post=each(303, guest=409, other_reader=409, other_leader=409)
    ),
    # Looking after the site
    "host:index": HOST_PAGE,
    "host:login": Rule(get=each(200, host=302), post=each(422), others={"HEAD": each(200)}),
    "host:logout": replace(HOST_PAGE, get=each(302, host=405), post=each(302, host=200)),
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
