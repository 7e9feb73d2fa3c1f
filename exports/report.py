"""A run's report: one HTML file that opens without a server and without the network.

Its content is prepared here as plain rows, texts and SVG; its layout is in
`templates/report.html.jinja`.
"""

import base64
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from analysis.frame_pixels import held_out_pixels
from charts import palette
from exports import run_charts, vega
from exports.model_card import evaluation_of, facts
from exports.run_charts import RunChart
from morphcore.evaluation.result import Evaluation
from morphcore.statistics.bootstrap import Figure
from store import projections, runs, training_curve
from store.runs import Run
from wording import paired
from wording.evaluation import shown_metrics
from wording.metrics import BASELINES, METRICS, MODEL
from wording.verdict import Verdict, verdict

MOST_DOTS = 3000  # of the map: more make a file that is slow to open
_MAP_HEIGHT = 440  # px
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, kw_only=True)
class ChartFigure:
    """A chart in the page."""

    svg: Any  # markupsafe.Markup: the only HTML that the template does not escape
    caption: str


@dataclass(frozen=True, kw_only=True)
class Quality:
    """The results of an evaluation as the template shows them."""

    headline: ChartFigure | None
    head: Sequence[str]
    verdict: Verdict
    rows: Sequence[Sequence[str]]  # a metric each: its label, the model's figure, the baselines'
    best: Sequence[Collection[int]]  # the cells of each row that are in bold, as on the page
    meanings: Sequence[tuple[str, str]]
    differences: Sequence[Sequence[str]]  # rows of words; the first is the head
    detection: ChartFigure | None
    calibration: ChartFigure | None
    twins_within: str
    notes: Sequence[str]


def html(db: Database, run: Run) -> str:
    """Render facts, curves, reconstructions, quality and map of an indexed run as one page."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    evaluation = evaluation_of(db, run)
    page: str = environment.get_template("report.html.jinja").render(
        name=run.name,
        colours=palette,
        written=time.strftime("%Y-%m-%d %H:%M"),
        facts=facts(db, run, evaluation),
        loss=_loss(db, run),
        reconstructions=_reconstructions(db, run),
        quality=None if evaluation is None else _quality(evaluation),
        map=_map(db, run),
    )
    return page


def _loss(db: Database, run: Run) -> ChartFigure | None:
    epochs = runs.epochs(db, run.id)
    if len(epochs) < 2:
        return None
    return _figure(
        "training",
        run_charts.loss(
            epochs,
            training_curve.of_run(db, run.id),
            against="time",
            pixels=held_out_pixels(db, run),
        ),
        "",
    )


def _reconstructions(db: Database, run: Run) -> str:
    """The newest reconstruction grid as base64 of a PNG; empty where there is none."""
    grid = runs.reconstruction_grid(db, run.id)
    return "" if grid is None else base64.b64encode(grid.png).decode()


def _quality(evaluation: Evaluation) -> Quality:
    names = shown_metrics(evaluation)
    embeddings = [
        evaluation.metrics,
        *(baseline.metrics for baseline in evaluation.baselines.values()),
    ]
    headline = run_charts.headline(evaluation)
    calibration = run_charts.calibration(evaluation)
    within = 0.0 if evaluation.noise is None else evaluation.noise.same_within
    return Quality(
        headline=_figure("headline", headline),
        verdict=verdict(evaluation),
        head=["", MODEL, *(BASELINES.get(key, key) for key in evaluation.baselines)],
        rows=[
            [METRICS[name].label, *(_number(metrics.get(name)) for metrics in embeddings)]
            for name in names
        ],
        best=[_best(name, [metrics.get(name) for metrics in embeddings]) for name in names],
        meanings=[
            (METRICS[name].label, f"{METRICS[name].help} {METRICS[name].better} is better")
            for name in names
        ],
        differences=_differences(evaluation),
        detection=_figure("detection", run_charts.detection(evaluation)),
        calibration=_figure("calibration", calibration),
        twins_within=f"Of true twins, 95 % are within {within:.2g} units.",
        notes=evaluation.notes,
    )


def _best(name: str, figures: Sequence[Figure | None]) -> set[int]:
    """The cells of a row that hold its best figure; the first cell is the label."""
    values = [None if figure is None else figure.value for figure in figures]
    known = [value for value in values if value is not None]
    wanted = max(known) if METRICS[name].better == "higher" else min(known)
    return {at for at, value in enumerate(values, start=1) if value == wanted}


def _differences(evaluation: Evaluation) -> list[list[str]]:
    """The paired differences to baselines under their head; empty where there are none."""
    rows = paired.rows(evaluation)
    return [list(rows[0]), *(list(row.values()) for row in rows)] if rows else []


def _map(db: Database, run: Run) -> ChartFigure | None:
    maps = [] if run.index is None else projections.of_checkpoint(db, run.index.checkpoint_id)
    stored = next((stored for stored in maps if stored.points <= MOST_DOTS), None)
    if stored is None:
        return None
    drawn = run_charts.map_by_time(db, run, stored, height=_MAP_HEIGHT)
    if drawn is None:
        return None
    return _figure("map", drawn, f"{drawn.alt}, from early (blue) to late (yellow).")


def _figure(name: str, chart: RunChart | None, caption: str | None = None) -> ChartFigure | None:
    """A chart with a caption, by default what it shows; none of no chart."""
    from markupsafe import Markup

    if chart is None:
        return None
    svg = vega.inline_svg(chart.spec, name=name, alt=chart.alt)
    return ChartFigure(svg=Markup(svg), caption=f"{chart.alt}." if caption is None else caption)


def _number(figure: Figure | None) -> str:
    return "–" if figure is None else f"{figure.value:.3f}"
