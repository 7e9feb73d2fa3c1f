"""All text stands out from what it is on, in both themes: WCAG 2.2 AA asks for 4.5 : 1."""

import tomllib
from pathlib import Path

import pytest

from charts import palette
from tests.contrast import contrast, over
from ui import style

ROOT = Path(__file__).resolve().parents[2]
THEMES = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
TEXT = 4.5
SHAPE = 3.0  # of what is no text: outlines, marks


@pytest.mark.parametrize(("at", "theme"), [(0, "light"), (1, "dark")])
def test_text_is_seen_on_all_that_it_stands_on(at: int, theme: palette.Theme) -> None:
    colours = THEMES[theme]
    page, field = colours["backgroundColor"], colours["secondaryBackgroundColor"]
    primary = colours["primaryColor"]
    pressed = over("#000000", 0.15, primary)  # Streamlit darkens a button under the pointer
    quiet = over(colours["textColor"], style.QUIET / 100, field)
    for ink in (colours["textColor"], quiet, palette.QUIET[theme], colours["linkColor"]):
        assert min(contrast(ink, page), contrast(ink, field)) >= TEXT, ink
    assert min(contrast(style.ON_PRIMARY[at], on) for on in (primary, pressed)) >= TEXT
    for tint in (0.1, 0.2):  # of what is chosen, and of that under the pointer
        assert contrast(primary, over(primary, tint, page)) >= TEXT
    names = ("red", "orange", "yellow", "blue", "green", "violet", "gray")
    for name in names:  # badges, warnings
        ink, on = colours[f"{name}TextColor"], colours[f"{name}BackgroundColor"]
        assert min(contrast(ink, on), contrast(ink, page)) >= TEXT, name
    for kind, name in (("better", "green"), ("level", "orange"), ("worse", "red")):
        assert palette.VERDICT[kind][theme] == colours[f"{name}TextColor"]
    for ink in (palette.INK[theme], palette.ACCENT[theme], palette.SYNTHETIC[theme]):
        assert contrast(ink, palette.PAPER[theme]) >= TEXT, ink
    assert all(contrast(each, page) >= SHAPE for each in palette.CATEGORICAL)


def test_contrast_is_that_of_the_specification() -> None:
    assert contrast("#2dd4bf", "#ffffff") == pytest.approx(1.86, abs=0.01)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
