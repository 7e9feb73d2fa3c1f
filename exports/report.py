"""One run in one HTML file that opens without a server, and the card that goes with its model."""

import base64
import time
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
from sqlite_utils import Database

from exports import svg
from exports.model_card import HEADLINES, evaluation_of, facts
from exports.svg import Axis
from morphcore.evaluation.result import Evaluation
from morphcore.statistics.bootstrap import Figure
from store import projections, runs, trajectories
from store.runs import Run
from wording.metrics import BASELINES, METRICS, MODEL

_METHODS = {"tsne": "t-SNE", "pca": "PCA"}
MOST_DOTS = 3000  # of the map: more make a file that is slow to open
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --quiet: #7c8b89; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 780px; margin: 2rem auto; padding: 0 1rem; }
h1, h2 { line-height: 1.2; } h2 { border-bottom: 1px solid var(--line); margin-top: 2.5rem; }
svg { width: 100%; height: auto; } svg text { font-size: 12px; fill: currentColor; }
svg line.grid { stroke: var(--line); }
img { width: 100%; image-rendering: pixelated; background: #888; }
.wide { overflow-x: auto; } details { margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
td, th { border-bottom: 1px solid var(--line); padding: 4px 6px; text-align: right;
  vertical-align: bottom; }
td:first-child, th:first-child, .facts td { text-align: left; vertical-align: top; }
.figures { font-size: 13px; } .figures td:nth-child(2), .figures th:nth-child(2) {
  font-weight: 700; } .figures th { font-weight: 400; }
.facts td:first-child { white-space: nowrap; }
.quiet { color: var(--quiet); }
"""


def html(db: Database, run: Run) -> str:
    """Facts, curves, strip, quality and map of an indexed run, as one page."""
    found = evaluation_of(db, run)
    parts = [
        f"<h1>{escape(run.name)}</h1>",
        f'<p class="quiet">A Morph report, written {time.strftime("%Y-%m-%d %H:%M")}.</p>',
        _table((), facts(db, run, found), "facts"),
        "<h2>Training</h2>",
        _curves(db, run),
        _strip(db, run),
        *(_quality(found) if found else ["<h2>Quality</h2><p>Not judged yet.</p>"]),
        _map(db, run),
    ]
    title = escape(f"{run.name}, a Morph report")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _curves(db: Database, run: Run) -> str:
    epochs = runs.epochs(db, run.id)
    if len(epochs) < 2:
        return "<p>Too short for a curve.</p>"
    both = {
        "held-out": [(each.seconds / 60, each.held_out_neg_elbo_nats) for each in epochs],
        "training": [(each.seconds / 60, each.training_neg_elbo_nats) for each in epochs],
    }
    nats = [each[1] for points in both.values() for each in points]
    x = Axis("Minutes of training", 0.0, max(each.seconds for each in epochs) / 60)
    y = Axis("−ELBO (nats per frame)", 0.9 * min(nats), 1.05 * max(nats), True)
    return svg.lines(both, x, y, "−ELBO in nats per frame, held-out and training, by minutes")


def _strip(db: Database, run: Run) -> str:
    strip = runs.reconstruction_grid(db, run.id)
    if strip is None:
        return ""
    picture = base64.b64encode(strip.png).decode()
    return (
        f'<p><img alt="Held-out frames and their reconstructions" src="data:image/png;base64,'
        f'{picture}"></p><p class="quiet">Held-out frames above, what the model gives back below; '
        "gray is the probability of white.</p>"
    )


def _quality(found: Evaluation) -> Iterable[str]:
    yield "<h2>Quality</h2>"
    labels = [MODEL, *(BASELINES.get(key, key) for key in found.baselines)]
    figures = [found.metrics, *(baseline.metrics for baseline in found.baselines.values())]
    names = [name for name in METRICS if name in found.metrics]
    first = next((name for name in HEADLINES if name in names), None)
    if first is not None:
        metric = METRICS[first]
        yield svg.dots(
            {
                label: (row[first].value, *(row[first].interval or (None, None)))
                for label, row in zip(labels, figures, strict=True)
                if first in row
            },
            f"{metric.label} ({metric.better} is better), with 95 % intervals",
        )
    yield _table(
        ("", *labels),
        ((METRICS[name].label, *(_figure(row.get(name)) for row in figures)) for name in names),
        "figures",
    )
    yield "<details><summary>What these figures mean</summary>"
    yield _table(
        (),
        (
            (METRICS[name].label, f"{METRICS[name].help} {METRICS[name].better} is better")
            for name in names
        ),
        "facts",
    )
    yield "</details>"
    noise = found.noise
    if noise is not None:
        curves = {
            "true twins": list(zip(noise.units, noise.twins, strict=True)),
            "other cells at the same time": list(
                zip(noise.units, noise.others or (), strict=False)
            ),
        }
        x = Axis("Distance, in units of the scatter between realisations", 0.1, 100.0, True)
        yield svg.lines(curves, x, Axis("Share within", 0.0, 1.0), "Twins within a distance")
        yield f"<p>Of true twins, 95 % are within {noise.same_within:.2g} units.</p>"
    yield "<ul>" + "".join(f"<li>{escape(note)}</li>" for note in found.notes) + "</ul>"


def _map(db: Database, run: Run) -> str:
    maps = [] if run.index is None else projections.of_checkpoint(db, run.index.checkpoint_id)
    small = [each for each in maps if each.points <= MOST_DOTS]
    if not small:
        return ""
    chosen = small[0]
    places = projections.points(db, chosen.id)
    table = trajectories.frame_table(db, run.dataset_id)
    time_of = dict(zip(table.frame_ids.tolist(), table.time.tolist(), strict=True))
    kept = [row for row, each in enumerate(places.frame_ids.tolist()) if each in time_of]
    if len(kept) < 2:
        return ""
    logs = np.log([max(1, time_of[int(places.frame_ids[row])]) for row in kept])
    span = float(np.ptp(logs)) or 1.0
    shades = ((logs - logs.min()) / span).tolist()
    points = [(float(x), float(y)) for x, y in places.coords[kept]]
    return (
        "<h2>Map</h2>"
        + svg.scatter(points, shades, f"Map of {len(points)} frames by {chosen.config.method}")
        + f'<p class="quiet">{_METHODS[chosen.config.method]} of {len(points):,} frames, from early'
        " (dark) to late (light). Axes have no unit.</p>"
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], kind: str) -> str:
    """`kind` is a class of the style: "facts" in words, or "figures", of which the first stand out.

    A table that is wider than the page is scrolled by itself.
    """
    out = []
    if head:
        out.append("<tr>" + "".join(f"<th>{escape(each)}</th>" for each in head) + "</tr>")
    out += ["<tr>" + "".join(f"<td>{escape(each)}</td>" for each in row) + "</tr>" for row in rows]
    return f'<div class="wide"><table class="{kind}">{"".join(out)}</table></div>'


def _figure(figure: Figure | None) -> str:
    return "–" if figure is None else f"{figure.value:.3f}"
