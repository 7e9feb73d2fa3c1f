"""Progress: the share of a part of the work within the whole."""

import pytest

from morphcore.progress import part


def test_a_part_runs_from_its_start_to_its_end() -> None:
    shares: list[float] = []
    within = part(part(shares.append, 0.5, 1.0), 0.2, 0.6)
    for share in (0.0, 0.25, 1.0):
        within(share)
    assert shares == pytest.approx([0.6, 0.65, 0.8])


@pytest.mark.parametrize("count", [1, 3, 7, 10, 49])
def test_parts_in_a_row_never_fall_and_end_at_one(count: int) -> None:
    shares: list[float] = []
    for number in range(count):
        within = part(shares.append, number / count, (number + 1) / count)
        for share in (0.0, 1 / 3, 1.0):
            within(share)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_part_without_extent_stands_still() -> None:
    shares: list[float] = []
    for share in (0.0, 0.1, 1.0):
        part(shares.append, 1.0, 1.0)(share)
    assert set(shares) == {1.0}
