import numpy as np
from streamlit.testing.v1 import AppTest

from tests.looks import film
from tests.markdown import shown
from ui.datasets.import_preview import order, rows, strip_picture


def test_a_strip_shows_gray_above_and_its_threshold_below():
    strip = np.zeros((2, 8, 64), dtype=np.uint8)
    strip[0], strip[1, :4] = 100, 200
    picture = strip_picture(strip, 0.5)
    assert picture.shape == (2 * 8 + 2, 2 * 64 + 2, 4)
    assert (picture[:8, :64, 0] == 100).all()
    assert (picture[10:, :64, 0] == 0).all()  # 100 of 255 is below one half
    assert (picture[:4, 66:, 0] == 200).all()
    assert (picture[10:14, 66:, 0] == 255).all()
    assert (picture[14:, 66:, 0] == 0).all()
    clear = picture[..., 3] < 255
    assert clear[8:10].all()
    assert clear[:, 64:66].all()
    assert clear.sum() == 2 * picture.shape[1] + 2 * picture.shape[0] - 4


def test_a_row_has_the_geometry_in_words():
    (row,) = rows([film("a", warnings=("It is dim.",))])
    assert row == {
        "Trajectory": "a",
        "Frames": 3,
        "Times": "0 to 10 s",
        "Size, px": "400 × 100",
        "Pixel size": "2.5 nm a pixel",
        "White": "values of at least 2,047.5",
        "Area fraction": "30.0 % first, 55.0 % last",
        "Parameters": "phi = 0.5, solvent = CB",
        "Warnings": 1,
    }


def test_files_are_listed_with_the_times_of_their_frames():
    assert order(film("a"))[1] == {"Time, s": 0.5, "File": "film/t_0.5.png"}
    counted = film("a", time_unit="frame", times=(0.0, 1.0, 2.0))
    assert order(counted)[2] == {"Frame": 2, "File": "film/t_10.png"}
    whole = film("a", files=("film.npy",))
    assert order(whole) == [{"File": "film.npy"}]


def test_many_trajectories_are_all_in_the_table_and_twenty_a_page_in_pictures():
    def script() -> None:
        from tests.looks import film, looked
        from ui.datasets import import_preview

        import_preview.show(looked(*(film(f"r{number}") for number in range(45))))

    page = AppTest.from_function(script, default_timeout=60).run()
    assert not page.exception
    assert len(page.dataframe[0].value) == 45
    names = [each.value for each in page.markdown if each.value.startswith("**r")]
    assert names == [f"**r{number}**" for number in range(20)]
    assert page.caption[0].value == "Pictures of trajectories 1 to 20 of 45."


def test_each_remark_is_said_once_with_whom_it_is_of():
    def script() -> None:
        from tests.looks import film, looked
        from ui.datasets import import_preview

        films = [
            film(name, warnings=("It is dim.",), done=(("Cropped.",) if name != "d" else ()))
            for name in "abcd"
        ]
        import_preview.remarks(looked(*films))

    page = AppTest.from_function(script, default_timeout=60).run()
    assert [each.value for each in page.warning] == ["It is dim."]
    assert "a, b and c\\: Cropped." in page.markdown[0].value


def test_a_unit_that_a_file_gives_is_no_link():
    def script() -> None:
        from tests.looks import film, looked
        from ui.datasets import import_preview

        import_preview.show(looked(film("a", time_unit="x[a](//b.c)z")))

    page = AppTest.from_function(script, default_timeout=60).run()
    words = [each.value for each in page.caption if "gray, and below" in each.value]
    assert [shown(each) for each in words] == [
        "Pictures at 0, 0.5 and 10 x[a](//b.c)z: gray, and below what becomes black and white."
    ]
    assert "](" not in words[0]
