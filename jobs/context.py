"""The context of a job: its store, its progress, and requests to stop or pause."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from jobs import specs
from jobs.stages import Stage, Timeline
from store import jobs
from store.db import open_store
from store.jobs import JobStage

WRITE_SECONDS = 0.3  # progress is written, and a request read, at most this often


class Stopped(Exception):
    """The user asked the job to stop; it keeps what it has and ends."""


class Paused(Exception):
    """The user asked the job to pause; it saves its state and ends, to be resumed."""


@dataclass(frozen=True)
class JobProgress:
    """The progress of a job: `share` of the whole from 0 to 1, `seconds_left` where known."""

    stage: str
    share: float
    seconds_left: float | None
    note: str | None = None  # something said once, that a log keeps
    stages: tuple[JobStage, ...] = ()


@dataclass
class _Written:
    """What a job's parts share: when progress was last written, and of what."""

    at: float = 0.0
    topic: str = ""


@dataclass(frozen=True)
class Context:
    """A running job's link to its row.

    `timeline` has the stages of the whole job; what is reported is of the one that was begun last.
    `start` and `end` are the share of that stage that this part stands for. Of a part that is
    `alone`, stages are not said, and are that part. `resumed`: a process worked on it before.
    `owner` is the token of this process's claim, new at each. `asked` is set
    when the process is asked to end.
    """

    store: Path
    job_id: int
    listener: Callable[[JobProgress], None] | None = None
    start: float = 0.0
    end: float = 1.0
    prefix: str = ""
    timeline: Timeline = field(default_factory=Timeline)
    written: _Written = field(default_factory=_Written)
    owner: str = ""
    resumed: bool = False
    alone: bool = False
    asked: threading.Event = field(default_factory=threading.Event)

    def plan(self, stages: Sequence[Stage]) -> None:
        """Say the stages that come next; a job made of others may have said them before."""
        if not self.alone:
            self.timeline.plan(stages)

    def stage(self, key: str) -> "Context":
        """Begin a stage; the context whose 0 to 1 are its own."""
        if self.alone:
            return self
        self.timeline.begin(key)
        prefix = key if len(self.timeline) > 1 else self.prefix
        return replace(self, start=0.0, end=1.0, prefix=prefix)

    def part(self, start: float, end: float) -> "Context":
        """A context whose 0 to 1 are `start` to `end` of this one's."""
        span = self.end - self.start
        return replace(self, start=self.start + span * start, end=self.start + span * end)

    def whole(self, prefix: str) -> "Context":
        """This part for work that has stages of its own, none of them this job's."""
        return replace(self, prefix=prefix, alone=True)

    def progress(
        self,
        share: float,
        stage: str,
        seconds_left: float | None = None,
        *,
        topic: str | None = None,
        note: str | None = None,
    ) -> None:
        """Report the share done of this part (0 to 1) and its stage; call it as often as you like.

        `seconds_left` are those of the job's stage where the work itself knows them. A report is
        written at once where its `topic` (by default, its stage) is a new one, or it has a `note`.

        Raises:
            Stopped, Paused: if the user asked for it since the last call.
            NotOwner: if the job is no longer this process's own.
        """
        if self.asked.is_set():
            raise Stopped
        stage = f"{self.prefix}: {stage}" if self.prefix else stage
        topic = stage if topic is None else topic
        now = time.monotonic()
        whole = self.start + (self.end - self.start) * min(1.0, max(0.0, share))
        self.timeline.report(whole, None if self.alone else seconds_left)
        recent = now - self.written.at < WRITE_SECONDS
        if recent and topic == self.written.topic and note is None:
            return
        self.written.at, self.written.topic = now, topic
        done, left, stages = (
            self.timeline.share(),
            self.timeline.seconds_left(),
            self.timeline.rows(),
        )
        with open_store(self.store) as db:
            jobs.set_progress(
                db,
                self.job_id,
                stage=stage,
                progress=done,
                seconds_left=left,
                stages=stages,
            )
            job = jobs.job(db, self.job_id)
        if self.listener:
            self.listener(JobProgress(stage, done, left, note, stages))
        if job.request == "pause":
            raise Paused
        if job.request == "stop" or job.state != "running":
            raise Stopped

    def say(self, note: str) -> None:
        """Say something once, in the middle of the work; a log keeps it."""
        if self.listener:
            share, left = self.timeline.share(), self.timeline.seconds_left()
            self.listener(JobProgress(self.written.topic, share, left, note, self.timeline.rows()))

    def remember(self, **facts: Any) -> None:
        """Add to the job's arguments what a resume will need, such as the name that it chose."""
        with open_store(self.store) as db:
            self.remember_in(db, **facts)

    def remember_in(self, db: Database, **facts: Any) -> None:
        """`remember` as a part of the transaction that makes what is to be remembered."""
        spec = specs.of(jobs.job(db, self.job_id)).changed(**facts)
        jobs.set_args(db, self.job_id, specs.to_json(spec))

    def file_suffix(self) -> str:
        """What ends the names of files that this claim writes, so that no other writes them."""
        return f"-{self.owner[:8]}" if self.owner else ""
