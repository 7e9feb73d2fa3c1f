"""Fits of embeddings in a part of their time: how they choose is proved in tests/morphcore."""

import pytest

from jobs.index import split_half
from morphcore.statistics import axes_choice


@pytest.fixture(autouse=True)
def _quick_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Roll and flip few halves, and try classes of one width."""
    monkeypatch.setattr(split_half, "CHANGED", 20)
    monkeypatch.setattr(axes_choice, "WIDTHS", axes_choice.WIDTHS[:1])
