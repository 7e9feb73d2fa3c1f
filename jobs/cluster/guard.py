"""Ends a local Ray with the process that started it, also where that one was killed outright.

A process of its own, which reads a pipe that its starter alone holds: at its end, whatever the
reason, it kills the processes that still belong to the folder of that Ray, and removes the folder.
Ray ends most of them by itself; without this, two agents and the folder stayed.

Started as a file, so that it imports nothing of Morph: python guard.py FOLDER.
"""

import os
import shutil
import sys
import time
from pathlib import Path

import psutil

VARIABLE = "MORPH_RAY_FOLDER"  # in the environment of every process of that Ray
SECONDS = 10.0  # that are waited for processes to be gone


def main(folder: Path) -> None:
    """Wait for the end of the standard input, and clear up."""
    while sys.stdin.buffer.read(4096):
        pass
    clear(folder)


def clear(folder: Path) -> None:
    """Kill what belongs to a folder's Ray, and remove the folder."""
    deadline = time.monotonic() + SECONDS
    while (left := belonging(folder)) and time.monotonic() < deadline:
        for process in left:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(left, timeout=0.5)
    shutil.rmtree(folder, ignore_errors=True)


def belonging(folder: Path) -> list[psutil.Process]:
    """The processes of this user that belong to a folder's Ray, but for this one."""
    return [
        process
        for process in psutil.process_iter()
        if process.pid not in (os.getpid(), os.getppid()) and _belongs(process, folder)
    ]


def _belongs(process: psutil.Process, folder: Path) -> bool:
    """Whether a process has the folder in its environment or command, or a file of it open.

    Each of them alone misses some: Ray's workers write their titles over the first two.
    """
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        inside = f"{folder}/"
        if process.environ().get(VARIABLE) == str(folder) or inside in " ".join(process.cmdline()):
            return True
        return any(file.path.startswith(inside) for file in process.open_files())
    except (psutil.Error, OSError):
        return False  # gone, or somebody else's


if __name__ == "__main__":
    main(Path(sys.argv[1]))
