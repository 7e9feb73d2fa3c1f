"""The result of the newest import, by file."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from store.jobs import Job
from wording.escapes import plain
from wording.numbers import amount


def summary(result: Mapping[str, Any]) -> str:
    """The result of an import, in a sentence."""
    frames, rejected = int(result["frames"]), len(result["rejected"])
    parts = [
        f"{amount(frames, 'frame')} in "
        f"{amount(int(result['trajectories']), 'trajectory', 'trajectories')} came in"
        if frames
        else "Nothing new came in"
    ]
    if result["already"]:
        parts.append(
            f"{amount(int(result['already']), 'trajectory', 'trajectories')} had been there already"
        )
    parts.append(f"{amount(rejected, 'file')} could not be read" if rejected else "none rejected")
    if result["skipped"]:
        parts.append(f"{amount(len(result['skipped']), 'file')} skipped as no frames")
    return "; ".join(parts) + "."


def last_result(jobs: Sequence[Job]) -> Job | None:
    """The newest import that came to its end."""
    return next((job for job in jobs if job.kind == "import" and job.state == "done"), None)


def show_result(job: Job) -> None:
    """Show the result of the newest import, with every file that it left out."""
    result = job.result or {}
    st.markdown(f"**Last import, into {plain(str(result['dataset']))}:** {summary(result)}")
    if result["rejected"]:
        st.dataframe(
            [{"File": row["file"], "Why": row["reason"]} for row in result["rejected"]],
            hide_index=True,
            placeholder="–",
            alt="Files that could not be read, with the reason",
        )
    if result.get("mended"):
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in result["mended"]))
    if result.get("warnings"):
        with st.expander(f"Warnings: {len(result['warnings'])}", icon=":material/warning:"):
            st.markdown("\n".join(f"- {plain(warning)}" for warning in result["warnings"]))
    if result["skipped"]:
        with st.expander(f"Skipped, because they are no frames: {len(result['skipped'])}"):
            st.text("\n".join(result["skipped"]))
