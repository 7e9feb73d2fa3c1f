from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from store import datasets, trajectories
from store.db import open_store
from tests.factory import trajectory
from ui.frame import contact_sheet


def view(store):
    from store import datasets
    from store.db import open_store
    from ui.datasets import view

    with open_store(store) as db:
        (dataset,) = datasets.all_datasets(db)
    view.show(store, dataset, set())


@pytest.fixture
def page(store: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(contact_sheet, "show", lambda *_, **__: None)  # its links want the app
    with open_store(store) as db:
        config = {
            "source": "films",
            "options": {"axes": "txy", "threshold": "otsu"},
            "done": ["Turned: its rows are x and its columns are y."],
        }
        dataset_id = datasets.create(db, "mine", "imported", config)
        for name in "ab":
            film = trajectory(name, frames=3)
            film = replace(film, pixel_size=2.5, length_unit="nm", threshold=0.25, time_unit="s")
            trajectories.add(db, dataset_id, replace(film, times=np.array([0.0, 0.5, 2.0])))
    return AppTest.from_function(view, default_timeout=60, kwargs={"store": store})


def test_a_data_set_says_its_geometry_once_and_how_it_came_in(page: AppTest):
    page.run()
    assert not page.exception
    (facts,) = [each.value for each in page.caption if "400 × 100" in each.value]
    assert facts.replace("\\", "") == (
        "400 × 100 px · pixel size: 2.5 nm a pixel · periodic along x, walls along y · "
        "white from 25 % of gray"
    )
    assert page.code[0].value == (
        "python -m jobs import films --name mine --threshold otsu --axes txy"
    )
    assert any("Turned" in each.value for each in page.markdown)
    table = page.dataframe[0].value
    assert "Size, px" not in table.columns
    assert table["Times"].tolist() == ["0 to 2 s", "0 to 2 s"]


def test_what_differs_is_in_the_table(page: AppTest, store: Path):
    with open_store(store) as db:
        db.execute("UPDATE trajectories SET pixel_size = NULL WHERE name = 'b'")
    page.run()
    assert not page.exception
    assert any("Pixel size: several" in each.value for each in page.caption)
    assert page.dataframe[0].value["Pixel size"].tolist() == ["2.5 nm a pixel", "not known"]
