"""A store of an older version is brought up to contrast, by what was then measured."""

import io
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlite_utils import Database

from morphcore.descriptors import contrast, measure
from morphcore.frames import binarise
from store import contrast_2026, datasets, descriptors, trajectories
from store.db import open_store
from store.migrations import MIGRATIONS, NAMES
from tests.factory import trajectory

RNG = np.random.default_rng(5)


def films() -> dict[str, np.ndarray]:
    """Mixed, half and wholly separated, and binary frames."""
    waves = np.sin(np.arange(64) / 5)[None, None] * np.ones((1, 32, 1))
    amplitudes = np.array([0.5, 30.0, 60.0, 120.0])[:, None, None]
    smooth = 127.5 + amplitudes * waves + RNG.normal(0, 0.4, (4, 32, 64))
    blank = 127.5 + amplitudes / 4 * RNG.standard_normal((4, 32, 64))
    binary = np.where(waves + 0 * amplitudes > 0.3, 255, 0)
    return {
        name: np.clip(np.rint(levels), 0, 255).astype(np.uint8)
        for name, levels in (("smooth", smooth), ("blank", blank), ("binary", binary))
    }


@pytest.mark.parametrize("chi", [None, 1.9, 2.4])
def test_the_frozen_rule_is_that_of_today(chi: float | None) -> None:
    for gray in films().values():
        then = [
            contrast_2026.of_png(as_png(frame), None if chi is None else contrast_2026.binodal(chi))
            for frame in gray
        ]
        np.testing.assert_allclose(then, contrast.measure(gray, chi), atol=1e-6)
    assert contrast_2026.SEPARATED_FROM == contrast.SEPARATED_FROM


def test_an_older_store_is_brought_up_to_contrast(store: Path) -> None:
    """What it had called separated by two colours alone is judged anew, by each kind's own rule."""
    gray = films()["smooth"]
    made = {}
    with open_store(store) as db:
        for kind, family in (("simulated", "neutral"), ("imported", None)):
            dataset_id = datasets.create(db, kind, kind, {})
            film = replace(
                trajectory(kind, frames=4), frames=gray, times=np.arange(4.0), family=family
            )
            owner = trajectories.add(db, dataset_id, film)
            ids = trajectories.frame_ids_of(db, owner)
            own = contrast.measure(gray, film.composition_chi)
            measured = measure.measure(ids, binarise(gray), contrast=own)
            descriptors.add(db, measured)
            made[dataset_id] = (trajectories.frame_table(db, dataset_id).unseparated, measured)
    downgrade(store)
    with open_store(store) as db:
        assert {each.name for each in MIGRATIONS.applied(db)} == NAMES
        for dataset_id, (unseparated, measured) in made.items():
            assert unseparated.tolist()[0]
            assert not unseparated.all()
            table = trajectories.frame_table(db, dataset_id)
            assert table.unseparated.tolist() == unseparated.tolist()
            again = descriptors.of_dataset(db, dataset_id)
            np.testing.assert_allclose(again.contrast, measured.contrast, atol=1e-6)
            np.testing.assert_allclose(again.chord_ratio, measured.chord_ratio, rtol=1e-6)


def as_png(gray: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(gray).save(out, format="PNG")
    return out.getvalue()


def downgrade(store: Path) -> None:
    """Make of a store one that has never heard of contrast."""
    connection = sqlite3.connect(store)
    db = Database(connection)
    for trigger in db.triggers:  # nor of checksums
        db.execute(f"DROP TRIGGER {trigger.name}")
    for name in ("contrast", "chord_ratio"):
        db.execute(f"ALTER TABLE descriptors DROP COLUMN {name}")
    db.execute("UPDATE frames SET uniform = 0")
    db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm009_contrast'")
    connection.commit()
    connection.close()
