"""Properties of frames in words."""

from collections.abc import Mapping, Sequence
from itertools import islice

from analysis.property_match import ColumnLook, PropertyMatch
from analysis.property_prediction import Prediction
from morphcore.evaluation.property_result import PropertyFigures
from morphcore.evaluation.result import Evaluation
from store.properties import Property, Value
from wording.escapes import plain
from wording.metrics import BASELINES, MODEL
from wording.numbers import amount

FEW = 3  # in a line; more are named where the pointer rests
MOST_WORDS = 6  # of a property of words, that are listed
GROUPS = {"cell": "cells", "trajectory": "trajectories"}


def value(known: Value) -> str:
    """A number with four significant digits, or a word.

    >>> value(-77.766), value(40501.0), value("annealed")
    ('-77.77', '40,500', 'annealed')
    """
    if isinstance(known, str):
        return known
    rounded = float(f"{known:.4g}")
    return f"{rounded:,.0f}" if 1000 <= abs(rounded) < 1e6 else f"{rounded:.4g}"


def few(known: Mapping[str, Value]) -> str:
    """The first properties of a frame, in a line; empty where it has none.

    >>> few({"JSC": -77.766, "batch": "b_2"})
    'JSC -77.77 · batch b\\\\_2'
    """
    parts = [_named(name, each) for name, each in islice(known.items(), FEW)]
    if len(known) > FEW:
        parts.append(f"{len(known) - FEW} more")
    return " · ".join(parts)


def rest(known: Mapping[str, Value]) -> str | None:
    """The properties that `few` does not name, a line each; None where it names all."""
    lines = [_named(name, each) for name, each in islice(known.items(), FEW, None)]
    return "  \n".join(lines) or None


def property_rows(known: Sequence[Property]) -> list[dict[str, str | int]]:
    """The properties of a data set as rows of a table."""
    levels = {"frame": "frames", "trajectory": "trajectories", "both": "frames and trajectories"}
    return [
        {
            "Property": each.name,
            "Of": levels[each.level],
            "Values": _span(each.low, each.high, each.classes),
            "Frames": each.frames,
        }
        for each in known
    ]


def matched(found: PropertyMatch) -> str:
    """What a table's rows are of, in a sentence."""
    parts = []
    if found.matched_frames or not found.matched_trajectories:
        parts.append(amount(found.matched_frames, "frame"))
    if found.matched_trajectories:
        parts.append(amount(found.matched_trajectories, "trajectory", "trajectories"))
    taken = sum(not column.left_out and column.known > 0 for column in found.columns)
    columns = amount(taken, "column")
    return f"Rows match **{' and '.join(parts)}**; {columns} would be taken."


def column_rows(columns: Sequence[ColumnLook]) -> list[dict[str, str | int]]:
    """The columns of a table as they would be taken, as rows of a table."""
    return [
        {
            "Column": column.name,
            "Taken as": "not taken: " + column.left_out
            if column.left_out
            else "not taken: it is empty"
            if not column.known
            else "numbers"
            if column.is_number
            else "labels",
            "Values": _span(column.low, column.high, column.classes),
            "Rows with a value": column.known,
            "Without (empty, infinite)": column.unknown,
        }
        for column in columns
    ]


def groups(group: str) -> str:
    """What was left out, in the plural: "cells", "trajectories", "values of batch"."""
    return GROUPS.get(group, f"values of {group}")


def rows(figures: Sequence[PropertyFigures]) -> list[dict[str, str | float | None]]:
    """The table of predicted properties: a row each, R2 of the model and of the baselines."""
    names = list(dict.fromkeys(name for each in figures for name in each.baselines))
    several = len({each.dataset for each in figures}) > 1
    return [
        {
            "Property": each.name,
            **({"Data set": each.dataset} if several else {}),
            MODEL: each.model.value,
            "95 % from": None if each.model.interval is None else each.model.interval.low,
            "95 % to": None if each.model.interval is None else each.model.interval.high,
            **{
                BASELINES.get(name, name): each.baselines[name].value
                if name in each.baselines
                else None
                for name in names
            },
            "Left out": groups(each.group),
            "Groups": each.groups,
            "Frames": each.frames,
        }
        for each in figures
    ]


