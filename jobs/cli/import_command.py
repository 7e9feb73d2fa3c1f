"""The command `import`: look at files before they are stored, and store them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import click

from jobs.cli.command import absolute, cluster, command, run_job
from jobs.cli.output import Answer, ProgressBar
from jobs.context import JobProgress
from jobs.import_ import dataset_name, flag
from jobs.lanes import QUICK_FRAMES
from jobs.specs import ImportJob
from morphcore.errors import MorphError
from morphcore.readers.look import ImportLook, TrajectoryLook
from morphcore.readers.options import AXES, ImportOptions
from morphcore.readers.results import ACCEPTED
from store import datasets
from store.datasets import UnknownDataset
from store.db import open_store
from wording import imports as words

COUNTED_BYTES = 50_000_000  # of files that are looked at before their import is queued


class NothingToImport(MorphError):
    """A look found nothing that can be read."""


class _Numbers(click.ParamType):
    """Numbers separated by commas or an x, or one of some words; a list or the word."""

    def __init__(self, name: str, counts: Sequence[int], words: Sequence[str] = (), *, whole: bool):
        self.name, self.counts, self.words, self.whole = name, counts, words, whole

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | str | list[float]:
        if value in self.words:
            return str(value)
        try:
            parts = str(value).lower().replace("x", ",").split(",")
            numbers = [int(each) if self.whole else float(each) for each in parts]
        except ValueError:
            numbers = []
        if len(numbers) not in self.counts:
            accepted = ", ".join([self.name, *self.words])
            self.fail(f"{value!r} is not accepted; accepted are {accepted}.", param, ctx)
        return list(numbers)


@command(
    "import",
    "import trajectories from files, or look at what would be stored",
    "PATH is a folder, archive, npy, npz, h5, txt, tiff, ...",
)
@click.argument("path", type=absolute, metavar="PATH")
@click.option("--name", help="of the data set (default: the file's or folder's)")
@click.option("--check", is_flag=True, help="show what would be stored, and store nothing")
@click.option(
    "--threshold",
    type=_Numbers("NUMBER", (1,), ("half", "otsu"), whole=False),
    help="white from here on: half of the range, Otsu's, or a number in the files' own values",
)
@click.option("--swap/--no-swap", default=None, help="turn white into black")
@click.option(
    "--range", "value_range", type=float, nargs=2, metavar="LOW HIGH", help="become black and white"
)
@click.option(
    "--crop",
    type=_Numbers("L,T,R,B", (4,), ("auto", "none"), whole=True),
    help="pixels cut off at left, top, right, bottom; auto: what is the same in all frames",
)
@click.option(
    "--window",
    type=_Numbers("HEIGHTxWIDTH", (2,), whole=True),
    help="cut large pictures into windows of this size",
)
@click.option("--axes", type=click.Choice(AXES), help="of an array or stack; txy turns a picture")
@click.option("--flip", type=click.Choice(("none", "x", "y", "xy")), help="mirror along these axes")
@click.option("--channel", type=int, help="of pictures with several, from 0 on")
@click.option("--colours", type=click.Choice(("lightness", "map", "red", "green", "blue")))
@click.option(
    "--pixel-size",
    type=_Numbers("X[,Y]", (1, 2), whole=False),
    help="sides of a pixel along x and y; unequal ones are made square",
)
@click.option("--length-unit", help="of the pixel size")
@click.option("--time-unit")
@click.option("--time-step", type=float, help="between frames whose times are not known")
@click.option("--periodic", type=click.Choice(("none", "x", "y", "xy")), help="axes that go around")
@click.option("--names", help="regular expression for names, with groups `trajectory` and `time`")
@cluster
def import_(
    store: Path, path: str, name: str | None, check: bool, cluster: str | None, **options: Any
) -> Mapping[str, Any]:
    chosen = _chosen(options)
    ImportOptions.from_json(chosen)  # fails before the job begins
    if check:
        return _check(store, Path(path), name, chosen)
    # By name, so that what else uses the data set waits.
    arguments: dict[str, Any] = {"path": path, "name": dataset_name(Path(path), name)}
    if chosen:
        arguments["options"] = chosen
    if cluster is not None:
        arguments["cluster"] = cluster
    frames = _counted(Path(path), {**_stored(store, name, Path(path)), **chosen})
    if frames is not None and frames < QUICK_FRAMES:  # so that it need not wait for a training
        arguments["frames"] = frames
    return run_job(store, ImportJob(**arguments))


def _counted(path: Path, options: dict[str, Any]) -> int | None:
    """The number of frames in a path, where it is so small that a look takes a moment."""
    from morphcore.readers.read import look

    try:
        files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
        if len(files) > QUICK_FRAMES or sum(each.stat().st_size for each in files) > COUNTED_BYTES:
            return None
        found = look(path, ImportOptions.from_json(options))
    except (MorphError, OSError):  # the job says what it is
        return None
    return sum(each.frames for each in found.trajectories)


def _chosen(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that are given, as `ImportOptions` has them in JSON."""
    chosen = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in options.items()
        if value is not None and value != ()
    }
    if isinstance(chosen.get("threshold"), list):
        chosen["threshold"] = chosen["threshold"][0]
    if "pixel_size" in chosen and len(chosen["pixel_size"]) == 1:
        chosen["pixel_size"] = chosen["pixel_size"] * 2
    return chosen


