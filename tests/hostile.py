"""A store whose every name is an attack on some medium, and the signs that one succeeded."""

import re
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from morphcore.types import Rejection
from store import current_run, datasets, evaluations, jobs, properties, runs, trajectories
from store.db import open_store
from tests.evaluated import evaluation
from tests.factory import Made, add_run, build_store, trajectory

HOST = "evil.example"
# Each at most 100 characters, as names of data sets are.
PICTURE = f"=1+1 ![a](http://{HOST}/a.png) *b* $x$ :red[c]"
LINK = f"../../[a]({HOST}) https://{HOST}/b www.{HOST} c@{HOST}"
TAG = f"@SUM(A1)<img src=//{HOST}/c.png><script>d()</script>`e`"
LINES = f"-1|\n# ![a](//{HOST}/d.png)\r\n- b\n\n1. \x00\u202e:smile:"
NAMES = (PICTURE, LINK, TAG, LINES)


def build_hostile(path: Path, *, model: bool = False) -> Made:
    """A store with such names of all that has one: data sets, trajectories, runs, files, words."""
    made = build_store(path, model=model)
    add_run(made, LINK)
    with open_store(path) as db:
        datasets.rename(db, made.dataset_id, PICTURE)
        runs.rename(db, made.run_id, TAG)
        runs.annotate(db, made.run_id, LINES)
        runs.set_device(db, made.run_id, PICTURE)
        ids = [info.id for info in trajectories.trajectories(db, made.dataset_id)]
        for place, trajectory_id in enumerate(ids):
            name = NAMES[place % len(NAMES)]
            db.execute(
                """UPDATE trajectories SET name = ?, source_file = ?, family = ?, cell = ?,
                   time_unit = ?, length_unit = ?, pixel_size = 2.0 WHERE id = ?""",
                [f"{name}{place}", name, name, name, LINK, TAG, trajectory_id],
            )
        table = trajectories.frame_table(db, made.dataset_id)
        frames = table.frame_ids.tolist()
        for place, name in enumerate(NAMES):
            words = {frame: NAMES[(frame + place) % len(NAMES)] for frame in frames}
            properties.put(db, made.dataset_id, name, words)
            properties.put(
                db, made.dataset_id, f"{name} n", {frame: float(frame) for frame in frames}
            )
        other = datasets.create(db, LINES, "imported", {"source": TAG, "done": [LINK]})
        trajectories.add(db, other, trajectory(LINK, frames=3, seed=9))
        datasets.add_rejections(db, other, [Rejection(TAG, PICTURE)])
        evaluations.add(db, made.checkpoint_id, evaluation(verified=True))
        current_run.choose(db, made.run_id)
        done = jobs.enqueue(db, "import", {"path": LINK, "name": LINES})
        jobs.claim(db, done.id)
        result = {"dataset": LINES, "frames": 3, "trajectories": 1, "already": 0}
        result |= {"rejected": [{"file": TAG, "reason": LINK}], "skipped": [LINES]}
        jobs.finish(db, done.id, "done", result=result | {"warnings": [PICTURE], "mended": [LINK]})
        failed = jobs.enqueue(db, "simulate", {"name": TAG, "seed": 1})
        jobs.claim(db, failed.id)
        jobs.finish(db, failed.id, "failed", error=f"{PICTURE} {LINK}")
    return made


def escaped(markdown: str) -> list[str]:
    """What of a name has come out of its escape where a text is read as GitHub's Markdown.

    Links, pictures, HTML, and what the browser's reader makes a link once escapes are undone.
    """
    return _found(_READER.parse(markdown))


_READER = MarkdownIt("commonmark").enable("table")
# Of mdast-util-gfm-autolink-literal, which the pages' reader uses.
_LATE = re.compile(
    rf"(?i)(https?://|www(?=\.))[-.\w]*{HOST.replace('.', chr(92) + '.')}|[-.\w+]+@{HOST}"
)


def _found(tokens: list[Token]) -> list[str]:
    found = []
    for token in tokens:
        addresses = [str(token.attrs[key]) for key in ("src", "href") if key in token.attrs]
        found += [address for address in addresses if HOST in address]
        if token.type in ("html_block", "html_inline") and token.content.startswith(_TAGS):
            found.append(token.content)
        if (token.type, token.content) == ("code_inline", "e"):
            found.append("`e`")
        if token.type == "text" and _LATE.search(token.content):
            found.append(token.content)
        found += _found(token.children or [])
    return found


_TAGS = ("<img src=//", "<script")
