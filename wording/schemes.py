"""The schemes that simulate films, in words: their names, and what differs between them."""

from collections.abc import Iterable, Mapping

from morphcore.simulation.fit import Scheme, fit

NAMES: Mapping[Scheme, str] = {
    "bdf2": "second order, adaptive (BDF2)",
    "first-order": "first order (before 28 November 2026)",
}
SLOW = (
    "The long steps of the first order let late domains coarsen at 0.8 (χ 2.4) to 0.4 (χ 4) of "
    "their true speed, and its κ and units of time are others."
)


def mixed(schemes: Mapping[str, Scheme | None]) -> str | None:
    """Warn of data sets, by name, of both schemes; None where there are none of one of them.

    A scheme is None where the data set was imported.
    """
    sets = {
        scheme: " and ".join(name for name, own in schemes.items() if own == scheme)
        for scheme in NAMES
    }
    if not all(sets.values()):
        return None
    made = "; ".join(f"{sets[scheme]} by {name}" for scheme, name in NAMES.items())
    return f"Two schemes simulated these frames: {made}. {SLOW}"


def settings(scheme: Scheme, films: Iterable[tuple[float, float | None]]) -> str:
    """Say which scheme simulated films of these chi and kappa (px^2), with the time of a step.

    >>> settings("bdf2", [(2.4, 8.0)])
    'Simulated by the scheme second order, adaptive (BDF2) · κ 8 px² · 12 units of time a step'
    """
    films = list(films)
    groups = _by_time_per_step(scheme, (chi for chi, _ in films))
    parts = [f"Simulated by the scheme {NAMES[scheme]}"]
    for time_per_step, chis in groups.items():
        kappas = {kappa for chi, kappa in films if chi in chis and kappa is not None}
        words = [f"κ {span(kappas)} px²"] if kappas else []
        words.append(f"{time_per_step:g} units of time a step")
        if len(groups) == 1:
            parts += words
        else:
            parts.append(f"χ {span(chis)}: {', '.join(words)}")
    return " · ".join(parts)


def clock(scheme: Scheme, chis: Iterable[float]) -> str | None:
    """Say how long a step is at each chi, and κ; None where it is equally long at all of them."""
    groups = _by_time_per_step(scheme, chis)
    if len(groups) < 2:
        return None
    kappas = {each: fit(min(own), scheme).kappa for each, own in groups.items()}
    same = len(set(kappas.values())) == 1
    lengths = ", ".join(
        f"{each:g} units of time{'' if same else f' (κ {kappas[each]:g} px²)'} at χ {span(own)}"
        for each, own in groups.items()
    )
    everywhere = f"; κ is {min(kappas.values()):g} px² for all" if same else ""
    return f"A step is not the same time for all of these: {lengths}{everywhere}."


def span(values: Iterable[float]) -> str:
    """A number, or the least and the largest of several.

    >>> span([8.0, 8.0]), span([2.2, 2.8, 2.4])
    ('8', '2.2 to 2.8')
    """
    low, *rest = sorted(set(values))
    return f"{low:g} to {rest[-1]:g}" if rest else f"{low:g}"


def _by_time_per_step(scheme: Scheme, chis: Iterable[float]) -> dict[float, set[float]]:
    """The values of chi by the time of a step that they share, the least chi first."""
    groups: dict[float, set[float]] = {}
    for chi in sorted(chis):
        groups.setdefault(fit(chi, scheme).time_per_step, set()).add(chi)
    return groups
