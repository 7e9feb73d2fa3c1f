"""Looks before an import, as values: for tests of what shows them."""

from dataclasses import replace
from typing import Any

import numpy as np

from morphcore.readers.look import ImportLook, Question, TrajectoryLook
from morphcore.readers.options import DEFAULT_OPTIONS, ImportOptions

_STRIP = np.zeros((3, 20, 80), dtype=np.uint8)
_STRIP[:, 5:, :] = 200
_STRIP[:, 10:, :] = 100

FILM = TrajectoryLook(
    name="film",
    files=("film/t_0.png", "film/t_0.5.png", "film/t_10.png"),
    frames=3,
    source_shape=(100, 400),
    shape=(100, 400),
    times=(0.0, 0.5, 10.0),
    time_unit="s",
    value_range=(0.0, 4095.0),
    threshold=2047.5,
    gray_threshold=0.5,
    white="values of at least 2,047.5",
    fraction=(0.3, 0.55),
    pixel_size=2.5,
    length_unit="nm",
    periodic=(False, False),
    params={"phi": 0.5},
    labels={"solvent": "CB"},
    strip=_STRIP,
    strip_indices=(0, 1, 2),
    done=(),
    warnings=(),
    questions=(),
)

ON_ITS_SIDE = Question("axes", "The film is 100 wide and 400 high: are its rows y, or x?")


def film(name: str, **changes: Any) -> TrajectoryLook:
    """A film of three frames; `changes` are fields of it."""
    return replace(FILM, name=name, **changes)


def looked(
    *trajectories: TrajectoryLook, options: ImportOptions = DEFAULT_OPTIONS, **changes: Any
) -> ImportLook:
    """A look at these films, without questions unless they are given."""
    given: dict[str, Any] = {"rejections": (), "skipped": (), "questions": (), **changes}
    return ImportLook(options=options, trajectories=trajectories, **given)
