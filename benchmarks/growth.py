"""What one SQLite file carries: python -m benchmarks.growth --folder /tmp --out docs

Lets a store grow from 10,000 to 1,000,000 frames (`benchmarks.growth_store`: rows by the store's
own functions, with their checksums; pictures of some 3 kB) and asks at each size what pages,
searches and those who look after a store ask (`benchmarks.growth_questions`), each question in a
forked process of its own. The file is in the system's cache as far as the memory reaches.

Prints the table of docs/scale.md: at each size the file's size, frames stored a second, and the
median seconds of the processor and the peak memory of each question, with the exponent b of seconds
~ frames^b over the last three sizes. With --out, draws the curves into scale.svg there.
"""

import argparse
import json
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import growth_questions, growth_store
from store.db import size_bytes

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
GB = 1e9
_ROOM = 2.2  # files of the store's size that a backup needs for a while
_FITTED = 3  # sizes, the largest
_FOR_BACKUP = "backup"


def measure(store: Path, frames: int) -> dict[str, Any]:
    """Let a store grow to so many frames and ask it everything."""
    began = time.monotonic()
    rate = _in_process(growth_store.grow, store, frames)
    grown = time.monotonic() - began
    size = size_bytes(store)
    asked = {}
    for name in growth_questions.QUESTIONS:
        if name == _FOR_BACKUP and shutil.disk_usage(store.parent).free < _ROOM * size:
            continue
        asked[name] = _in_process(growth_questions.ask, name, store)
    seconds = {"growing": round(grown), "asking": round(time.monotonic() - began - grown)}
    return {"frames": frames, "bytes": size, "rate": rate, "asked": asked, "took": seconds}


def table(measured: list[dict[str, Any]]) -> str:
    """The figures in Markdown: a row a question, a column a size."""
    sizes = [each["frames"] for each in measured]
    lines = [
        "| | " + " | ".join(f"{frames:,}" for frames in sizes) + " | exponent | memory |",
        "|---|" + "---:|" * (len(sizes) + 2),
        _row("file", [*(f"{each['bytes'] / GB:.2f} GB" for each in measured), "", ""]),
        _row("frames stored a second", [*(f"{each['rate']:,.0f}" for each in measured), "", ""]),
    ]
    for name in growth_questions.QUESTIONS:
        found = [each["asked"].get(name) for each in measured]
        cells = ["not measured" if each is None else words(each["seconds"]) for each in found]
        known = [each for each in found if each is not None]
        frames = [size for size, each in zip(sizes, found, strict=True) if each is not None]
        slope = exponent(frames, [each["seconds"] for each in known])
        memory = f"{max(each['mb'] for each in known):,.0f} MB"
        lines.append(_row(name, [*cells, "" if slope is None else f"{slope:.2f}", memory]))
    return "\n".join(lines)


def exponent(frames: list[int], seconds: list[float]) -> float | None:
    """The b of seconds ~ frames^b, by least squares in logarithms, of the largest sizes.

    >>> exponent([10, 100, 1000], [1.0, 100.0, 10_000.0])
    2.0
    """
    if len(frames) < _FITTED:
        return None
    x, y = np.log(frames[-_FITTED:]), np.log(seconds[-_FITTED:])
    return round(float(np.polyfit(x, y, 1)[0]), 3)


def words(seconds: float) -> str:
    """Seconds as a cell of the table.

    >>> words(0.00123), words(0.25), words(12.3), words(130.0)
    ('1.2 ms', '250 ms', '12.3 s', '130 s')
    """
    if seconds < 1:
        return f"{1000 * seconds:.2g} ms" if seconds < 0.1 else f"{1000 * seconds:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds:.0f} s"


def draw(measured: list[dict[str, Any]]) -> bytes:
    """The curves as SVG: seconds over frames, both on logarithmic axes."""
    import altair as alt
    import pandas as pd

    from charts.palette import CATEGORICAL
    from exports import vega

    rows = [
        {"frames": each["frames"], "seconds": found["seconds"], "question": name}
        for each in measured
        for name, found in each["asked"].items()
        if name in _DRAWN
    ]
    colours = alt.Scale(domain=list(_DRAWN), range=list(CATEGORICAL))
    log = alt.Scale(type="log")
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X("frames:Q", scale=log, title="frames in the store"),
        y=alt.Y("seconds:Q", scale=log, title="seconds of the processor"),
        color=alt.Color("question:N", scale=colours, sort=list(_DRAWN), title=None),
    )
    chart = (base.mark_line() + base.mark_circle(size=40, opacity=1)).properties(height=360)
    return vega.image(chart.to_dict(), ".svg")


# As many as the palette tells apart: one of each kind of growth.
_DRAWN = (
    "one picture",
    "data sets, runs, current model",
    "store 10 frames",
    "search, one query",
    "latent space of a run",
    "doctor: all checksums",
    "backup",
)


def _row(name: str, cells: list[str]) -> str:
    return f"| {name} | " + " | ".join(cells) + " |"


def _in_process(work: Callable[..., Any], *arguments: object) -> Any:
    """What a function returns in a process that is forked for it, whose memory is its own."""
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    process = context.Process(target=_answer, args=(answers, work, arguments))
    process.start()
    answer = answers.get()
    process.join()
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _answer(answers: Any, work: Callable[..., Any], arguments: tuple[object, ...]) -> None:
    try:
        answers.put(work(*arguments))
    except BaseException as err:
        answers.put(err)
        raise


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="frames")
    parser.add_argument("--folder", type=Path, help="with room for three times the largest store")
    parser.add_argument("--out", type=Path, help="where scale.svg goes")
    options = parser.parse_args()
    measured = []
    with tempfile.TemporaryDirectory(prefix="morph-growth-", dir=options.folder) as folder:
        store = Path(folder) / "store.sqlite"
        growth_store.begin(store)
        for frames in options.sizes:
            measured.append(measure(store, frames))
            print(json.dumps(measured[-1]), file=sys.stderr, flush=True)
    print(table(measured))
    if options.out:
        (options.out / "scale.svg").write_bytes(draw(measured))


if __name__ == "__main__":
    main()
