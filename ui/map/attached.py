"""Other data sets on a run's map: their choice, and the form by which a model looks at another."""

from pathlib import Path

import streamlit as st

from analysis import attached as scales
from analysis.attached import AttachedFrames
from analysis.map_points import MapPoints, join, with_attached
from jobs.specs import IndexJob
from morphcore.embedding.rescaling import ScaleChoice, ScaleUnknown
from morphcore.errors import MorphError
from morphcore.types import Descriptors, Projection
from store import attached, datasets, trajectories
from store.datasets import Dataset
from store.db import open_store
from store.projections import Map
from store.runs import IndexedRun
from ui import failures, links
from ui.cached import analysis as cached_analysis
from ui.cached import maps as cached_maps
from ui.cached import rows as cached_rows
from ui.frame import scale
from ui.jobs import panel
from ui.map import placement
from wording.escapes import plain
from wording.numbers import amount

_LINK = "also"


def choose(store: Path, run: IndexedRun) -> list[AttachedFrames]:
    """Choose which of the attached data sets the map shows, all at first: `?also=ID,ID`."""
    if not cached_analysis.attached_to(store, run):
        return []
    every = {
        each.attachment.dataset_id: each
        for each in cached_analysis.latent_space_of(store, run).attached
    }
    key = f"map_also_{run.id}_{'_'.join(map(str, every))}"
    if links.has_param(_LINK) and (key not in st.session_state or links.went_back()):
        st.session_state[key] = [row_id for row_id in links.ids_param(_LINK) if row_id in every]
    elif links.went_back():
        st.session_state[key] = list(every)
    chosen = st.multiselect(
        "Also show",
        list(every),
        default=None if key in st.session_state else list(every),
        format_func=lambda row_id: every[row_id].attachment.dataset,
        placeholder="no other data set",
        key=key,
        persist_state="session",
        help="Data sets that this model looks at beside its own. Each frame is placed where the"
        " frames nearest to it in latent space are; the map itself does not change.",
    )
    if set(chosen) == set(every):
        links.drop_params(_LINK)
    else:
        links.set_params({_LINK: chosen})
    return [every[row_id] for row_id in chosen]


def add(
    store: Path,
    run: IndexedRun,
    stored: Map,
    points: MapPoints,
    shown: list[AttachedFrames],
) -> MapPoints:
    """A map's points with the frames of other data sets placed among them."""
    if not shown:
        return points
    drawn = placement.with_latents(store, run, stored)
    for each in shown:
        coords = cached_maps.placed(
            stored.id, each.attachment, each.latents.mean, drawn.latents, drawn.projection
        )
        dataset_id, name = each.attachment.dataset_id, each.attachment.dataset
        frames = _frames(store, dataset_id)
        other = join(
            Projection(each.frames.frame_ids, coords),
            cached_rows.frame_table(store, dataset_id, frames),
            cached_rows.trajectory_list(store, dataset_id, frames),
            descriptors(store, each),
            each.frames.frame_ids[:0],
        )
        words = {owner: rescaling.words for owner, rescaling in each.rescalings.items()}
        points = with_attached(points, name, other, words)
    return points


def descriptors(store: Path, frames: AttachedFrames) -> Descriptors:
    """The descriptors of an attached data set's frames, lengths in the model's pixels."""
    dataset_id = frames.attachment.dataset_id
    measured = cached_rows.descriptors_of(store, dataset_id, _frames(store, dataset_id))
    return scales.in_model_pixels(measured, frames)


def captions(shown: list[AttachedFrames]) -> None:
    """Say how the frames of each data set on the map were scaled."""
    for each in shown:
        name = f"**{plain(each.attachment.dataset)}**, {amount(len(each.frames), 'frame')}"
        st.caption(f":material/straighten: {name}: {plain(scales.words(each.rescalings))}.")


def form(store: Path, run: IndexedRun) -> None:
    """Show the form by which the model looks at another data set, and those that it looks at."""
    with st.expander("Another data set", icon=":material/library_add:"):
        st.caption("Its frames appear on this map, and can be searched on Compare.")
        _choice(store, run)
        present = cached_analysis.attached_to(store, run)
        if present:
            st.divider()
        for attachment in present:
            with st.container(horizontal=True, vertical_alignment="center"):
                count = amount(attachment.frames, "frame")
                st.markdown(f"{plain(attachment.dataset)} · {count}", width="stretch")
                st.button(
                    "Detach",
                    icon=":material/link_off:",
                    type="tertiary",
                    key=f"map_detach_{run.id}_{attachment.dataset_id}",
                    help="Its latents are deleted; its frames, the model and the map stay.",
                    on_click=_detach,
                    args=(store, run.id, attachment.dataset_id),
                )


def _choice(store: Path, run: IndexedRun) -> None:
    with open_store(store) as db:
        others = {
            each.id: each
            for each in datasets.all_datasets(db)
            if each.frames and each.id != run.dataset_id
        }
    if not others:
        st.info("There is no other data set yet.", icon=":material/database:")
        st.page_link("pages/data.py", label="Simulate or import one", icon=":material/add:")
        return
    chosen = st.selectbox(
        "Data set",
        list(others),
        format_func=lambda row_id: others[row_id].name,
        key=f"map_look_{run.id}",
    )
    other = others[chosen]
    choice, words, trouble = _scaling(store, run, other)
    if words:
        st.caption(f":material/straighten: {scale.sentence(words)}")
    if trouble:
        st.error(plain(trouble), icon=":material/straighten:")
    job = IndexJob(run=run.id, dataset=other.name)
    if choice is not None:
        job = job.changed(scale=f"{choice:g}" if isinstance(choice, float) else choice)
    if panel.start_button(
        store,
        "Look at it",
        job,
        key=f"map_look_go_{run.id}",
        icon=":material/visibility:",
        disabled=not words,
        help="Each frame is encoded once, in the background.",
    ):
        st.rerun()


def _scaling(store: Path, run: IndexedRun, other: Dataset) -> tuple[ScaleChoice | None, str, str]:
    """The scale as chosen, what it does in words, and why it cannot be: the last or neither."""
    choice: ScaleChoice | None = None
    with open_store(store) as db:
        infos = [info for info in trajectories.trajectories(db, other.id) if info.frame_count]
        model = scales.model_scale(db, run)
        try:
            scales.decide(model, infos, None)
        except ScaleUnknown:
            choice = scale.ask(
                model, scales.joint_scale(infos), key=f"map_look_{run.id}_{other.id}", default=None
            )
            if choice is None:
                return None, "", ""
        except MorphError as err:
            return None, "", str(err)
        try:
            return choice, scales.words(scales.plan(db, run, other, choice)), ""
        except MorphError as err:
            return choice, "", str(err)


@failures.said()
def _detach(store: Path, run_id: int, dataset_id: int) -> None:
    with open_store(store) as db:
        attached.detach(db, run_id, dataset_id)


def _frames(store: Path, dataset_id: int) -> int:
    with open_store(store) as db:
        return datasets.by_id(db, dataset_id).frames
