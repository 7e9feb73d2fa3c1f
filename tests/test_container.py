"""The container, without an engine: its steps, its lock, and its entry run as the image would.

Each RUN is executed with stand-ins for what would install or add a user; the files are those that
COPY takes; the entry is the Dockerfile's own CMD, without rights and, where the system lets a test
do so, with a read-only root. MORPH_TEST_LOCK=1 also asks the package index whether it has
every file of the lock (needs uv; nothing is downloaded).
"""

import functools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement

from tests import intruders
from tests.intruders import KINDS, ROOT, Served, turned_away
from tests.waiting import until

LOCK = (ROOT / "requirements.lock").read_text()
NOBODY = 65534


class Step(NamedTuple):
    name: str
    rest: str


def steps() -> list[Step]:
    """The instructions of the Dockerfile, with their continued lines joined."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [Step(*line.split(" ", 1)) for line in joined if line.strip()]


def rest(name: str) -> list[str]:
    return [step.rest for step in steps() if step.name == name]


def locked() -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9.-]+)==([^ ]+) \\$", LOCK, re.MULTILINE))


def ignored() -> list[str]:
    return (ROOT / ".dockerignore").read_text().split()


@pytest.fixture(scope="module")
def image() -> Iterator[Path]:
    """The folder /app of the image: what `COPY . .` takes, which nobody may write."""

    def left_out(folder: str, names: list[str]) -> list[str]:
        inside = Path(folder).relative_to(ROOT)
        paths = {name: (inside / name).as_posix() for name in names}
        return [
            name
            for name, path in paths.items()
            if any(fnmatch(path, each) or fnmatch(f"./{path}", each) for each in ignored())
        ]

    # Not in pytest's folders, which are its user's alone.
    with tempfile.TemporaryDirectory(prefix="morph-") as folder:
        Path(folder).chmod(0o755)
        app = Path(folder) / "app"
        shutil.copytree(ROOT, app, ignore=left_out)
        for path in [app, *app.rglob("*")]:
            path.chmod(path.stat().st_mode & ~0o222)
        yield app
        for path in app.rglob("*/"):  # deleting wants to write again
            path.chmod(0o755)
        app.chmod(0o755)


class TestSteps:
    def test_the_base_image_has_an_exact_tag_and_a_digest_on_request(self) -> None:
        (base,) = rest("FROM")
        assert re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+\$\{PYTHON_DIGEST\}", base)
        assert steps()[0] == Step("ARG", 'PYTHON_DIGEST=""')

    def test_everything_that_is_copied_is_there(self) -> None:
        sources = [source for each in rest("COPY") for source in each.split()[:-1]]
        assert sources
        assert [source for source in sources if not (ROOT / source).exists()] == []

    def test_what_is_secret_or_no_part_of_the_app_is_left_out(self, image: Path) -> None:
        here = {path.name for path in image.iterdir()}
        assert {"app.py", "jobs", "pages", "requirements.lock", ".streamlit"} <= here
        assert not here & {".git", ".venv", "data", "tests", "benchmarks"}
        assert any(fnmatch(".streamlit/secrets.toml", each) for each in ignored())

    def test_after_the_installation_nothing_runs_as_root(self) -> None:
        names = [step.name for step in steps()]
        (user,) = rest("USER")
        assert user not in ("root", "0")
        assert "RUN" not in names[names.index("USER") :]
        assert names.index("USER") < names.index("CMD")

    @pytest.mark.parametrize("index", ["", "some-index"])
    def test_every_run_runs_and_installs_by_hash(self, index: str, tmp_path: Path) -> None:
        stand_ins = tmp_path / "bin"
        stand_ins.mkdir()
        log = tmp_path / "ran.log"
        kept = tmp_path / "kept.lock"
        for name in ("pip", "useradd", "mkdir", "chown", "python"):
            script = f'#!/bin/sh\necho "{name} $*" >> {log}\n'
            # What is installed is looked at below, after the step has deleted it.
            script += (
                f'for each; do case "$each" in */install.lock) cp "$each" {kept};; esac; done\n'
            )
            (stand_ins / name).write_text(script)
            (stand_ins / name).chmod(0o755)
        work = tmp_path / "app"
        work.mkdir()
        shutil.copy(ROOT / "requirements.lock", work)
        for each in rest("RUN"):
            subprocess.run(
                ["sh", "-c", each],
                cwd=work,
                env={"PATH": f"{stand_ins}:/usr/bin:/bin", "TORCH_INDEX": index},
                check=True,
            )
        ran = log.read_text().splitlines()
        (whole,) = [line for line in ran if "--require-hashes" in line]
        assert "--no-deps" in whole
        assert [line for line in ran if line.startswith("pip")][-1] == whole
        names = set(re.findall(r"^([a-z0-9.-]+)==", kept.read_text(), re.MULTILINE))
        if index:
            assert ran[0].endswith(f"--index-url {index} torch=={locked()['torch']}")
            gone = set(locked()) - names
            assert {"torch", "triton"} < gone
            assert all(re.match("torch|triton|cuda-|nvidia-", name) for name in gone)
            assert not [name for name in names if name.startswith("nvidia")]
        else:
            assert names == set(locked())
        assert "useradd --create-home --uid 1000 morph" in ran


class TestLock:
    def test_every_package_has_a_version_and_hashes_and_no_address(self) -> None:
        blocks = re.split(r"\n(?=[a-z])", LOCK.split("\n", 2)[2])
        assert len(blocks) == len(locked()) > 50
        for block in blocks:
            head, *hashes = block.rstrip().split(" \\\n")
            assert re.fullmatch(r"[a-z0-9.-]+==[^ ;]+", head)
            assert hashes
            assert all(re.fullmatch(r" {4}--hash=sha256:[0-9a-f]{64}", each) for each in hashes)
        assert "://" not in LOCK
        assert "index" not in LOCK.replace("jsonschema", "")

    def test_it_holds_what_is_required(self) -> None:
        required = [
            Requirement(line)
            for line in (ROOT / "requirements.txt").read_text().splitlines()
            if line and not line.startswith("#")
        ]
        assert required
        for each in required:
            assert each.specifier.contains(locked()[each.name.lower()]), each

    @pytest.mark.skipif(not os.environ.get("MORPH_TEST_LOCK"), reason="MORPH_TEST_LOCK asks for it")
    def test_the_index_has_all_of_it(self, tmp_path: Path) -> None:
        version = re.search(r"python:(3\.\d+)", rest("FROM")[0])
        assert version is not None
        subprocess.run(
            [
                *(shutil.which("uv") or "uv", "pip", "install", "--dry-run", "--no-deps"),
                *("--require-hashes", "--only-binary", ":all:", "--python-version", version[1]),
                *("--python-platform", "x86_64-manylinux_2_28", "--target", str(tmp_path)),
                *("-r", str(ROOT / "requirements.lock")),
            ],
            check=True,
        )


@functools.cache
def dropped() -> list[str]:
    """A command's beginning that gives up what `docker run --cap-drop ALL` and USER take away.

    Empty where a test has no such rights itself. The user is another one where that one may
    run this interpreter.
    """
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        return []
    none = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
    another = [*none, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    starts = "import subprocess, sys; subprocess.run([sys.executable, '-c', ''], check=True)"
    for each in (another, none):
        trial = [*each, sys.executable, "-c", starts]
        if subprocess.run(trial, capture_output=True).returncode == 0:
            return each
    return []


@functools.cache
def may_mount() -> bool:
    """Whether a test may make a read-only root of its own."""
    if not dropped() or not shutil.which("unshare"):
        return False
    trial = "mount --bind / / && mount -o remount,ro,bind / && ! touch /morph-trial"
    done = subprocess.run(["unshare", "-m", "sh", "-c", trial], capture_output=True)
    return done.returncode == 0


def inner(image: Path) -> dict[str, str]:
    """The environment of a process in the container."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MORPH_")}
    return {
        **ours,
        "HOME": "/nonexistent",
        "TMPDIR": str(image.parent / "scratch"),
        "MORPH_STORE": str(image.parent / "data" / "morph.sqlite"),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@pytest.fixture(scope="module")
def container(image: Path) -> Iterator[Served]:
    """The CMD of the Dockerfile in the image's files; only its store and /tmp can be written."""
    (command,) = rest("CMD")
    port = intruders.free_port()
    arguments = [sys.executable, *json.loads(command)[1:], f"--server.port={port}"]
    data = image.parent / "data"
    scratch = image.parent / "scratch"
    for folder in (data, scratch):
        folder.mkdir()
        folder.chmod(0o777)
    arguments = [*dropped(), *arguments]
    if may_mount():  # as `docker run --read-only` with a volume
        inside = "mount --bind / / && " + "".join(
            f"mount --bind {folder} {folder} && " for folder in (data, scratch)
        )
        inside += 'mount -o remount,ro,bind / && exec "$@"'
        arguments = ["unshare", "-m", "sh", "-c", inside, "sh", *arguments]
    said = data / "said.log"
    with said.open("wb") as out:
        process = subprocess.Popen(
            arguments, cwd=image, env=inner(image), stdout=out, stderr=subprocess.STDOUT
        )
    served = Served(process, port, said)
    try:
        intruders.wait(served)
        yield served
    finally:
        process.kill()
        process.wait()


class TestEntry:
    def test_it_asks_for_the_token_that_its_log_has(self, container: Served) -> None:
        assert turned_away(container.ask(KINDS["health"]))
        right = {"Cookie": container.cookie()}
        assert container.ask(KINDS["page"], right).status == 200
        assert container.handshake(right)

    def test_the_health_check_tells_a_server_from_none(self, container: Served) -> None:
        (check,) = rest("HEALTHCHECK")
        command = json.loads(check.partition("CMD ")[2])
        for port, healthy in ((container.port, True), (intruders.free_port(), False)):
            script = command[2].replace("8501", str(port))
            done = subprocess.run([sys.executable, "-c", script], capture_output=True)
            assert (done.returncode == 0) is healthy

    def test_its_end_ends_a_job_with_what_it_has(self, container: Served, image: Path) -> None:
        store = image.parent / "data" / "morph.sqlite"
        start = (
            "from jobs import queue; from jobs.specs import SimulateJob;"
            "from store.db import default_path;"
            "print(queue.start(default_path(), SimulateJob(name='long', trajectories=57)).id)"
        )
        done = subprocess.run(
            [*dropped(), sys.executable, "-c", start],
            cwd=image,
            env=inner(image),
            capture_output=True,
            text=True,
            check=True,
        )
        number = int(done.stdout)
        until(store, number, lambda job: job.progress > 0)  # it hears signals by then
        container.process.send_signal(signal.SIGTERM)
        assert container.process.wait(60) == 0
        assert until(store, number, lambda _: True).state == "stopped"
