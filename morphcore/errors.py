"""Errors whose message is one sentence for the user."""


class JobError(Exception):
    """The job cannot go on; the message is one sentence for the user."""
