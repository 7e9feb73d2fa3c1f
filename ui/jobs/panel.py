"""The panel of background work: progress, queue, and the end of the last job.

All of it is read from the store at each poll; nothing about a job is kept in the session but what
was only ever visual.
"""

import time
from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

import streamlit as st
from sqlite_utils import Database

from jobs import lanes, queue, resuming
from jobs.history import last_ended_early, run_of, same
from jobs.specs import JobSpec
from store import datasets, jobs, runs
from store.db import NotWritable, StoreError, open_store
from store.jobs import Job, JobStage
from ui import failures
from ui.jobs.titles import ending, title
from wording.escapes import plain
from wording.jobs import detail, now, stage_name, stage_time
from wording.numbers import left, sentence

FORCE_AFTER_SECONDS = 15  # a job that does not react to a stop for this long may be killed
CLICK_SECONDS = 5.0  # that a click waits for a busy store
_STYLE = """<style>
.st-key-jobs_panel { padding: .5rem .75rem; gap: .375rem }
.st-key-jobs_panel [data-testid="stProgress"] { padding: 0 }
</style>"""
_MARKS = {
    "done": ":green[:material/check_circle:]",
    "now": ":primary[:material/progress_activity:]",
    "to come": ":gray[:material/circle:]",
}


def live(
    store: Path,
    kinds: Sequence[str] | None = None,
    growing: bool = False,
    whole: bool = True,
) -> None:
    """The panel of background work; it polls while something runs or waits, else it stands still.

    What runs and waits is always shown, since jobs wait for each other; `kinds` limits whose early
    end is shown. The page is run again when a job changes its state or its stage, and,
    where it shows `growing` data sets, when a trajectory was added. Where the page has a picture
    that wants the room, the panel is one line and a bar, not `whole`.
    """
    with suppress(NotWritable):  # the panel says it
        queue.tend(store)
    with open_store(store) as db:
        pending = jobs.pending(db)
        seen = _pulse(db, pending, growing)
    failures.fragment(_panel, run_every=1.0 if pending else None)(
        store, kinds, growing, whole, seen
    )


def start_button(
    store: Path,
    label: str,
    spec: JobSpec,
    *,
    key: str,
    disabled: bool = False,
    help: str | None = None,
    icon: str = ":material/play_arrow:",
    pending_label: str = "Under way",
    width: Literal["content", "stretch"] = "content",
) -> Job | None:
    """A button that starts a job, once: it is disabled while the very same one waits or runs."""
    with open_store(store) as db:
        pending = same(jobs.pending(db), spec)
    pressed = st.button(
        pending_label if pending else label,
        key=key,
        type="primary",
        icon=":material/hourglass_top:" if pending else icon,
        help=help,
        disabled=disabled or pending is not None,
        width=width,
    )
    if not pressed or pending:
        return None
    try:
        return queue.start(store, spec)
    except StoreError as err:
        st.error(plain(str(err)))
        return None


def _tend(store: Path) -> None:
    """Tend the queue; where the store cannot be written, say so and show what there is."""
    try:
        queue.tend(store)
    except NotWritable as err:
        st.warning(plain(str(err)), icon=":material/lock:")


def _pulse(db: Database, pending: Sequence[Job], growing: bool) -> Hashable:
    """The state of pending jobs and, where a page shows them, of growing data sets."""
    growing_sets = datasets.all_datasets(db) if growing else []
    return (
        tuple((job.id, job.state, run_of(job), now(job.stages)) for job in pending),
        tuple((dataset.id, dataset.trajectories) for dataset in growing_sets),
    )


def _panel(
    store: Path,
    kinds: Sequence[str] | None,
    growing: bool,
    whole: bool,
    seen: Hashable,
) -> None:
    _tend(store)
    with open_store(store) as db:
        pending = jobs.pending(db)
        ended = last_ended_early(jobs.all_jobs(db), kinds)
        names = {run.id: run.name for run in runs.all_runs(db)} if pending or ended else {}
        obstacle = resuming.obstacle(db, ended) if ended else None
        waits = {job.id: lanes.waits_for(db, job, pending) for job in pending}
        pulse = _pulse(db, pending, growing)
    if pulse != seen:
        st.rerun()
    if pending:
        st.html(_STYLE)
        with st.container(border=True, key="jobs_panel"):
            for job in pending:
                if job.state == "running":
                    _running(store, job, names, whole)
                else:
                    _waiting(store, job, names, waits[job.id])
            if len(pending) > 1:
                st.caption(lanes.BESIDE)
    if ended and not any(job.state == "running" for job in pending):
        _ended(store, ended, names, obstacle)


