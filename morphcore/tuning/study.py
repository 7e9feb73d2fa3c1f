"""Which settings a tuning tries next, when it gives a trial up, and which settings matter.

All by Optuna, whose study is made of the trials' plain values whenever it is asked: nothing of it
is kept, so a tuning that was ended goes on to the very trials that it would have had.

Source: J. Bergstra et al., Algorithms for hyper-parameter optimization (TPE), 2011; T. Akiba et
al., Optuna, 2019, arXiv:1907.10902; F. Hutter et al., An efficient approach for assessing
hyperparameter importance (fANOVA), 2014.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from morphcore.tuning.space import Parameter, Value, usual_values
from morphcore.tuning.trials import MINIMISED, Objective, Trial

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution

FIRST_AT_RANDOM = 6  # trials, before the sampler learns from those that were
LEAST_COMPLETE = 4  # trials, before any is given up
FIRST_RUNG = 2  # before, the learning rate has just risen, and a low one looks good
LEAST_TELLING = 6  # complete trials, before settings are said to matter


def propose(
    parameters: Sequence[Parameter],
    trials: Sequence[Trial],
    objective: Objective,
    *,
    number: int,
    seed: int,
) -> dict[str, Value]:
    """The settings of trial `number`, by those that have ended; the first has the usual ones.

    They depend on these arguments alone.
    """
    if number == 1:
        return usual_values(parameters)
    study = _study(parameters, trials, objective, seed=_seed(seed, number))
    return dict(study.ask(_distributions(parameters)).params)


def hopeless(parameters: Sequence[Parameter], trials: Sequence[Trial], trial: Trial) -> bool:
    """Whether a running trial is to be given up.

    It is where its least −ELBO so far is above the median of those that the complete trials had at
    its newest point, whatever the objective.
    """
    study = _study(parameters, trials, "neg-elbo")
    study.enqueue_trial(dict(trial.settings))
    asked = study.ask(_distributions(parameters))
    for point in trial.points:
        asked.report(point.nats, point.rung)
    return asked.should_prune()


def importances(
    parameters: Sequence[Parameter], trials: Sequence[Trial], objective: Objective
) -> dict[str, float]:
    """The share of the variance of the objective that each setting explains, the largest first.

    Over complete trials, by fANOVA; empty where there are fewer than 6, or all are alike.
    """
    known = [each for each in trials if each.value is not None]
    if len(known) < LEAST_TELLING or len({each.value for each in known}) == 1:
        return {}
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    study = _study(parameters, known, objective)
    found = get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=0))
    return {name: float(share) for name, share in found.items()}


def _study(
    parameters: Sequence[Parameter], trials: Sequence[Trial], objective: Objective, seed: int = 0
) -> "Study":
    """A study of the trials that have ended; whatever the objective, less is better."""
    import optuna
    from optuna.trial import TrialState, create_trial

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=FIRST_AT_RANDOM),
        pruner=optuna.pruners.MedianPruner(LEAST_COMPLETE, FIRST_RUNG),
    )
    states = {
        "complete": TrialState.COMPLETE,
        "pruned": TrialState.PRUNED,
        "failed": TrialState.FAIL,
    }
    sign = 1 if MINIMISED[objective] else -1
    distributions = _distributions(parameters)
    for each in sorted(trials, key=lambda trial: trial.number):
        if each.state in states:
            study.add_trial(
                create_trial(
                    state=states[each.state],
                    value=None if each.value is None else sign * each.value,
                    params=dict(each.settings),
                    distributions=distributions,
                    intermediate_values={point.rung: point.nats for point in each.points},
                )
            )
    return study


def _distributions(parameters: Sequence[Parameter]) -> "dict[str, BaseDistribution]":
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    out: dict[str, BaseDistribution] = {}
    for each in parameters:
        low, high = each.ends
        if each.options:
            out[each.name] = CategoricalDistribution(each.options)
        elif each.whole:
            out[each.name] = IntDistribution(int(low), int(high), log=True)
        else:
            out[each.name] = FloatDistribution(low, high, log=True)
    return out


def _seed(seed: int, number: int) -> int:
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0])
