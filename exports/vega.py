"""Vega-Lite charts as SVG and PNG, by vl-convert: no browser, no network, no fonts to fetch."""

from typing import Any
from xml.etree import ElementTree

from charts.palette import INK, PAPER

Spec = dict[str, Any]  # a chart in Vega-Lite

ENDINGS = (".svg", ".png")
WIDTH = 720  # px, axes included
_SHARPNESS = 2  # pixels of a PNG for each px of a chart
# A chart is laid out by the widths of its words in one font and is drawn, where it is SVG, in
# another: in one of the same widths nearly everywhere, and elsewhere with some room at the left.
_FONT = "Arial, Helvetica, Liberation Sans, sans-serif"
_ROOM = {"left": 24, "right": 5, "top": 5, "bottom": 5}  # px


def image(spec: Spec, ending: str) -> bytes:
    """Render a chart on white as the content of a file with one of `ENDINGS`."""
    import vl_convert  # starts a JavaScript engine

    config = _config(INK["light"], "#dde4e3") | {"background": PAPER["light"]}
    if ending == ".png":
        png: bytes = vl_convert.vegalite_to_png(
            _wide(spec), config=config, scale=_SHARPNESS, allowed_base_urls=[]
        )
        return png
    return _svg(spec, config).encode()


def inline_svg(spec: Spec, *, name: str, alt: str) -> str:
    """Render a chart as an element of an HTML page, in its text colour, without a background.

    Args:
        name: Of this chart alone: the ids in a page are shared by all its charts.
        alt: What the chart shows, for those who do not see it.
    """
    config = _config("currentColor", "#8884") | {"background": None}
    root = ElementTree.fromstring(_svg(spec, config))
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]  # HTML knows SVG without its namespace
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, f"{name}-{value}")
            elif value.startswith("url(#"):
                element.set(key, value.replace("url(#", f"url(#{name}-"))
    root.attrib = {"viewBox": root.attrib["viewBox"], "role": "img", "aria-label": alt}
    return ElementTree.tostring(root, encoding="unicode")


def _svg(spec: Spec, config: Spec) -> str:
    import vl_convert

    padded = {**_wide(spec), "padding": _ROOM}
    svg: str = vl_convert.vegalite_to_svg(padded, config=config, allowed_base_urls=[])
    return svg


def _wide(spec: Spec) -> Spec:
    """Charts beside each other have their own widths; a single one gets `WIDTH`."""
    if "hconcat" in spec:
        return spec
    return {**spec, "width": WIDTH, "autosize": {"type": "fit-x", "contains": "padding"}}


def _config(ink: str, rule: str) -> Spec:
    words = {"labelColor": ink, "titleColor": ink, "labelFontSize": 12, "titleFontSize": 12}
    return {
        "font": _FONT,
        "aria": False,  # a whole chart has one text, not one for each of its points
        "view": {"stroke": None},
        "title": {"color": ink},
        "axis": {
            **words,
            "titleFontWeight": "normal",
            "gridColor": rule,
            "domainColor": rule,
            "tickColor": rule,
        },
        # Above the title of a y axis, and with room between its entries.
        "legend": {**words, "offset": 30, "columnPadding": 16},
    }
