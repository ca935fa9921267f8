"""Charts: what is drawn, in black and white, and that it asks for nothing."""

import re
from base64 import b64decode
from xml.etree import ElementTree

import pypdfium2
import pytest
from PIL import ImageStat

from core.reports import charts, pdf
from core.reports.values import Chart, Figure
from tests.core.reports.papers import figure

SVG = "{http://www.w3.org/2000/svg}"


def stacked(*series: tuple[int, ...]) -> tuple[Chart, dict[str, Figure]]:
    """A chart with a series of bars for each tuple of values."""
    figures, named = {}, []
    for number, values in enumerate(series):
        keys = tuple(f"{number}.{place}" for place in range(len(values)))
        figures.update({key: figure(key, value) for key, value in zip(keys, values, strict=True)})
        named.append((f"序列{number}", keys))
    labels = tuple(str(place + 1) for place in range(len(series[0])))
    return Chart("days", "", "每日用餐", "人次", labels, tuple(named)), figures


def bars(svg: str, series: int) -> list[tuple[float, float]]:
    """Top and height of the bars of a series."""
    group = ElementTree.fromstring(svg).find(
        f".//{SVG}g[@class='series serie-{series} color-{series}']"
    )
    assert group is not None
    return [
        (float(each.get("y", 0)), float(each.get("height", 0))) for each in group.iter(f"{SVG}rect")
    ]


def test_bars_are_as_high_as_their_figures_and_stand_on_each_other() -> None:
    svg = charts.svg_of(*stacked((10, 0, 40), (30, 20, 0)))
    lower, upper = bars(svg, 0), bars(svg, 1)
    unit = lower[0][1] / 10
    assert [height for _top, height in lower] == pytest.approx([10 * unit, 0, 40 * unit])
    assert [height for _top, height in upper] == pytest.approx([30 * unit, 20 * unit, 0])
    assert upper[0][0] + upper[0][1] == pytest.approx(lower[0][0])


def test_a_chart_asks_for_nothing() -> None:
    svg = charts.svg_of(*stacked((1, 2), (3, 4), (5, 6)))
    root = ElementTree.fromstring(svg)
    assert {each.tag for each in root.iter()} <= {
        f"{SVG}{name}" for name in ("svg", "defs", "pattern", "style", "g", "rect", "path", "text")
    }
    for name in ("href", "src", "@import", "script", "onload"):
        assert name not in svg
    assert set(re.findall(r"https?://[^\"' ]+", svg)) == {"http://www.w3.org/2000/svg"}
    assert set(re.findall(r"url\(([^)]*)\)", svg)) == {"#hatch"}


def test_equal_figures_give_equal_charts() -> None:
    one, other = (charts.svg_of(*stacked((7, 9), (1, 0))) for _ in range(2))
    assert one == other
    assert b64decode(charts.to_data_url(one).partition(",")[2]).decode() == one


def test_words_in_a_chart_are_inert() -> None:
    chart, figures = stacked((1, 2))
    hostile = Chart(
        "days", "", "", "", ("<b>", "&amp;{{7*7}}"), (("<script>1</script>", chart.series[0][1]),)
    )
    texts = {
        each.text
        for each in ElementTree.fromstring(charts.svg_of(hostile, figures)).iter(f"{SVG}text")
    }
    assert {"<b>", "&amp;{{7*7}}", "<script>1</script>"} <= texts


def test_a_chart_of_noughts_is_blank() -> None:
    chart, figures = stacked((0, 0), (0, 0))
    assert charts.is_blank(chart, figures)
    with pytest.raises(ValueError, match="no value"):
        charts.svg_of(chart, figures)


@pytest.mark.parametrize("highest", [1, 7, 8, 9, 95, 2484, 124_000])
def test_the_scale_has_round_steps_and_reaches_the_highest_bar(highest: int) -> None:
    steps = charts._scale(*stacked((highest, 0)))
    assert steps[0] == 0
    assert steps[-2] < highest <= steps[-1] or highest == steps[-2]
    assert 2 <= len(steps) <= 10
    assert str(steps[1]).rstrip("0") in ("1", "2", "5")


def test_on_paper_it_is_black_and_white_with_three_kinds_of_bars() -> None:
    svg = charts.svg_of(*stacked((10, 10), (10, 10), (10, 10)))
    image = f'<img src="{charts.to_data_url(svg)}">'
    document = pypdfium2.PdfDocument(
        pdf.to_pdf(
            f'<link rel="stylesheet" href="/static/print.css"><body style="margin:0">{image}'
        )
    )
    picture = document[0].render(scale=3).to_pil().convert("RGB")
    document.close()
    assert all(red == green == blue for _count, (red, green, blue) in picture.getcolors(1 << 24))
    root = ElementTree.fromstring(svg)
    plot = root.find(f".//{SVG}g[@class='plot']")
    assert plot is not None
    left, top = map(float, re.findall(r"[\d.]+", plot.get("transform", "")))
    inks = []
    for number in (2, 1, 0):  # black above hatched above white
        rect = root.find(f".//{SVG}g[@class='series serie-{number} color-{number}']//{SVG}rect")
        assert rect is not None
        x, y, width, height = (float(rect.get(name, 0)) for name in ("x", "y", "width", "height"))
        # The picture begins 28 mm from the left and 37 mm from the top; a CSS pixel is 0.75 points.
        edges = (left + x + 8, top + y + 4, left + x + width - 8, top + y + height - 4)
        starts = (28 / 25.4 * 72, 37 / 25.4 * 72) * 2
        box = tuple(
            round(3 * (start + 0.75 * edge)) for start, edge in zip(starts, edges, strict=True)
        )
        part = picture.crop(box).convert("L")
        inks.append(1 - ImageStat.Stat(part).mean[0] / 255)
    assert inks[0] > 0.95
    assert 0.1 < inks[1] < 0.6
    assert inks[2] < 0.05
