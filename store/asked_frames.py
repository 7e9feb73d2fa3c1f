"""Frames that were asked about and are no stored ones: drawings and uploads, by a key for links.

A key is a hash of the content, so that the same frame has one key and nobody guesses another's.
What was not looked at for longest goes first once there is more than `MOST` or `MOST_BYTES`.
"""

import zlib
from dataclasses import dataclass
from hashlib import sha256
from time import time

import numpy as np
from sqlite_utils import Database

from morphcore.types import BinaryFrame
from store.db import writing

MOST = 2000  # drawings and uploads together
MOST_BYTES = 64_000_000
LARGEST = 8_000_000  # bytes of an upload that is kept
_KEY_DIGITS = 24  # of the hash, hexadecimal


@dataclass(frozen=True)
class Drawing:
    """A frame drawn by hand."""

    bits: BinaryFrame
    periodic: bool  # the left edge continues at the right one


@dataclass(frozen=True)
class Upload:
    """A file as it was uploaded."""

    name: str
    data: bytes


def drawing_key(drawing: Drawing) -> str:
    """The key of a drawing, whether it is kept or not."""
    return _key("drawing", _head(drawing), np.packbits(drawing.bits).tobytes())


def add_drawing(db: Database, drawing: Drawing) -> str:
    """Keep a drawing; its key."""
    key = drawing_key(drawing)
    _add(db, key, "drawing", _head(drawing), zlib.compress(np.packbits(drawing.bits).tobytes()))
    return key


def drawing(db: Database, key: str) -> Drawing | None:
    """The drawing of a key; None where there is none (any more)."""
    found = _content(db, key, "drawing")
    if found is None:
        return None
    try:
        height, width, periodic = map(int, found[0].split())
        unpacked = np.unpackbits(np.frombuffer(zlib.decompress(found[1]), np.uint8))
        bits: BinaryFrame = unpacked[: height * width].reshape(height, width) == 1
    except (ValueError, zlib.error):  # damaged: the doctor says so
        return None
    return Drawing(bits, bool(periodic))


def upload_key(upload: Upload) -> str:
    """The key of an upload, whether it is kept or not."""
    return _key("upload", upload.name, upload.data)


def add_upload(db: Database, upload: Upload) -> str | None:
    """Keep an uploaded file; its key, or None where it is larger than what is kept."""
    if len(upload.data) > LARGEST:
        return None
    key = upload_key(upload)
    _add(db, key, "upload", upload.name, upload.data)
    return key


def upload(db: Database, key: str) -> Upload | None:
    """The upload of a key; None where there is none (any more)."""
    found = _content(db, key, "upload")
    return None if found is None else Upload(*found)


def mark_used(db: Database, key: str) -> None:
    """Note that a drawing or an upload is looked at now."""
    db.execute("UPDATE asked_frames SET used = ? WHERE key = ?", [time(), key])


def _head(drawing: Drawing) -> str:
    height, width = drawing.bits.shape
    return f"{height} {width} {int(drawing.periodic)}"


def _key(kind: str, head: str, content: bytes) -> str:
    return sha256(f"{kind} {head}\n".encode() + content).hexdigest()[:_KEY_DIGITS]


def _content(db: Database, key: str, kind: str) -> tuple[str, bytes] | None:
    sql = "SELECT head, content FROM asked_frames WHERE key = ? AND kind = ?"
    row = db.conn.execute(sql, [key, kind]).fetchone()
    return None if row is None else (str(row[0]), bytes(row[1]))


def _add(db: Database, key: str, kind: str, head: str, content: bytes) -> None:
    with writing(db):
        db.conn.execute(
            """INSERT INTO asked_frames (key, kind, head, content, used) VALUES (?, ?, ?, ?, ?)
               ON CONFLICT (key) DO UPDATE SET used = excluded.used""",
            [key, kind, head, content, time()],
        )
        _clean(db)


def _clean(db: Database) -> None:
    """Delete what was not looked at for longest, until the rest is within both bounds."""
    db.conn.execute(
        """DELETE FROM asked_frames WHERE key IN (
               SELECT key FROM (
                   SELECT key, row_number() OVER newest AS place,
                          sum(length(content)) OVER newest AS bytes
                   FROM asked_frames WINDOW newest AS (ORDER BY used DESC, key)
               ) WHERE place > ? OR bytes > ?
           )""",
        [MOST, MOST_BYTES],
    )
