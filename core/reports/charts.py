"""Charts for black-and-white printing: stacked bars in white, hatched and black, as SVG by pygal.

pygal reckons where everything lies. Its script, tooltips and style are left out and a few rules of
our own put in: the drawing asks for nothing, and is shown as an image, so that its style lives in a
document of its own, out of reach of the page and of its content security policy.
"""

import sys
from base64 import b64encode
from collections.abc import Mapping
from xml.etree import ElementTree

import pygal

from core.reports.values import Chart, Figure

# pygal puts a finder of its plugins among those of Python that Python no longer knows how to ask: every
# import of a module that is not there would warn. We use no plugins.
sys.meta_path[:] = [each for each in sys.meta_path if type(each).__module__ != "pygal"]

WIDTH, HEIGHT = 590, 270  # in CSS pixels: the width of the text, 156 mm
_NAMESPACE = "http://www.w3.org/2000/svg"
# A bar that survives a bad copier: an outline, a hatching, solid black. Grey goes last, because a
# fourth series has to be something.
_FILLS = ("#fff", "url(#hatch)", "#000", "#999")
_HATCH = (
    '<pattern id="hatch" patternUnits="userSpaceOnUse" width="5" height="5">'
    '<rect width="5" height="5" fill="#fff"/>'
    '<path d="M-1 1l2 -2M0 5l5 -5M4 6l2 -2" stroke="#000" stroke-width=".7"/></pattern>'
)
_STYLE = """
text { font-family: "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
  font-size: 12px; fill: #000; }
.background { fill: none; }
.line { fill: none; stroke: #000; stroke-width: .8; }
.guide { stroke: #777; stroke-width: .5; stroke-dasharray: 1, 3; }
.axis.x .guide { stroke: none; }
.axis.x text { text-anchor: middle; }
.axis.y text { text-anchor: end; }
.legends text { font-size: 13px; }
rect { stroke: #000; stroke-width: .7; }
rect.background { stroke: none; }
"""
_DROPPED = ("script", "style", "title", "desc")
_UNSEEN = frozenset({"plot overlay", "plot text-overlay", "plot tooltip-overlay", "titles"})


def svg_of(chart: Chart, figures: Mapping[str, Figure]) -> str:
    """The chart as an SVG document; equal figures give equal text.

    Raises ValueError when there is nothing to draw, and KeyError for a figure that is not there.
    """
    if is_blank(chart, figures):
        raise ValueError(f"{chart.key} has no value to draw")
    series = len(chart.series)
    drawing = pygal.StackedBar(
        js=(), css=(), defs=[_HATCH], no_prefix=True, explicit_size=True,
        width=WIDTH, height=HEIGHT, margin=2, margin_top=8, margin_right=6, spacing=7,
        legend_at_bottom=True, legend_at_bottom_columns=series, legend_box_size=11,
        y_labels=_scale(chart, figures), value_formatter=lambda value: f"{value:g}",
        x_labels=list(chart.labels),
    )  # fmt: skip
    for name, keys in chart.series:
        drawing.add(name, [figures[key].value for key in keys])
    # Read back from text, because the tree is made by lxml where that happens to be installed.
    root = ElementTree.fromstring(drawing.render())
    _strip(root)
    root.set("xmlns", _NAMESPACE)
    style = ElementTree.SubElement(root, "style")
    fills = "".join(
        f".color-{n} rect, rect.color-{n} {{ fill: {_FILLS[n % len(_FILLS)]}; }}\n"
        for n in range(series)
    )
    style.text = _STYLE + fills
    return ElementTree.tostring(root, encoding="unicode")


def is_blank(chart: Chart, figures: Mapping[str, Figure]) -> bool:
    """Whether no bar of it would be seen."""
    return not any(figures[key].value for _name, keys in chart.series for key in keys)


def to_data_url(svg: str) -> str:
    """An SVG as an address that an <img> can carry."""
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode("ascii")


def _strip(parent: ElementTree.Element) -> None:
    """Take out what is not drawn: scripts, tooltips and titles. Comments went with the reading."""
    parent.tag = parent.tag.rpartition("}")[2]
    for child in list(parent):
        if child.tag.rpartition("}")[2] in _DROPPED or child.get("class") in _UNSEEN:
            parent.remove(child)
        else:
            _strip(child)


def _scale(chart: Chart, figures: Mapping[str, Figure]) -> list[int]:
    """Round steps from nothing to just above the highest bar, eight of them at most."""
    highest = max(
        sum(figures[keys[place]].value for _name, keys in chart.series)
        for place in range(len(chart.labels))
    )
    step = 1
    while highest > step * 8:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2  # 1, 2, 5, 10, 20, 50 …
    return list(range(0, highest + step, step))
