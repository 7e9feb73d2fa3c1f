"""The map in a browser: the right picture for every point, whatever was zoomed, hidden or asked."""

import io
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from analysis import thumbnails
from store import projections, trajectories
from store.db import open_store
from tests.e2e import vega
from tests.e2e.conftest import App, serving, settle, until
from tests.factory import Made, build_store

SHOWN = ".st-key-map_frame"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return build_store(tmp_path_factory.mktemp("map") / "morph.sqlite")


@pytest.fixture(scope="module")
def app(made: Made) -> Iterator[App]:
    with serving(made.path) as app:
        yield app


@pytest.fixture
def places(made: Made) -> dict[int, tuple[float, float]]:
    """The place of each frame on the map of all frames."""
    with open_store(made.path) as db:
        points = projections.points(db, made.map_ids[1])
    coords = [(x, y) for x, y in points.coords.tolist()]
    return dict(zip(points.frame_ids.tolist(), coords, strict=True))


def _open(page: Page, app: App, made: Made, more: str = "") -> None:
    page.goto(f"{app.url}/map?run={made.run_id}&map={made.map_ids[1]}{more}")
    vega.ready(page, 120)
    settle(page)
    page.wait_for_selector(".stage[data-ready]", state="attached")


def _alone(made: Made, places: dict[int, tuple[float, float]], count: int) -> list[int]:
    """Separated frames whose points lie farthest from all others, each of another trajectory."""
    with open_store(made.path) as db:
        table = trajectories.frame_table(db, made.dataset_id)
    coords = np.array([places[each] for each in table.frame_ids.tolist()])
    apart = np.abs(coords[:, None] - coords[None]).max(-1)
    np.fill_diagonal(apart, np.inf)
    order = apart.min(1).argsort()[::-1]
    best: dict[int, int] = {}
    for row in order[~table.unseparated[order]]:
        best.setdefault(int(table.trajectory_ids[row]), int(table.frame_ids[row]))
    return list(best.values())[:count]


def _click(page: Page, place: tuple[float, float]) -> None:
    ((x, y),) = vega.pixels(page, [place])
    page.mouse.click(x, y)
    settle(page)


def _picture(page: Page) -> np.ndarray:
    source = page.locator(f"{SHOWN} img").get_attribute("src")
    assert source is not None
    body = page.request.get(re.sub(r"^/", page.url.split("/map")[0] + "/", source)).body()
    return np.asarray(Image.open(io.BytesIO(body)).convert("L"))


def _stored(made: Made, frame_id: int) -> np.ndarray:
    with open_store(made.path) as db:
        return trajectories.frame(db, frame_id)


def _colour(page: Page, name: str) -> None:
    page.get_by_role("combobox", name="Colour by").click()
    page.get_by_role("option", name=name, exact=True).click()
    settle(page)
    vega.ready(page)


def _show_bare(page: Page) -> None:
    """Turn the frames that have not separated off or on again, and close the filters."""
    page.get_by_role("button", name=re.compile("Filter")).click()
    page.get_by_text("Show not yet separated").click()
    settle(page)
    page.get_by_role("button", name=re.compile("Filter")).first.click()
    expect(page.get_by_text("Show not yet separated")).to_be_hidden()


def _tool(page: Page, name: str) -> None:
    page.get_by_role("button", name=re.compile(name)).click()


def _ringed(page: Page) -> list[int]:
    return [each["id"] for each in vega.drawn(page, "symbol")[-1]]


def test_a_click_shows_the_frame_and_the_path_of_its_trajectory(
    page: Page, app: App, made: Made, places: dict[int, tuple[float, float]]
) -> None:
    _open(page, app, made)
    assert vega.drawn(page, "line") == [[]]
    for frame_id in _alone(made, places, 3):
        _click(page, places[frame_id])
        assert np.array_equal(_picture(page), _stored(made, frame_id))
        assert f"frame={frame_id}" in page.url
        with open_store(made.path) as db:
            info = trajectories.frame_info(db, frame_id)
            path = trajectories.frame_ids_of(db, info.trajectory.id).tolist()
        expect(page.locator(SHOWN)).to_contain_text(
            f"{info.trajectory.name} · frame {info.index + 1} of 20 · step {info.time:g}"
        )
        assert [each["id"] for each in vega.drawn(page, "line")[0]] == path
        ring = vega.drawn(page, "symbol")[-1]
        assert [each["id"] for each in ring] == [frame_id]
        ends = [marks[0]["id"] for marks in vega.drawn(page, "text") if marks]
        assert ends == [path[0], path[-1]]
    links = page.locator(f"{SHOWN} a")
    targets = [links.nth(each).get_attribute("href") or "" for each in range(links.count())]
    assert any(f"trajectories?frame={frame_id}" in each for each in targets)
    assert any(f"compare?frame={frame_id}" in each for each in targets)


