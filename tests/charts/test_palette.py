from charts import palette


def test_rgb_is_the_colour_in_numbers() -> None:
    assert palette.rgb("#0d9488") == (13, 148, 136)


def test_colours_of_one_chart_are_all_different() -> None:
    for colours in (palette.CATEGORICAL, palette.CLASSES, palette.SEQUENTIAL):
        assert len(set(colours)) == len(colours)
