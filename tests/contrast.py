"""WCAG 2.2's contrast of two colours, and colours laid over each other."""

from charts.palette import rgb


def over(top: str, alpha: float, below: str) -> str:
    """The colour that is seen where one lies over another with an opacity of 0 to 1.

    >>> over("#000000", 0.5, "#ffffff")
    '#808080'
    """
    mixed = (round(alpha * a + (1 - alpha) * b) for a, b in zip(rgb(top), rgb(below), strict=True))
    return "#" + "".join(f"{value:02x}" for value in mixed)


def contrast(one: str, other: str) -> float:
    """The ratio of two colours' luminances, 1 to 21.

    >>> contrast("#ffffff", "#000000"), contrast("#777777", "#777777")
    (21.0, 1.0)
    """
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in rgb(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
