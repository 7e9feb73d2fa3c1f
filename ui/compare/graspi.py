"""GraSPI's report of two frames side by side, where py-graspi is installed; else a hint."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from jobs import graspi
from jobs.specs import GraspiJob
from ui.jobs import panel
from wording.numbers import duration

# Black is GraSPI's donor (D), its electrode, the anode (An), lies below; white is the acceptor (A)
# under the cathode (Ca).
DESCRIPTORS: Mapping[str, str] = {
    "ABS_f_D": "Share of black",
    "ABS_wf_D": "The same, what is near the bottom counting more",
    "STAT_n": "Pixels",
    "STAT_n_D": "Black pixels",
    "STAT_n_A": "White pixels",
    "STAT_e": "Pixel edges between black and white",
    "STAT_CC_D": "Black domains",
    "STAT_CC_A": "White domains",
    "STAT_CC_D_An": "Black domains that reach the bottom",
    "STAT_CC_A_Ca": "White domains that reach the top",
    "DISS_f10_D": "Share of black within 10 px of white",
    "DISS_wf10_D": "The same, nearer pixels counting more",
    "CT_f_conn_D_An": "Share of black joined to the bottom",
    "CT_f_conn_A_Ca": "Share of white joined to the top",
    "CT_f_e_conn": "Share of edges whose black joins the bottom and whose white joins the top",
    "CT_e_conn": "Such edges",
    "CT_e_D_An": "Black pixels at an edge, joined to the bottom",
    "CT_e_A_Ca": "White pixels at an edge, joined to the top",
    "CT_n_D_adj_An": "Black pixels at the bottom",
    "CT_n_A_adj_Ca": "White pixels at the top",
    "CT_f_D_tort1": "Of black joined to the bottom: share with a straight way there",
    "CT_f_A_tort1": "Of white joined to the top: share with a straight way there",
}


def show(store: Path, a: int | None, b: int | None) -> None:
    """The report of two frames by their ids where it is known, else a button that has it made."""
    if not graspi.installed():
        st.caption(
            f"With `pip install {graspi.PACKAGE}` in Morph's environment, GraSPI's own report of"
            f" both frames, {len(DESCRIPTORS)} descriptors, can be asked for here."
        )
        return
    st.subheader("GraSPI's report", divider="gray")
    if a is None or b is None:
        st.caption("GraSPI is asked about stored frames only: pick both, or import them (Data).")
        return
    frames = (a, b)
    reports = graspi.reports(store, frames)
    missing = len({frame_id for frame_id in frames if frame_id not in reports})
    if not missing:
        _table(reports[a], reports[b])
        return
    spent = duration(missing * graspi.SECONDS_A_FRAME)
    st.caption(f"{len(DESCRIPTORS)} descriptors by {graspi.PACKAGE}, in the background: {spent}.")
    if panel.start_button(
        store, "Ask GraSPI", GraspiJob(frames=frames), key=f"graspi_{list(frames)}"
    ):
        st.rerun()
    panel.live(store, kinds=["graspi"])


def _table(a: Mapping[str, float], b: Mapping[str, float]) -> None:
    names = [*DESCRIPTORS, *(name for name in a if name not in DESCRIPTORS)]
    st.dataframe(
        [
            {
                "Descriptor": DESCRIPTORS.get(name, ""),
                "GraSPI's name": name,
                "A": _value(a.get(name)),
                "B": _value(b.get(name)),
            }
            for name in names
            if name in a or name in b
        ],
        hide_index=True,
        placeholder="–",
        height="content",
        column_config={frame: st.column_config.Column(alignment="right") for frame in ("A", "B")},
    )


def _value(number: float | None) -> str:
    if number is None:
        return "–"
    return f"{number:,.0f}" if number == int(number) and abs(number) > 1 else f"{number:.4g}"
