"""The pictures of a sample in the address: trajectories and frames, or the keys of uploads.

?sample_a=4,7&sample_a_frames=255      the frames of that number, from 1 on, of trajectories
?sample_a_files=KEY,KEY                uploads that are kept in the store
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st
from sqlite_utils import Database

from store import asked_frames
from store.asked_frames import Upload
from store.db import open_store
from ui import links
from ui.frame import keeping

SAMPLES = ("sample_a", "sample_b")


def params(key: str) -> tuple[str, ...]:
    """All that the address may say of a sample."""
    return (key, *(f"{key}_{name}" for name in ("frames", "files", "threshold", "inverted")))


def new_text(key: str) -> str:
    """What the address has of a sample, where this session has not followed it yet; else empty."""
    text = _text(key)
    return "" if text == st.session_state.get(f"{key}_linked", "") else text


def has_files(key: str) -> bool:
    """Whether the address names uploads."""
    return links.has_param(f"{key}_files")


def stored(key: str) -> tuple[list[int], list[int]]:
    """The ids of trajectories, and the indices of frames, from 0 on, that the address names."""
    numbers = links.ids_param(f"{key}_frames")
    return links.ids_param(key), [number - 1 for number in numbers if number]


def uploads(store: Path, key: str) -> list[Upload] | None:
    """The uploads that the address names; None where one is no longer kept."""
    keys = (links.text_param(f"{key}_files") or "").split(",")
    with open_store(store) as db:
        found = [asked_frames.upload(db, each) for each in keys]
    kept = [each for each in found if each is not None]
    return kept if len(kept) == len(found) else None


def write_stored(key: str, trajectory_ids: Sequence[int], indices: Sequence[int]) -> None:
    """Have the address name frames of trajectories."""
    links.drop_params(f"{key}_files", f"{key}_threshold", f"{key}_inverted")
    links.set_params({key: trajectory_ids, f"{key}_frames": [index + 1 for index in indices]})
    _followed(key)


def write_uploads(store: Path, key: str, files: Sequence[Upload]) -> None:
    """Keep uploads and have the address name them: all, or none where one is too large."""
    wanted = ",".join(map(asked_frames.upload_key, files))
    if st.session_state.get(f"{key}_kept") != wanted:
        kept = [keeping.keep(store, partial(_add, upload=each)) for each in files]
        st.session_state[f"{key}_kept"] = wanted if all(kept) else None
    links.drop_params(key, f"{key}_frames")
    if st.session_state[f"{key}_kept"] == wanted:
        links.set_params({f"{key}_files": wanted})
    else:
        links.drop_params(f"{key}_files")
    _followed(key)


def leave() -> None:
    """Take both samples out of the address; what is chosen is written to it when it is shown."""
    for key in SAMPLES:
        links.drop_params(*params(key))
        st.session_state.pop(f"{key}_linked", None)


def _add(db: Database, *, upload: Upload) -> str | None:
    return asked_frames.add_upload(db, upload)


def _followed(key: str) -> None:
    st.session_state[f"{key}_linked"] = _text(key)


def _text(key: str) -> str:
    names = (key, f"{key}_frames", f"{key}_files")
    return "&".join(f"{name}={links.text_param(name)}" for name in names if links.has_param(name))
