"""Options of an import as JSON: what they are comes back, what they cannot be is named."""

from typing import Any

import pytest

from morphcore.readers.options import ImportOptions, OptionError


def test_options_come_back_from_json() -> None:
    given = ImportOptions(
        threshold=3.0,
        value_range=(0.0, 1.5),
        crop=(1, 2, 3, 4),
        window=(64, 64),
        axes="tyx",
        pixel_size=(1.0, 2.5),
        swap=True,
        channel=1,
    )
    assert ImportOptions.from_json(given.as_json()) == given
    assert ImportOptions.from_json({**given.as_json(), "later": 1}) == given


@pytest.mark.parametrize(
    "given",
    [
        {"value_range": []},
        {"value_range": [1, "2"]},
        {"crop": {}},
        {"crop": [1, 2, 3, 0.5]},
        {"threshold": True},
        {"threshold": "most"},
        {"window": [None, 64]},
        {"swap": "no"},
        {"channel": 1.5},
        {"pixel_size": 2.5},
        {"flip": None},
        {"names": 7},
    ],
)
def test_a_value_of_another_kind_is_named(given: dict[str, Any]) -> None:
    (name,) = given
    with pytest.raises(OptionError, match=f"option {name} "):
        ImportOptions.from_json(given)


@pytest.mark.parametrize(
    "given",
    [
        {"value_range": [-1e308, 1e308]},
        {"value_range": [2.0, 1.0]},
        {"threshold": -1.7e308},
        {"threshold": float("nan")},
        {"channel": -1},
    ],
)
def test_a_value_outside_its_range_is_named(given: dict[str, Any]) -> None:
    with pytest.raises(OptionError):
        ImportOptions.from_json(given)
