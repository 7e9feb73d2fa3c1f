"""What an evaluation found, in words and as rows of a table. Pure, no Streamlit."""

from collections.abc import Mapping
from typing import Any

from wording.metrics import BASELINES, METRICS, MODEL


def shown_metrics(found: Mapping[str, Any]) -> list[str]:
    """The metrics that an evaluation has, in the order of `METRICS`."""
    return [name for name in METRICS if name in found["metrics"]]


def rows(found: Mapping[str, Any]) -> list[dict[str, str | float | None]]:
    """One row an embedding, the model first, one column a metric that there is."""
    names = shown_metrics(found)
    embeddings = [(MODEL, found["metrics"])]
    embeddings += [(BASELINES.get(key, key), each) for key, each in found["baselines"].items()]
    return [
        {"Embedding": label, **{METRICS[name].label: each.get(name) for name in names}}
        for label, each in embeddings
    ]


def best(found: Mapping[str, Any], name: str) -> tuple[str, float]:
    """The best of the baselines in a metric: its name in words, and its figure."""
    figures = {
        BASELINES.get(key, key): float(each[name])
        for key, each in found["baselines"].items()
        if each.get(name) is not None and key != "random"
    }
    choose = max if METRICS[name].better == "higher" else min
    label = choose(figures, key=figures.__getitem__)
    return label, figures[label]


def headlines(found: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """A few figures, each with its value and a sentence on what it means and what it is against."""
    metrics, baselines = found["metrics"], found["baselines"]
    gallery = found["split"].get("twin_gallery", 0)
    out = []
    for name, of in (("twin@5", ""), ("twin@5_unseen", " of a cell held out of training")):
        if name in metrics:
            other, figure = best(found, name)
            untrained = baselines.get("random_cnn_pca16", {}).get(name)
            beside = f"; an untrained network {untrained:.0%}" if untrained is not None else ""
            out.append(
                (
                    METRICS[name].label,
                    f"{metrics[name]:.0%}",
                    f"For a twin's frame{of}, one of its own physics and time is among the five "
                    f"nearest of {gallery:,}{_interval(found, name, '.0%')}. The best baseline "
                    f"({other}) finds {figure:.0%}{beside}.",
                )
            )
    if "D@5" in metrics:
        other, figure = best(found, "D@5")
        out.append(
            (
                METRICS["D@5"].label,
                f"{metrics['D@5']:.2f}",
                "How unlike the five nearest are in what a physicist would measure; chance has "
                f"1{_interval(found, 'D@5', '.2f')}. The best baseline ({other}) has {figure:.2f}.",
            )
        )
    if "roll@1" in metrics:
        out.append(
            (
                METRICS["roll@1"].label,
                f"{metrics['roll@1']:.1%}",
                "A frame rolled along the film is the same film: so often it finds itself.",
            )
        )
    if "neg_elbo_nats" in metrics:
        out.append(
            (
                "−ELBO, nats per frame",
                f"{metrics['neg_elbo_nats']:,.0f}",
                "What a held-out, separated frame costs to code"
                f"{_interval(found, 'neg_elbo_nats', ',.0f')}; a coin flip a pixel costs 27,726.",
            )
        )
    return out


def split_words(found: Mapping[str, Any]) -> str:
    """How frames were held out, and on how many each figure rests."""
    split = found["split"]
    words = f"Split by {split['by']}: {split['training']:,} training frames, "
    words += f"{split['held_out']:,} held-out ones as queries"
    if split.get("twins"):
        words += f", {split['twins']:,} frames of twins"
        words += f" ({split['twins_unseen']:,} of cells never seen)"
    return words + "."


def length_bins(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """−ELBO by bins of L: a row each for reconstruction and KL, with the bin in words."""
    out: list[dict[str, Any]] = []
    for order, each in enumerate(found["nats_by_length"]):
        low, high = each["from"], each["to"]
        words = f"{low:g} to {high:g}" if high is not None else f"{low:g} and more"
        for name, key in (("Reconstruction", "recon_nats"), ("KL", "kl_nats")):
            out.append(
                {"L": words, "order": order, "part": name, "nats": each[key]}
                | {"frames": each["frames"]}
            )
    return out


def unit_words(measured: Mapping[str, Any]) -> str:
    """What the unit of a distance is, and what it is worth on twins."""
    words = (
        "Compare gives distances in **units of the scatter**: how far apart the model puts the left"
        " and the right half of a frame, which are two realisations of one process, scaled to whole"
        " frames and without what their composition explains. True twins are"
        f" {measured['median_twin']:.2g} units apart (median), 95 % within"
        f" **{measured['same_within']:.2g}**: up to there, two frames *could be the same process*."
    )
    if "others_within" in measured:
        words += (
            f" Of frames of another cell at the same time, {measured['others_within']:.0%} are that"
            " near, too: so near is no proof, but far is."
        )
    return words


def _interval(found: Mapping[str, Any], name: str, form: str) -> str:
    ends = found["intervals"].get(name)
    return f" (95 %: {ends[0]:{form}} to {ends[1]:{form}})" if ends else ""
