"""Base class of the errors whose message is written for the user."""


class MorphError(Exception):
    """A request that cannot be carried out; the message is one sentence for the user.

    A module that can fail in a way that a caller handles has a class of its own for that. The
    sentence states the fact, and what is accepted; which command or page helps is added by the
    command line and by the pages.
    """
