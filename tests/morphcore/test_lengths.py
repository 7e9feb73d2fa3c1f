"""Units of length."""

import pytest

from morphcore import lengths


@pytest.mark.parametrize(
    ("unit", "other", "expected"),
    [("m", "nm", 1e9), ("mm", "µm", 1e3), ("um", "μm", 1.0), ("Å", "nm", 0.1), ("A", "Å", 1.0)],
)
def test_a_unit_in_others(unit: str, other: str, expected: float):
    assert lengths.ratio(1.0, unit, 1.0, other) == pytest.approx(expected)


def test_what_cannot_be_compared_has_no_ratio():
    assert lengths.ratio(1.0, "nm", 1.0, "R_g") is None
    assert lengths.ratio(3.0, "R_g", 2.0, "R_g") == 1.5
    assert lengths.ratio(0.0, "nm", 2.0, "nm") is None