def _check(store: Path, path: Path, name: str | None, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Look at an import.

    Raises:
        NothingToImport: if nothing of it can be read.
    """
    from morphcore.readers.read import look

    bar = ProgressBar()
    options = ImportOptions.from_json({**_stored(store, name, path), **chosen})
    found = look(
        path, options, progress=lambda share: bar.show(JobProgress("looking", share, None))
    )
    bar.close()
    if not found.trajectories:
        reasons = " ".join(f"{each.file}: {each.reason}" for each in found.rejections[:3])
        if not reasons:
            raise NothingToImport(f"{path.name} holds no frames. Accepted are {ACCEPTED}.")
        raise NothingToImport(f"Nothing in {path.name} could be read. {reasons}".rstrip())
    return Answer(_plain(found), "\n".join(_lines(found)))


def _lines(found: ImportLook) -> list[str]:
    """A look as text: what would be stored, what has to be decided, and what is left out."""
    lines = [words.summary(found)]
    for each in found.trajectories:
        lines += ["", each.name]
        lines += [f"  {name + ':':<15}{value}" for name, value in words.facts(each)]
    said: tuple[tuple[str, Literal["done", "warnings"]], ...] = (
        ("Done", "done"),
        ("Warnings", "warnings"),
    )
    sections = [
        (title, [f"{names}{sentence}" for sentence, names in words.once(found.trajectories, what)])
        for title, what in said
    ]
    sections += [
        ("Rejected", [f"{each.file}: {each.reason}" for each in found.rejections]),
        ("Skipped, as no frames", list(found.skipped)),
        (
            "To be decided before the import",
            [f"{flag(each.option)}: {each.message}" for each in found.questions],
        ),
    ]
    for title, sentences in sections:
        if sentences:
            lines += ["", f"{title}:", *(f"  {sentence}" for sentence in sentences)]
    ready = "Nothing is stored yet; without --check this is imported."
    return [*lines, "", ready if found.ready else "It is not imported before that is decided."]


def _stored(store: Path, name: str | None, path: Path) -> Mapping[str, Any]:
    """The options that a data set of this name was imported with."""
    if not store.exists():
        return {}
    with open_store(store) as db:
        try:
            config = datasets.dataset(
                db, name or (path.name if path.is_dir() else path.stem)
            ).config
        except UnknownDataset:
            return {}
    options: Mapping[str, Any] = config.get("options", {})
    return options


def _plain(found: ImportLook) -> dict[str, Any]:
    """A look as values of JSON, without its pictures."""
    return {
        "ready": found.ready,
        "options": found.options.as_json(),
        "trajectories": [_trajectory(each) for each in found.trajectories],
        "questions": [
            {"option": flag(each.option), "message": each.message} for each in found.questions
        ],
        "warnings": [
            f"{each.name}: {warning}" for each in found.trajectories for warning in each.warnings
        ],
        "rejected": [{"file": each.file, "reason": each.reason} for each in found.rejections],
        "skipped": list(found.skipped),
    }


def _trajectory(look: TrajectoryLook) -> dict[str, Any]:
    fields = {name: value for name, value in vars(look).items() if name != "strip"}
    return {
        **fields,
        "params": dict(look.params),
        "labels": dict(look.labels),
        "questions": [flag(question.option) for question in look.questions],
    }