def told(figures: Sequence[PropertyFigures]) -> str:
    """How the figures were made, and the property that neighbours tell best."""
    best = max(figures, key=lambda each: each.model.value)
    found = (
        f" (95 %: {best.model.interval.low:.2f} to {best.model.interval.high:.2f})"
        if (best.model.interval)
        else ""
    )
    left_out = " and ".join(dict.fromkeys(groups(each.group) for each in figures))
    return (
        "R² of each property by the 10 nearest frames of **other**"
        f" {plain(left_out)}: 1 is perfect, 0 what the mean of all would have. Best told is"
        f" {plain(best.name)}, by {best.model.value:.2f}{found}. Intervals are by bootstrap over"
        " what was left out."
    )


def columns(evaluation: Evaluation) -> dict[str, list[str | float | None]]:
    """The figures of all properties with all intervals, as the columns of a table."""
    out: dict[str, list[str | float | None]] = {}
    for each in evaluation.properties:
        row: dict[str, str | float | None] = {
            "property": each.name,
            "dataset": each.dataset,
            "group": each.group,
            "groups": each.groups,
            "frames": each.frames,
        }
        for name, figure in {"model": each.model, **each.baselines}.items():
            low, high = figure.interval or (None, None)
            row |= {f"{name}_r2": figure.value, f"{name}_low": low, f"{name}_high": high}
        for name, cell in row.items():
            out.setdefault(name, []).append(cell)
    return out


def predictors(predictions: Sequence[Prediction]) -> str:
    """Whose properties some predictions are made from, as the beginning of a sentence."""
    counts = sorted({made.neighbours for made in predictions})
    if counts == [1]:
        return "The nearest frame of another trajectory predicts"
    number = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return f"The {number} nearest frames of other trajectories predict"


def predicted(made: Prediction) -> str:
    """What the nearest frames predict of a property: the end of the sentence.

    >>> predicted(Prediction(name="E", value=8.5, neighbours=2, low=7.0, high=9.0))
    '**E 8.5** (from 7 to 9); not evaluated'
    """
    parts = [f"**{_named(made.name, made.value)}**"]
    if made.low is not None and made.high is not None:
        parts[0] += f" (from {value(made.low)} to {value(made.high)})"
        parts.append(trust(made))
    else:
        parts[0] += f" ({made.votes} of {made.neighbours})"
    if made.own is not None:
        own = plain(made.own) if isinstance(made.own, str) else value(made.own)
        parts.append(f"its own is {own}")
    return "; ".join(parts)


def trust(made: Prediction) -> str:
    """R2 of the last evaluation."""
    if made.r2 is None or made.group is None:
        return "not evaluated"
    return f"R² {made.r2:.2f} by frames of other {groups(made.group)} in the last evaluation"


def prediction_rows(predictions: Sequence[Prediction]) -> list[dict[str, str | float | None]]:
    """Predictions as rows of a table."""
    return [
        {
            "Property": made.name,
            "Predicted": value(made.value),
            "From": None if made.low is None else value(made.low),
            "To": None if made.high is None else value(made.high),
            "Its own": None if made.own is None else value(made.own),
            "R²": made.r2,
        }
        for made in predictions
    ]


def _span(low: float | None, high: float | None, classes: Sequence[str]) -> str:
    if low is not None and high is not None:
        return value(low) if low == high else f"{value(low)} to {value(high)}"
    more = f" and {len(classes) - MOST_WORDS:,} more" if len(classes) > MOST_WORDS else ""
    return ", ".join(classes[:MOST_WORDS]) + more


def _named(name: str, known: Value) -> str:
    return f"{plain(name)} {plain(known) if isinstance(known, str) else value(known)}"
