"""Counts, shapes and lengths: what a row says must fit what lies beside it."""

import math
from collections.abc import Callable, Iterator

import numpy as np
from sqlite_utils import Database

from jobs.doctor.problem import ACCEPT, BACKUP, MEND, Problem, named
from store.db import writing
from wording.numbers import amount

_PNG = "89504E470D0A1A0A"
# What is wrong, the SQL of its ids, what it costs, what to do.
_CHECKS = (
    (
        "trajectories that say another number of frames than they have",
        """SELECT t.id FROM trajectories t JOIN datasets d ON d.id = t.dataset_id
           WHERE d.unfinished_job IS NULL AND frame_count <>
             (SELECT count(*) FROM frames f WHERE f.trajectory_id = t.id)""",
        "Pages count frames wrongly; frames may be gone.",
        ACCEPT,
    ),
    (
        "trajectories whose frames are not numbered 0, 1, 2 and so on",
        """SELECT trajectory_id FROM frames GROUP BY trajectory_id
           HAVING min(idx) <> 0 OR max(idx) <> count(*) - 1""",
        "Frames may be gone, or play in the wrong order.",
        BACKUP,
    ),
    (
        "frames without a picture",
        """SELECT f.id FROM frames f LEFT JOIN pictures p ON p.frame_id = f.id
           WHERE p.frame_id IS NULL""",
        "They cannot be shown, searched or learnt from.",
        f"{BACKUP}, or delete their trajectory and import it again",
    ),
    (
        "frames whose bits are not of their size",
        """SELECT f.id FROM frames f JOIN pictures p ON p.frame_id = f.id
           JOIN trajectories t ON t.id = f.trajectory_id
           WHERE length(p.bits) <> (t.height * t.width + 7) / 8""",
        "Models, search and descriptors cannot read them.",
        BACKUP,
    ),
    (
        "frames whose picture is no PNG of their size",
        f"""SELECT f.id FROM frames f JOIN pictures p ON p.frame_id = f.id
            JOIN trajectories t ON t.id = f.trajectory_id
            WHERE hex(substr(p.png, 1, 8)) <> '{_PNG}'
               OR hex(substr(p.png, 17, 8)) <> printf('%08X%08X', t.width, t.height)""",
        "They cannot be shown, or their contrast measured.",
        BACKUP,
    ),
    (
        "runs without frames to learn from, or held out",
        """SELECT r.id FROM runs r WHERE (SELECT count(DISTINCT held_out) FROM run_frames f
             WHERE f.run_id = r.id) < 2""",
        "They cannot be gone on with, or judged.",
        BACKUP,
    ),
    (
        "maps without points",
        """SELECT p.id FROM projections p WHERE NOT EXISTS
             (SELECT 1 FROM projection_points q WHERE q.projection_id = p.id)""",
        "They are listed, but empty.",
        f"{MEND} (drops them; python -m jobs map --run RUN draws them again)",
    ),
)
_JSON = (
    *(("datasets", "config"), ("trajectories", "params"), ("trajectories", "labels")),
    *(("runs", "config"), ("evaluations", "metrics"), ("projections", "config")),
    *(("strips", "frame_ids"), ("jobs", "args"), ("jobs", "result")),
    *(("tunings", "settings"), ("tunings", "space")),
    *(("tuning_trials", "settings"), ("tuning_trials", "points")),
)


def check(db: Database) -> Iterator[Problem]:
    """Whatever does not fit."""
    for words, sql, cost, to_do in _CHECKS:
        if ids := [row[0] for row in db.conn.execute(sql).fetchall()]:
            mend = _drop_maps(db, ids) if to_do.startswith(MEND) else None
            what = f"{words[0].upper()}{words[1:]}: {len(ids):,} ({named(ids)})."
            yield Problem(what, cost, to_do, mend)
    for table, column in _JSON:
        sql = f"SELECT rowid FROM {table} WHERE {column} IS NOT NULL AND NOT json_valid({column})"
        if ids := [row[0] for row in db.conn.execute(sql).fetchall()]:
            rows = amount(len(ids), "row")
            what = f"{table}: {column} of {rows} cannot be read ({named(ids)})."
            yield Problem(what, "Pages that show them fail.", BACKUP)
    yield from _vectors(db)


def _vectors(db: Database) -> Iterator[Problem]:
    """Latents that are not vectors of one length, of finite numbers."""
    for (checkpoint_id,) in db.conn.execute(
        "SELECT DISTINCT checkpoint_id FROM latents"
    ).fetchall():
        rows = db.conn.execute(
            "SELECT frame_id, mean, logvar, z_mean, z_logvar FROM latents WHERE checkpoint_id = ?",
            [checkpoint_id],
        ).fetchall()
        lengths = [len(row[1]) for row in rows]
        usual = max(set(lengths), key=lengths.count)
        wrong = [row[0] for row in rows if not _is_sound(row, usual)]
        if wrong:
            yield Problem(
                f"Latents of {amount(len(wrong), 'frame')} by checkpoint {checkpoint_id} are no"
                f" vectors of {usual // 4} numbers ({named(wrong)}).",
                "The map, search and comparison of their run fail, or place them wrongly.",
                f"{MEND} (drops them, which python -m jobs index --run RUN encodes again)",
                _drop_latents(db, checkpoint_id, wrong),
            )


def _is_sound(row: tuple[int, bytes, bytes, bytes | None, bytes | None], usual: int) -> bool:
    _, mean, logvar, z_mean, z_logvar = row
    if not len(mean) == len(logvar) == usual or usual % 4:
        return False
    if (z_mean is None) is not (z_logvar is None) or len(z_mean or b"") != len(z_logvar or b""):
        return False
    parts = [part for part in (mean, logvar, z_mean, z_logvar) if part is not None]
    if any(len(part) % 4 for part in parts):
        return False
    return all(math.isfinite(float(np.frombuffer(part, "<f4").sum())) for part in parts)


def _drop_latents(db: Database, checkpoint_id: int, frame_ids: list[int]) -> Callable[[], None]:
    def drop() -> None:
        with writing(db):
            db.conn.executemany(
                "DELETE FROM latents WHERE checkpoint_id = ? AND frame_id = ?",
                [(checkpoint_id, frame_id) for frame_id in frame_ids],
            )

    return drop


def _drop_maps(db: Database, ids: list[int]) -> Callable[[], None]:
    def drop() -> None:
        with writing(db):
            db.conn.executemany("DELETE FROM projections WHERE id = ?", [(each,) for each in ids])

    return drop