def test_zoom_survives_a_click_and_another_colour_and_a_double_click_resets_it_alone(
    page: Page, app: App, made: Made, places: dict[int, tuple[float, float]]
) -> None:
    _open(page, app, made)
    whole = vega.domain(page)
    first, second, _ = _alone(made, places, 3)
    ((x, y),) = vega.pixels(page, [places[first]])
    page.mouse.move(x, y)
    page.mouse.wheel(0, -500)
    settle(page)
    zoomed = vega.domain(page)
    assert zoomed[0][1] - zoomed[0][0] < 0.8 * (whole[0][1] - whole[0][0])

    _click(page, places[first])
    assert np.array_equal(_picture(page), _stored(made, first))
    assert vega.domain(page) == zoomed
    for name in ("Domain size L", "Trajectory"):
        before = _colours(page)
        _colour(page, name)
        assert np.allclose(vega.domain(page), zoomed), name
        assert _ringed(page) == [first], name
        assert np.array_equal(_picture(page), _stored(made, first))
        assert _colours(page) != before, name

    (x, y) = vega.pixels(page, [places[first]])[0]
    page.mouse.dblclick(x + 40, y + 40)
    settle(page)
    assert np.allclose(vega.domain(page), whole)
    assert _ringed(page) == [first]
    assert np.array_equal(_picture(page), _stored(made, first))
    _click(page, places[second])
    assert np.array_equal(_picture(page), _stored(made, second))


def _colours(page: Page) -> list[str]:
    """The colours of all points, in the order in which they are drawn."""
    return [each["c"] for marks in vega.drawn(page, "symbol")[:2] for each in marks]


def test_hover_shows_and_keys_reach_every_frame_without_the_mouse(
    page: Page, app: App, made: Made, places: dict[int, tuple[float, float]]
) -> None:
    _open(page, app, made)
    (frame_id,) = _alone(made, places, 1)
    page.wait_for_timeout(500)  # the thumbnails are fetched last
    page.mouse.move(*vega.pixels(page, [places[frame_id]])[0])
    with open_store(made.path) as db:
        info = trajectories.frame_info(db, frame_id)
        small = dict(thumbnails.decode(thumbnails.load(db, np.array([frame_id]))))
    card = page.locator(".hover")
    expect(card).to_contain_text(f"{info.trajectory.name} · step {info.time:g}")
    seen = card.locator("canvas").evaluate(
        "it => [...it.getContext('2d').getImageData(0, 0, it.width, it.height).data]"
    )
    assert np.array_equal(np.array(seen[::4]), 85 * small[frame_id].ravel())
    assert page.locator(SHOWN).count() == 0  # a hover asks nothing of the server

    _click(page, places[frame_id])
    keys = page.get_by_role("application", name=re.compile("Map of 120 frames by PCA"))
    keys.focus()
    right, up = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    spots = dict(zip(places, np.array(vega.pixels(page, list(places.values()))), strict=True))
    at = frame_id
    for key, direction in (("ArrowRight", right), ("ArrowRight", right), ("ArrowUp", up)):
        page.keyboard.press(key)
        steps = {each: (spot - spots[at]) * (1, -1) for each, spot in spots.items()}
        ahead = {
            each: np.hypot(*step)
            for each, step in steps.items()
            if step @ direction > abs(step @ direction[::-1]) + 1e-6
        }
        if ahead:
            at = min(ahead, key=lambda each: ahead[each])
    page.keyboard.press("Enter")
    settle(page)
    assert f"frame={at}" in page.url
    assert np.array_equal(_picture(page), _stored(made, at))
    assert _ringed(page) == [at]
    page.keyboard.press("Shift+Enter")
    settle(page)
    expect(page.locator(".st-key-map_pinned")).to_be_visible()
    page.keyboard.press("Escape")
    settle(page)
    assert "frame=" not in page.url
    assert page.locator(f"{SHOWN}, .st-key-map_pinned").count() == 0
    assert _ringed(page) == []


