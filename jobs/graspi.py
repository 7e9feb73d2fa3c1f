"""GraSPI's full report of stored frames, by the package py-graspi, where it is installed.

Morph does not require it. It measures a frame in some 20 s, writes files into the folder in which
it runs, and cannot be asked to stop; so each frame has a process and a folder of its own.
"""

import importlib.metadata
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from jobs.context import Context
from jobs.specs import GraspiJob
from morphcore.errors import MorphError
from morphcore.temporary import temporary_folder
from morphcore.types import BinaryFrame
from store import jobs, trajectories
from store.db import open_store

PACKAGE, MODULE = "py-graspi", "py_graspi"
SECONDS_A_FRAME = 20.0  # on one core of 2026
_POLL_SECONDS = 0.3
_NO_DESCRIPTORS = ("time_in_seconds", "mem_in_mb")
_PROGRAM = f"""
import json, sys
import {MODULE}
graph = {MODULE}.generateGraph("frame.txt", sys.argv[1] == "periodic")
descriptors = {MODULE}.compute_descriptors(graph, "frame.txt")
with open("report.json", "w") as out:
    json.dump({{name: float(value) for name, value in descriptors.items()}}, out)
"""


def installed() -> bool:
    """Whether py-graspi can be used from here."""
    return importlib.util.find_spec(MODULE) is not None


def reports(store: Path, frame_ids: Collection[int]) -> dict[int, dict[str, float]]:
    """GraSPI's reports of these frames from jobs that are done, by frame id."""
    with open_store(store) as db:
        done = [job for job in jobs.all_jobs(db) if job.kind == "graspi" and job.state == "done"]
    by_frame: dict[int, dict[str, float]] = {}
    for job in done:
        for frame_id, report in (job.result or {}).get("reports", {}).items():
            if int(frame_id) in frame_ids:
                by_frame.setdefault(int(frame_id), report)
    return by_frame


def run(context: Context, spec: GraspiJob) -> dict[str, Any]:
    """Measure GraSPI's full report of each frame; one with a report is not measured again.

    Raises:
        MorphError: if py-graspi is not installed, or a frame has not separated yet.
        UnknownFrame: if there is no such frame.
        Stopped: if asked for; nothing is kept.
    """
    if not installed():
        raise MorphError(f"GraSPI is not installed: pip install {PACKAGE}")
    by_frame: dict[int, Mapping[str, float]] = {**reports(context.store, spec.frames)}
    todo = [frame_id for frame_id in dict.fromkeys(spec.frames) if frame_id not in by_frame]
    for index, frame_id in enumerate(todo):
        with open_store(context.store) as db:
            info = trajectories.frame_info(db, frame_id)
            packed = trajectories.packed(db, np.array([frame_id], dtype=np.int64))
        if info.unseparated:
            raise MorphError(f"Frame {frame_id} has not separated yet: GraSPI has nothing to say.")
        part = context.part(index / len(todo), (index + 1) / len(todo))
        stage = f"frame {index + 1} of {len(todo)}"
        bits = packed.one_size.bits()[0]
        by_frame[frame_id] = _measured(part, stage, bits, info.trajectory.periodic)
    return {
        "reports": {str(frame_id): by_frame[frame_id] for frame_id in spec.frames},
        "version": importlib.metadata.version(PACKAGE),
    }


def _measured(context: Context, stage: str, bits: BinaryFrame, periodic: bool) -> dict[str, float]:
    """Measure a frame's report; black is GraSPI's donor, whose electrode lies below."""
    with temporary_folder() as folder:
        text, errors = Path(folder, "frame.txt"), Path(folder, "errors.txt")
        rows = [" ".join(row) for row in bits.astype(np.int8).astype(str)]
        text.write_text("\n".join([f"{bits.shape[1]} {bits.shape[0]}", *rows]) + "\n")
        with errors.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, "periodic" if periodic else "walls"],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=out,
            )
        begun = time.monotonic()
        try:
            while process.poll() is None:
                context.progress(min(0.95, (time.monotonic() - begun) / SECONDS_A_FRAME), stage)
                time.sleep(_POLL_SECONDS)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode:
            lines = errors.read_text(errors="replace").strip().splitlines() or ["nothing"]
            raise MorphError(f"GraSPI ended with an error: {lines[-1]}")
        descriptors = json.loads(Path(folder, "report.json").read_text())
    return {name: value for name, value in descriptors.items() if name not in _NO_DESCRIPTORS}
