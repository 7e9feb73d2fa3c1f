"""Where a job's work is to be done: the choice on forms, where Ray is installed."""

import streamlit as st

from jobs.cluster import choice

HERE = "here"
MISSING = "Morph can share work out among several machines where Ray is installed: docs/cluster.md."
HELP = (
    "The results are the same, bit for bit. Ray on this machine ends with the job. A cluster of"
    f" several machines is offered where the server was started with its address in"
    f" `{choice.VARIABLE}`."
)


def choose(key: str) -> str | None:
    """Show the choice; the cluster that was chosen, None for this machine as always."""
    if not choice.is_installed():
        st.caption(MISSING)
        return None
    chosen = st.segmented_control(
        "Work is done",
        [HERE, *choice.offered()],
        default=HERE,
        required=True,
        format_func=_words,
        key=key,
        persist_state="session",
        help=HELP,
    )
    return None if chosen == HERE else chosen


def _words(cluster: str) -> str:
    if cluster == HERE:
        return "Here"
    return "On Ray, here" if cluster == choice.LOCAL else f"On {cluster}"