def _marks(page: Page) -> dict[str, list[dict[str, Any]]]:
    """The data of the marks over the points, by what they are; see `map_chart.spec`."""
    names = ("arrows", "halo", "stops", "own", "heads", "fall", "near", "cross", "spot", "pinned")
    return dict(zip((*names, "ring"), vega.drawn(page, "symbol")[2:], strict=True))


def test_paths_time_kept_frames_and_an_empty_place(
    page: Page, app: App, made: Made, places: dict[int, tuple[float, float]]
) -> None:
    with open_store(made.path) as db:
        table = trajectories.frame_table(db, made.dataset_id)
    owner = int(table.trajectory_ids[50])
    _open(page, app, made, f"&paths={owner}")
    until(lambda: {each["t"] for each in _marks(page)["arrows"]} == {owner}, 20, "its path")
    path = [each["id"] for each in vega.drawn(page, "line")[0]]
    assert path == table.frame_ids[table.trajectory_ids == owner].tolist()

    ((x, y),) = vega.pixels(page, [places[50]])
    page.mouse.move(x, y)
    page.mouse.wheel(0, -200)
    settle(page)
    zoomed = vega.domain(page)
    assert _marks(page)["heads"] == []
    page.get_by_label("Time", exact=True).fill("3")  # the fourth moment: step 80
    until(lambda: [each["s"] for each in _marks(page)["heads"]] == [80] * 6, 20, "step 80")
    page.get_by_label("Play", exact=True).click()
    expect(page.locator(".st-key-map_charts output")).to_have_text("step 400")
    until(lambda: [each["s"] for each in _marks(page)["heads"]] == [400] * 6, 20, "step 400")
    assert vega.domain(page) == zoomed
    page.mouse.dblclick(*vega.pixels(page, [places[50]])[0])
    settle(page)

    pinned = _alone(made, places, 2)
    for frame_id in pinned:
        page.keyboard.down("Shift")
        _click(page, places[frame_id])
        page.keyboard.up("Shift")
    until(lambda: {each["id"] for each in _marks(page)["pinned"]} == set(pinned), 20, "both kept")
    link = page.get_by_role("link", name="Compare 1 and 2").get_attribute("href") or ""
    assert f"frame={pinned[0]}" in link
    assert f"with={pinned[1]}" in link

    (left, right), (bottom, top) = vega.domain(page)
    grid = [
        (left + a * (right - left), bottom + b * (top - bottom))
        for a in np.linspace(0.1, 0.9, 12)
        for b in np.linspace(0.1, 0.9, 12)
    ]
    spots = np.array(vega.pixels(page, grid))
    taken = np.array(vega.pixels(page, list(places.values())))
    room = np.abs(spots[:, None] - taken[None]).max(-1).min(1)
    empty = grid[int(room.argmax())]
    _click(page, empty)
    expect(page.locator(".st-key-map_made")).to_be_visible()
    (found,) = _marks(page)["spot"]
    assert (found["x"], found["y"]) == pytest.approx(empty, abs=0.01 * (right - left))


def test_a_drag_pans_and_selects_nothing(page: Page, app: App, made: Made) -> None:
    _open(page, app, made)
    (left, right), (bottom, top) = vega.domain(page)
    ((x, y),) = vega.pixels(page, [(left + 0.02 * (right - left), bottom + 0.02 * (top - bottom))])
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 80, y - 60, steps=4)
    page.mouse.up()
    settle(page)
    assert vega.domain(page)[0][0] < left
    assert page.locator(SHOWN).count() == 0


