"""Latents as the BLOBs of the tables that hold them: vectors of little-endian float32.

A row is (mean, logvar, z_mean, z_logvar); both of z are NULL where the embedding is z.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float32
from sqlite_utils import Database

from morphcore.types import Latents, Posteriors

Row = tuple[bytes, bytes, bytes | None, bytes | None]

# What an older version stored without z gets z alone: its embedding is never updated.
FILL_IN = """DO UPDATE SET z_mean = excluded.z_mean, z_logvar = excluded.z_logvar
             WHERE z_mean IS NULL"""
# Of a row `l`: its checkpoint's embedding is another than z, which is not stored.
LACKS_Z = """(l.z_mean IS NULL
              AND (SELECT has_embedding FROM checkpoints c WHERE c.id = l.checkpoint_id))"""
_LITTLE_ENDIAN = np.dtype("<f4")


def has_embedding(db: Database, checkpoint_id: int) -> bool:
    """Whether a checkpoint's model has an embedding of its own; no checkpoint has none."""
    sql = "SELECT has_embedding FROM checkpoints WHERE id = ?"
    row = db.conn.execute(sql, [checkpoint_id]).fetchone()
    return row is not None and bool(row[0])


def pack(latents: Latents) -> Iterator[Row]:
    """The BLOBs of every frame, row by row."""
    own_z = latents.own_z
    for row in range(len(latents.frame_ids)):
        z_mean = None if own_z is None else _blob(own_z.mean[row])
        z_logvar = None if own_z is None else _blob(own_z.logvar[row])
        yield _blob(latents.mean[row]), _blob(latents.logvar[row]), z_mean, z_logvar


def unpack(frame_ids: Sequence[int], rows: Sequence[Row], *, has_embedding: bool) -> Latents:
    """The latents of stored rows; z is missing of all where it is missing of one."""
    means, logvars, z_means, z_logvars = zip(*rows, strict=True) if rows else ((), (), (), ())
    known = [blob for blob in z_means if blob is not None]
    whole = len(known) == len(rows) > 0
    own_z = Posteriors(_array(z_means), _array(z_logvars)) if whole else None
    return Latents(
        np.array(frame_ids, dtype=np.int64),
        _array(means),
        _array(logvars),
        own_z,
        z_missing=has_embedding and bool(rows) and not whole,
    )


def _blob(vector: Float32[np.ndarray, " n"]) -> bytes:
    return vector.astype(_LITTLE_ENDIAN).tobytes()


def _array(blobs: Sequence[bytes]) -> Float32[np.ndarray, "frames n"]:
    if not blobs:
        return np.empty((0, 0), dtype=np.float32)
    flat = np.frombuffer(b"".join(blobs), dtype=_LITTLE_ENDIAN)
    return flat.reshape(len(blobs), -1).astype(np.float32)
