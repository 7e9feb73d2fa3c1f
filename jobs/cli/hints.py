"""Error messages of the command line: the sentence, and the command that helps."""

from analysis.attached import NotAttached
from exports.missing import NoMap, NotEvaluated
from jobs.properties import Conflicting
from morphcore.embedding.rescaling import ScaleUnknown
from morphcore.errors import MorphError
from store.checkpoint_files import DamagedModel
from store.runs import NotIndexed


def sentence(err: MorphError) -> str:
    """The error's message, with the command that mends it where there is one."""
    fact = str(err).removesuffix(".")
    match err:
        case NotIndexed(run_id=run_id):
            return f"{fact}: python -m jobs index --run {run_id}"
        case DamagedModel(run_id=run_id, index_again=True):
            return f"{fact}: python -m jobs index --run {run_id}"
        case Conflicting():
            return f"{fact}; take the new ones with --replace, or see all with --check."
        case NoMap(run_id=run_id):
            return f"{fact}; draw one with: python -m jobs map --run {run_id}"
        case NotEvaluated(run_id=run_id):
            return f"{fact}; do so with: python -m jobs evaluate --run {run_id}"
        case NotAttached(run_id=run_id, dataset=dataset):
            command = f'python -m jobs index --run {run_id} --dataset "{dataset}"'
            return f"{fact}; have it do so with: {command}"
        case ScaleUnknown():
            return f"{fact}; say so with --scale thickness, --scale one or --scale FACTOR"
    return str(err)