def test_an_area_shows_its_frames_in_pages(
    page: Page, app: App, made: Made, places: dict[int, tuple[float, float]]
) -> None:
    _open(page, app, made)
    _tool(page, "select a rectangle")
    coords = np.array(list(places.values()))
    low, high = np.quantile(coords, 0.2, axis=0), np.quantile(coords, 0.9, axis=0)
    start, end = vega.pixels(page, [tuple(low), tuple(high)])
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=5)
    page.mouse.up()
    settle(page)
    ids = np.array(list(places))
    # The edges of the area lie on whole pixels, so ask the chart's own place of each point.
    spots = np.array(vega.pixels(page, [tuple(each) for each in coords]))
    within = (spots > np.minimum(start, end)).all(1) & (spots < np.maximum(start, end)).all(1)
    inside = set(ids[within].tolist())
    assert len(inside) > 24
    gallery = page.locator(".st-key-map_gallery")
    expect(page.locator(".st-key-map_gallery_head")).to_contain_text(
        f"{-(-len(inside) // -(-len(inside) // 24))} of {len(inside)} shown"
    )
    seen: set[int] = set()
    while True:
        names = gallery.locator("[class*=st-key-map_gallery_]").evaluate_all(
            "found => found.map(each => each.className)"
        )
        page_ids = {int(re.findall(r"map_gallery_(\d+)", each)[0]) for each in names}
        expect(gallery.locator("img")).to_have_count(len(page_ids))
        assert not page_ids & seen
        seen |= page_ids
        onwards = page.locator(".st-key-map_gallery_turn_1 button").first
        if onwards.is_disabled():
            break
        onwards.click()
        settle(page)
    assert seen == inside

    page.mouse.move(*end)
    page.mouse.wheel(0, -200)
    settle(page)
    zoomed = vega.domain(page)
    chosen = min(page_ids)
    gallery.locator(f".st-key-map_gallery_{chosen} button").first.click()
    settle(page)
    assert _ringed(page) == [chosen]
    # The map is where it was, with its area, from which one goes on to the next frame.
    assert np.allclose(vega.domain(page), zoomed)
    gallery.locator(f".st-key-map_gallery_{max(page_ids)} button").first.click()
    settle(page)
    page.get_by_role("radio", name="Frame", exact=True).click()
    settle(page)
    assert np.array_equal(_picture(page), _stored(made, max(page_ids)))


def test_hiding_frames_that_have_not_separated_never_shows_a_wrong_picture(
    page: Page, app: App, made: Made, places: dict[int, tuple[float, float]]
) -> None:
    _open(page, app, made)
    first, second, third = _alone(made, places, 3)
    with open_store(made.path) as db:
        table = trajectories.frame_table(db, made.dataset_id)
    bare = int(table.frame_ids[table.unseparated][-1])  # it lies on those of the same place
    _click(page, places[bare])
    assert np.array_equal(_picture(page), _stored(made, bare))
    _click(page, places[first])
    _show_bare(page)
    vega.ready(page, 114)
    assert sum(len(each) for each in vega.drawn(page, "symbol")[:2]) == 114
    assert np.array_equal(_picture(page), _stored(made, first))
    for frame_id in (second, third):
        _click(page, places[frame_id])
        assert np.array_equal(_picture(page), _stored(made, frame_id))
    _show_bare(page)
    vega.ready(page, 120)
    _click(page, places[first])
    assert np.array_equal(_picture(page), _stored(made, first))


def test_a_link_leads_to_a_frames_point_and_another_link_to_another(
    page: Page, app: App, made: Made
) -> None:
    for frame_id in (27, 68):
        page.goto(f"{app.url}/map?frame={frame_id}")
        vega.ready(page)
        settle(page)
        assert np.array_equal(_picture(page), _stored(made, frame_id))
        # The first map, of every 5th frame, has neither: the map of all frames is shown.
        assert [each["id"] for each in vega.drawn(page, "symbol")[-1]] == [frame_id]


def test_a_map_is_drawn_from_the_form_and_then_shown(page: Page, app: App, made: Made) -> None:
    _open(page, app, made, "&frame=22")
    page.get_by_role("button", name=re.compile("PCA")).click()
    page.get_by_text("Draw a new map").click()
    page.get_by_role("radio", name="PCA").click()
    page.get_by_role("spinbutton", name="Take every n-th frame").fill("2")
    page.get_by_role("button", name="Draw the map").click()
    # Frame 22 is not on the new map, and the page says so.
    expect(page.locator(SHOWN)).to_contain_text("not on this map", timeout=60_000)
    vega.ready(page, 60)
    settle(page)
    page.reload()
    vega.ready(page, 60)
    settle(page)
    page.get_by_role("button", name=re.compile("PCA")).click()
    box = page.get_by_role("combobox", name="Map", exact=True)
    expect(box).to_have_value("PCA, every 2nd frame (60 points)")
    with open_store(made.path) as db:
        newest = projections.of_checkpoint(db, made.checkpoint_id)[-1]
        info = trajectories.frame_info(db, 22)
    assert newest.config.every == 2
    assert f"map={newest.id}" in page.url
    assert info.index % 2 == 1
