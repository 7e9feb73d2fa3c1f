"""A warning of a model that codes frames no better than a coin flip for every pixel."""

from morphcore.types import COIN_FLIP_NATS_PER_PIXEL


def warning(name: str, nats: float | None, pixels: float) -> str | None:
    """Warn of a model whose held-out -ELBO, nats per frame, is that of a coin flip or worse.

    `pixels` are those of a frame. None where it is better, or not known yet.

    >>> warning("a", 9_000.0, 40_000), warning("a", None, 40_000)
    (None, None)
    >>> print(warning("a", 27_726.0, 40_000))
    a knows nothing yet: its held-out −ELBO, 27,726 nats per frame, is no better than a coin flip \
for every pixel, 27,726. Do not trust its distances, neighbours or maps; train it longer.
    """
    flips = pixels * COIN_FLIP_NATS_PER_PIXEL
    # Written this way, NaN is no better either.
    if nats is None or nats < flips:
        return None
    return (
        f"{name} knows nothing yet: its held-out −ELBO, {nats:,.0f} nats per frame, is no better"
        f" than a coin flip for every pixel, {flips:,.0f}. Do not trust its distances, neighbours"
        " or maps; train it longer."
    )
