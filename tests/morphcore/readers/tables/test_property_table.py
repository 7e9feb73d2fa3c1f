import numpy as np
import pytest

from morphcore.readers.tables.property_table import UnreadableTable, parse


def test_numbers_and_words_are_told_apart_column_by_column() -> None:
    table = parse(b"file,JSC,batch\na.txt,-77.5,annealed\nb.txt,1e2,\nc.txt,,as cast\n")
    assert table.keys == {"file": ("a.txt", "b.txt", "c.txt")}
    assert table.lines == (2, 3, 4)
    jsc, batch = table.columns
    assert [jsc.value(row) for row in range(3)] == [-77.5, 100.0, None]
    assert [batch.value(row) for row in range(3)] == ["annealed", None, "as cast"]
    assert (jsc.known, batch.known) == (2, 2)


def test_infinite_and_missing_numbers_are_not_known() -> None:
    (column,) = parse(b"name,tortuosity\na,inf\nb,NaN\nc,1.5\nd,-\n").columns
    assert column.numbers is not None
    assert [column.value(row) for row in range(4)] == [None, None, 1.5, None]


def test_one_word_among_numbers_makes_a_column_of_words() -> None:
    (column,) = parse(b"name,state\na,1\nb,dry\n").columns
    assert column.numbers is None
    assert [column.value(0), column.value(1)] == ["1", "dry"]


@pytest.mark.parametrize("between", [";", "\t"])
def test_semicolons_and_tabs_allow_decimal_commas(between: str) -> None:
    text = "file;E\na;3,25\n".replace(";", between)
    (column,) = parse(text.encode("utf-8-sig")).columns
    assert column.value(0) == 3.25


def test_names_keep_their_capitals_and_quoted_commas_stay() -> None:
    table = parse(b'File,"J_SC, mA"\n"a, b.txt",1\n')
    assert table.keys["file"] == ("a, b.txt",)
    assert table.columns[0].name == "J_SC, mA"


def test_index_and_time_place_a_row_only_beside_a_trajectory() -> None:
    assert set(parse(b"trajectory,index,E\na,0,1\n").keys) == {"trajectory", "index"}
    table = parse(b"file,time,E\na,0.5,1\n")
    assert set(table.keys) == {"file"}
    assert [column.name for column in table.columns] == ["time", "E"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "has no rows"),
        (b"file,E\n", "has no rows"),
        (b"phi,E\n1,2\n", "No column says what its rows are of"),
        (b"file,E\na,1,2\n", "Line 2 has 3 cells, the first line has 2"),
        (b"file,E,e\na,1,2\n", "a name of its own"),
        (b"file,,E\na,1,2\n", "a name of its own"),
        ("file,E\nä,1\n".encode("latin-1"), "no text in UTF-8"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_in_a_sentence(text: bytes, message: str) -> None:
    with pytest.raises(UnreadableTable, match=message):
        parse(text)


def test_a_column_without_any_value_is_of_words_none_known() -> None:
    (column,) = parse(b"name,E\na,\nb,nan\n").columns
    assert column.known == 0
    assert column.numbers is None
    assert np.array_equal(column.words, ["", "nan"])
