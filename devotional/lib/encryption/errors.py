"""What can go wrong with sealing and opening."""


class EncryptionError(Exception):
    """Something can't be sealed or opened. Messages never hold a text or a key."""


class UnknownKey(EncryptionError):
    """A record was sealed with a key that the ring doesn't hold."""


class Tampered(EncryptionError):
    """A record was altered, cut short, or moved to a place that it isn't bound to."""


class KeyRingError(EncryptionError):
    """The key ring file can't be used; the message is the one line to show."""
