"""Model: decoded latents from sliders, from interpolation of two frames, and samples from z."""

from pathlib import Path

import streamlit as st

from analysis.frame_query import seen_frame
from analysis.latent_space import LatentSpace, MissingZ
from jobs.specs import IndexJob
from ui import failures, links, schemes, shell
from ui import header as header_line
from ui.cached import analysis as cached_analysis
from ui.cached import rows as cached_rows
from ui.frame import card, picker, synthetic
from ui.jobs import panel
from ui.model import interpolation, samples, sliders
from ui.selection import choose_run
from wording.escapes import plain

SLIDERS, BETWEEN, SAMPLES = "sliders", "between", "samples"
WHAT = {
    SLIDERS: ":material/tune: Latent sliders",
    BETWEEN: ":material/linear_scale: Between two frames",
    SAMPLES: ":material/casino: Samples of one frame",
}
PARAMS = ("what", "frame", "with", "z", "draw")  # in the address


def _sliders(store: Path, space: LatentSpace) -> None:
    controls, pictures = st.columns([1, 1.35], gap="medium")
    with controls:
        z = sliders.show(store, space)
    with pictures:
        picture, landing = st.container(), st.container()  # filled last: the button stands below
        seed = synthetic.choose_draw(store, space, "Draw places again")
        made = synthetic.decode(store, space, z, seed)
        with picture:
            synthetic.show(store, space, made, "where the sliders stand", name="z")
        landed = synthetic.encode_again(store, space, made)
        with landing:
            synthetic.say_landing(store, space, synthetic.Asked("z", z, landed))
        st.markdown("**Nearest stored frame**")
        synthetic.nearest(store, space, landed)


def _between(store: Path, space: LatentSpace) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**From A**")
        a = picker.pick_linked(store, space.run.dataset_id, "between_a", "frame")
    with right:
        st.markdown("**To B**")
        b = picker.pick_linked(store, space.run.dataset_id, "between_b", "with", first=-1)
    if a is None or b is None:
        return
    schemes.of_frames(store, [a, b])
    queries = seen_frame(store, space.run, a), seen_frame(store, space.run, b)
    seed = synthetic.choose_draw(store, space, "Draw places again")
    interpolation.show(store, space, queries, seed)


def _samples(store: Path, space: LatentSpace) -> None:
    controls, original, again = st.columns([1, 1.3, 1.3], gap="medium")
    with controls:
        frame_id = picker.pick_linked(store, space.run.dataset_id, "sampled", "frame")
    if frame_id is None:
        return
    frame = seen_frame(store, space.run, frame_id)
    with original:
        st.markdown("**The frame**")
        card.show(store, frame_id, links=False)
    with again:
        samples.show_reconstruction(store, space, frame)
    st.subheader("From z alone", divider="gray")
    seed = synthetic.choose_draw(store, space, "Draw others")
    samples.show(store, space, frame, seed)
    samples.show_similarity(store, space)


def _offer_z(store: Path, missing: MissingZ) -> None:
    """Say that a run has no z, and offer the index that stores it."""
    panel.live(store, kinds=["index"])
    st.warning(plain(str(missing)), icon=":material/scatter_plot:")
    again = IndexJob(run=missing.run_id)
    if panel.start_button(store, "Index again", again, key="model_index"):
        st.rerun()


def _leave_links() -> None:
    """Take the frames and the latent of the former mode out of the address."""
    links.drop_params(*PARAMS)


shell.enter()
header = header_line.show(
    "Model", "Pictures decoded from latents, each beside the stored frame nearest to it."
)
store = cached_rows.store_path()
run = choose_run(store, header)
if run is not None:
    linked = links.text_param("what") or SLIDERS
    if linked in WHAT and (links.has_param(*PARAMS) or links.went_back()):
        st.session_state["model_what"] = linked
    st.session_state.setdefault("model_what", SLIDERS)
    what = st.segmented_control(
        "What to decode",
        list(WHAT),
        format_func=WHAT.__getitem__,
        required=True,
        key="model_what",
        persist_state="session",
        on_change=_leave_links,
        label_visibility="collapsed",
    )
    links.set_params({"what": str(what)})
    with failures.said():
        space = cached_analysis.latent_space_of(store, run)
        try:
            space.z_of(space.latents)  # before anything is decoded
        except MissingZ as err:
            _offer_z(store, err)
        else:
            {SLIDERS: _sliders, BETWEEN: _between, SAMPLES: _samples}[str(what)](store, space)
