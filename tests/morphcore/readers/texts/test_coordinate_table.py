"""Tables of x, y and a value are refused by name and reason, and never skipped in silence."""

from pathlib import Path

import pytest

from morphcore.readers.read import look

ROWS = "".join(f"{x} {y} {x * y / 400:.3f}\n" for y in range(20) for x in range(20))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("film.txt", ROWS),
        ("film.dat", "# x y phi\n" + ROWS),
        ("film.csv", "x,y,phi\n" + ROWS.replace(" ", ",")),
    ],
)
def test_a_table_of_coordinates_is_refused_by_name(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / "energy.csv").write_text("time,energy\n0,1\n1,0.5\n")
    found = look(tmp_path)
    (rejection,) = found.rejections
    assert rejection.file == name
    assert rejection.reason.startswith("It is a table of 3 columns, such as x, y and a value;")
    assert found.skipped == ("energy.csv",)
