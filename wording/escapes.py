"""Names as text of each medium that others read: Markdown, a file's name, a cell of a CSV. Pure.

A name of a data set, trajectory, run, property or file is whatever somebody typed or a file was
called. HTML is escaped by the template that makes it (`exports/templates`); for all else there is
one function here, and a name reaches no medium but through it.
"""

import re
from typing import Any

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|$:<>~&-])")
_ENDS_LINE = re.compile(r"\s*[\r\n\x0b\x0c\x85\u2028\u2029]\s*")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
# What a browser's reader of Markdown turns into a link or an emoji only after escapes are undone.
_LATE = re.compile(
    r"(?i)(?<=https:)(?=//)|(?<=http:)(?=//)|(?<=www)(?=\.)|(?=@)|(?<=:)(?=[\w+-]+:)"
)
_JOINER = "\u2060"  # takes no place, and keeps what is on its two sides apart
# At the start of a line that comes after a break, "1." would begin a list.
_NUMBERED = re.compile(r"^(\d+)([.)])")

_NOT_IN_FILE_NAMES = re.compile(r"[\\/:*?\"<>|\x00-\x1f\x7f\ud800-\udfff]+")
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)")  # what Windows takes for devices
_LONGEST_FILE_NAME = 120  # characters, which leaves space for an ending in 255 bytes of UTF-8

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|infinity|nan)", re.I)


def plain(text: str) -> str:
    """A name that is shown as it is where Markdown is read: no link, no picture, no second line.

    >>> print(plain("phi_0.5 [a]"))
    phi\\_0.5 \\[a\\]
    """
    line = _CONTROL.sub("\ufffd", _ENDS_LINE.sub(" ", text))
    line = _MARKDOWN.sub(r"\\\1", _LATE.sub(_JOINER, line))
    return _NUMBERED.sub(r"\1\\\2", line)


def file_name(name: str) -> str:
    """A name as that of a file, or of a member of a zip: in no other folder, on no system.

    >>> file_name("../../blend 1:2"), file_name("a/b.npz"), file_name("..")
    ('_.._blend 1_2', 'a_b.npz', 'unnamed')
    """
    inside = _NOT_IN_FILE_NAMES.sub("_", name).lstrip(". ")[:_LONGEST_FILE_NAME].rstrip(". ")
    return _DEVICE.sub(r"\1_", inside, count=1) if _DEVICE.match(inside) else inside or "unnamed"


def csv_cell(value: Any) -> Any:
    """A value as a cell that no spreadsheet takes for a formula; what is a number stays one.

    Text that would be one begins with an apostrophe, as spreadsheets themselves write it.

    >>> csv_cell("=1+1"), csv_cell("-20nm"), csv_cell("-2.5e3"), csv_cell(-2.5), csv_cell("a-b")
    ("'=1+1", "'-20nm", '-2.5e3', -2.5, 'a-b')
    """
    if not isinstance(value, str) or not value.lstrip(" ").startswith(_FORMULA):
        return value
    return value if _NUMBER.fullmatch(value) else f"'{value}"
