"""Markdown as a person reads it, as far as escapes go."""

import re


def shown(markdown: str) -> str:
    """A text without the marks of `wording.escapes.plain`."""
    return re.sub(r"\\([^\w\s])", r"\1", markdown).replace("\u2060", "")
