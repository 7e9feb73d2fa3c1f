"""The matches of a search as a CSV."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict

from analysis.frame_query import FrameQuery
from analysis.search import Match
from wording.escapes import csv_cell


def as_csv(model: str, query: FrameQuery, matches: Sequence[Match]) -> str:
    """Write the matches of a query as comma-separated text with a head line.

    Rank and model (the name of a run, or of the embedding searched in) come first, the scales of
    the match and of the query last.

    >>> import numpy as np
    >>> bits = np.zeros((4, 4), dtype=np.bool_)
    >>> near = Match(
    ...     frame_id=7, trajectory="a", index=3, time=40, distance=0.5, percentile=1.0,
    ...     dataset="blends", scale=None,
    ... )
    >>> print(as_csv("run 1", FrameQuery(bits, None, periodic=True), [near]), end="")
    rank,model,dataset,frame_id,trajectory,index,time,distance,percentile,scale,query_scale
    1,run 1,blends,7,a,3,40,0.5,1.0,,
    """
    out = io.StringIO()
    facts = [name for name in Match.__dataclass_fields__ if name not in ("dataset", "scale")]
    columns = ["rank", "model", "dataset", *facts, "scale", "query_scale"]
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    for rank, match in enumerate(matches, start=1):
        row = {"rank": rank, "model": model, **asdict(match), "query_scale": query.scale}
        writer.writerow({name: csv_cell(value) for name, value in row.items()})
    return out.getvalue()
