"""Texts and CSV of matrices: separators, comments, headers, several frames, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from morphcore.readers.files.listing import in_memory
from morphcore.readers.results import UnreadableFrame
from morphcore.readers.stacks import picture
from morphcore.readers.texts import any_text
from tests.morphcore.readers.test_stacks import FILM, REAL, matrix_text, only, saved

ONE = np.round(REAL[0], 4)


def rows(separator: str = ",", index: bool = False) -> str:
    return "".join(
        (f"{number}{separator}" if index else "")
        + separator.join(f"{value:g}" for value in row)
        + "\n"
        for number, row in enumerate(ONE)
    )


COUNT = ",".join(map(str, range(60)))
TEXTS = {
    "spaces": rows(" "),
    "several spaces": rows("   ").replace("\n", "  \n"),
    "tabs": rows("\t"),
    "commas": rows(","),
    "commas and spaces": rows(", "),
    "a comma at the end": rows(",").replace("\n", ",\n"),
    "semicolons": rows(";"),
    "decimal commas, semicolons": rows(";").replace(".", ","),
    "decimal commas, tabs": rows("\t").replace(".", ","),
    "decimal commas, spaces": rows(" ").replace(".", ","),
    "exponents": "\n".join(" ".join(f"{value:.8e}" for value in row) for row in ONE),
    "Fortran's exponents": "\n".join(" ".join(f"{v:.8e}" for v in row) for row in ONE).replace(
        "e", "D"
    ),
    "comments": "# made by a program\n% t = 2\n" + rows(" "),
    "Windows": "\ufeff" + rows(",").replace("\n", "\r\n"),
    "column names": ",".join(f"c{n}" for n in range(60)) + "\n" + rows(","),
    "counted columns": COUNT + "\n" + rows(","),
    "counted columns and rows": "," + COUNT + "\n" + rows(",", index=True),
}


@pytest.mark.parametrize("way", TEXTS)
def test_a_matrix_is_read_however_it_is_written(way: str, tmp_path: Path) -> None:
    data = TEXTS[way].encode()
    assert any_text.looks_like(data[: any_text.HEAD_BYTES])
    stack, values = only(saved(tmp_path / "a.csv", data))
    assert np.allclose(values, ONE[None], atol=1e-6)
    assert (stack.axes, stack.y_up) == (None, False)
    assert bool(stack.done) == any(word in way for word in ("decimal", "column"))


def test_a_mask_without_separators_and_not_a_number_are_read(tmp_path: Path) -> None:
    mask = "\n".join("".join("01"[int(bit)] for bit in row) for row in FILM[0] > 99)
    assert np.array_equal(only(saved(tmp_path / "a.txt", mask.encode()))[1], FILM[:1] > 99)
    holes = np.where(FILM[0] > 200, np.nan, FILM[0])
    _, values = only(saved(tmp_path / "a.txt", matrix_text(holes).encode()))
    assert np.array_equal(values[0], holes, equal_nan=True)


def test_frames_between_blank_lines_are_counted(tmp_path: Path) -> None:
    blocks = "\n\n".join(matrix_text(frame) for frame in REAL).encode()
    stack, values = only(saved(tmp_path / "a.dat", blocks))
    assert np.array_equal(values, REAL)
    assert stack.times is None
    assert not any_text.has_one_frame(in_memory(blocks, "a.dat"))
    assert any_text.has_one_frame(in_memory(matrix_text(ONE).encode(), "a.dat"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("A text of words\nin two lines\n", "not a matrix"),
        ("1 2 3\n4 5 6\n7 8 9\n", "at least 8"),
        (rows(" ") + "1 2 3\n", "line 25 has 3 values"),
        (rows(" ") + "x " * 60 + "\n", "line 25 has 'x ?', which is no number"),
        (rows(" ") + "\n" + rows(" ")[:-7] + "\n" + rows(" "), "matrix 2"),
        ("0.5 " * 60 + "\n", "60 x 1"),
    ],
)
def test_a_text_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(UnreadableFrame, match=says):
        picture("text", text.encode(), "a.txt")


def test_words_and_tables_do_not_look_like_frames() -> None:
    for text in ("name,phi,chi\nrun,0.5,2.4\n", "# a comment\n", "", "0 1\n1 0\n", "\0" * 100):
        assert not any_text.looks_like(text.encode())