def _running(store: Path, job: Job, names: Mapping[int, str], whole: bool) -> None:
    doing = sentence(detail(job.stage) if job.stages else job.stage) or "Starting"
    words = plain(" · ".join(filter(None, [doing, left(job.seconds_left)])))
    heading = f"**{plain(title(job, names))}**"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"{heading} · {words}", width="stretch")
        if not whole and len(job.stages) > 1:
            with st.popover("Stages", type="tertiary", width="content"):
                st.markdown("  \n".join(map(_listed, job.stages)))
        if job.request:
            st.markdown("Pausing…" if job.request == "pause" else "Stopping…", width="content")
            if _seconds_since_request(job) > FORCE_AFTER_SECONDS and st.button(
                "End by force",
                key=f"kill_{job.id}",
                help="Ends the process at once; what it has not saved is lost.",
            ):
                with failures.said():
                    queue.kill(store, job.id)
                    st.rerun()
        else:
            for what, icon in (("pause", ":material/pause:"), ("stop", ":material/stop:")):
                if what == "stop" or job.kind == "train":
                    st.button(
                        what.capitalize(),
                        icon=icon,
                        key=f"{what}_{job.id}",
                        on_click=_request,
                        args=(store, job.id, what),
                    )
    if whole and len(job.stages) > 1:
        st.markdown(_in_lines(job.stages))
    st.progress(min(1.0, max(0.0, job.progress)))


def _in_lines(stages: Sequence[JobStage]) -> str:
    """All stages in as few lines as they take, none of them broken between two."""
    return " &ensp; ".join(_listed(stage).replace(" ", "\u00a0") for stage in stages)


def _listed(stage: JobStage) -> str:
    """A stage in the list, with its tick and its time."""
    name = plain(stage_name(stage.key))
    words = f"**{name}**" if stage.state == "now" else name
    took = stage_time(stage)
    return f"{_MARKS[stage.state]} {words}" + (f" :small[:gray[{took}]]" if took else "")


def _waiting(store: Path, job: Job, names: Mapping[int, str], ahead: Job | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        end = f" :gray[for the end of: {plain(title(ahead, names))}]" if ahead else ""
        st.markdown(f":gray[Waiting:] {plain(title(job, names))}{end}", width="stretch")
        st.button(
            "Remove",
            icon=":material/close:",
            key=f"remove_{job.id}",
            on_click=_request,
            args=(store, job.id, "stop"),
        )


def _ended(store: Path, job: Job, names: Mapping[int, str], obstacle: str | None) -> None:
    show = st.error if job.state == "failed" else st.warning
    with st.container(horizontal=True, vertical_alignment="center"):
        words = " ".join(filter(None, [ending(job, names), plain(obstacle or "")]))
        show(words, icon=":material/info:", width="stretch")
        if obstacle is None:
            st.button(
                "Try again" if job.state == "failed" else "Resume",
                icon=":material/resume:",
                key=f"resume_{job.id}",
                on_click=_resume,
                args=(store, job.id),
            )
        st.button("Dismiss", key=f"dismiss_{job.id}", on_click=_dismiss, args=(store, job.id))


def _seconds_since_request(job: Job) -> float:
    """Seconds since this tab first saw the request; the table has no time of it."""
    first = st.session_state.setdefault(f"asked_{job.id}_{job.started}", time.time())
    return time.time() - float(first)


@failures.said()
def _request(store: Path, job_id: int, what: jobs.Request) -> None:
    with open_store(store, busy_seconds=CLICK_SECONDS) as db:
        jobs.request(db, job_id, what)


@failures.said()
def _resume(store: Path, job_id: int) -> None:
    queue.resume(store, job_id)


@failures.said()
def _dismiss(store: Path, job_id: int) -> None:
    with open_store(store, busy_seconds=CLICK_SECONDS) as db:
        jobs.dismiss(db, job_id)
