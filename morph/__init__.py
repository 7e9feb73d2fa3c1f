"""Morph from other programs: stores, models, comparisons and searches as plain Python.

>>> import morph
>>> store = morph.Store("data/morph.sqlite")
>>> model = store.model()
>>> film = morph.simulate(phi=0.5, chi=3.2, frames=4, last_step=40)
>>> model.embed(film).shape
(4, 4)

`docs/python.md` has the table of functions; `morph.transformer` is for scikit-learn.
"""

from morph.frames import frame_of
from morph.model import Model, load_model
from morph.simulation import simulate
from morph.store import Store
from morph.stored_model import StoredModel
from morphcore.errors import MorphError

__all__ = ["Model", "MorphError", "Store", "StoredModel", "frame_of", "load_model", "simulate"]
