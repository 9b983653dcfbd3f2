"""A mail server of the suite's own: real SMTP on this machine, and everything that came by it.

Needs neither pytest nor Django, so that journeys can hand it to a site in a process of its own.
"""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from harness.site import free_port

CODE = re.compile(r"^[B-Z]{4}-[B-Z]{4}$", re.MULTILINE)


class Mailbox:
    """Use it as a context; `mails` is what arrived, oldest first."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.asked_for: list[str] = []  # every address that a message was announced for
        self.callers: set[str] = set()  # as who the senders gave themselves
        self.refusal = ""  # what is said to every address; empty where all are taken
        self.refusal_of_sender = ""  # the same of who sends
        self.port = free_port()

    def __enter__(self) -> Self:
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            server_hostname="localhost",  # else it asks a name server, which may not be there
        )
        self._controller.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._controller.stop(no_assert=True)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?tls=none"

    def code(self) -> str:
        """The code in the last mail."""
        found = CODE.search(self.text())
        assert found, self.text()
        return found[0]

    def text(self) -> str:
        content = cast(str, self.mails[-1].get_content())
        return content.replace("\r\n", "\n")

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refusal_of_sender:
            return self.refusal_of_sender
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.asked_for.append(address)
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  # aiosmtpd's name
        self, _server: Any, session: Any, envelope: Envelope
    ) -> str:
        self.callers.add(session.host_name)
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(message_from_bytes(content, policy=policy.default))
        return "250 OK"
