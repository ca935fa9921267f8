"""A month's register as PDF: our time against a plain table's and against typst's for the same register.

    .venv/bin/python -m bench.reports [--rounds 3] [--diners 400]

Every measurement is a fresh process, the engines take turns, and the medians are compared, all in
processor time. `load` is what the imports take, `first` from a counted month to finished bytes in that
fresh process, `again` the next month in the same process, as a worker does it. `naive` is the table that
one would write first, and only its 31 cells of days for each diner; `typst` has our register as a table,
page by page, with all its columns. Ten times as many diners are set for the time and for the memory.
"""

from __future__ import annotations

import argparse
import atexit
import importlib
import json
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.reports.values import Built

ROOT = Path(__file__).resolve().parents[1]
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "秀英桂兰玉珍淑华凤美素香建国志强文明永德福贵"
COMMUNITIES = (
    "农林一社区",
    "农林二社区",
    "农林四社区",
    "水电社区",
    "隆润社区",
    "桃园社区",
    "和平社区",
)
CATEGORIES = ("特困", "低保", "低保边缘", "刚性支出", "半失能", "失能", "重残", "普通")
PRICES = (600, 1200, 1000)  # fen: breakfast, lunch, dinner
# Of a plain table's time, of typst's, of our own part, of ten times the time, and MiB.
BOUNDS = {"naive": 0.3, "typst": 3.0, "own": 0.15, "linear": 1.25, "memory": 1024}
MODULES = {
    "ours": ("weasyprint", "canteen.reports.annexes", "core.reports.layout"),
    "naive": ("weasyprint", "core.reports.pdf"),
    "typst": ("typst", "core.reports.register_pages"),
}


def lines(diners: int) -> list[tuple[Any, ...]]:
    """Rows of a register of October 2026: invented people, the same every time."""
    dice = random.Random(diners)
    rows = []
    for n in range(diners):
        often = dice.random() < 0.4
        days = [
            dice.choice("0222222361") if often else dice.choice("000000000002") for _ in range(31)
        ]
        marks = "".join(days)
        eaten = [sum(int(day) >> bit & 1 for day in days) for bit in range(3)]
        visits = sum(eaten)
        delivered, taken = dice.randint(0, visits // 4), dice.randint(0, visits // 3)
        price = sum(count * fen for count, fen in zip(eaten, PRICES, strict=True))
        district, street = price // 4, price // 5
        name = SURNAMES[n % 20] + GIVEN[n * 7 % 22] + (GIVEN[(n * 13 + 5) % 22] if n % 5 else "")
        rows.append((
            n + 1, n + 1, name, f"1304991940{dice.randrange(10**7, 10**8)}", dice.randint(60, 99),
            (str(dice.randrange(8)),), str(n % 7), str(dice.randrange(7)),
            f"1990{dice.randrange(10**6, 10**7)}", marks, *eaten, visits - delivered - taken, taken, delivered,
            price, 0, 0, district, street, 0, 0, 0, district + street, price - district - street, 0,
        ))  # fmt: skip
    return rows


def invented(diners: int) -> Built:
    """A counted October 2026 with a headline and a register, and nothing else."""
    from core.clock import Month
    from core.reports.values import (
        Built,
        Column,
        Dataset,
        Figure,
        Kind,
        Line,
        Measure,
        Period,
        Table,
        Unit,
    )

    keys = [
        "person_id", "number", "name", "id_number", "age", "category", "registration", "residence", "phone",
        "marks", "breakfast", "lunch", "dinner", "dine_in", "taken", "delivered", "price_fen",
        "province_fen", "city_fen", "district_fen", "street_fen", "community_fen", "donation_fen",
        "operator_fen", "subsidy_fen", "copay_fen", "needs_review",
    ]  # fmt: skip
    labels = {"district_fen": "区级", "street_fen": "街道"}
    columns = tuple(
        Column(key, labels.get(key, key), Kind.SET if key == "category" else Kind.TEXT)
        for key in keys
    )
    homes = {str(n): name for n, name in enumerate(COMMUNITIES)}
    words = {
        "category": {str(n): name for n, name in enumerate(CATEGORIES)},
        "registration": homes, "residence": homes,
    }  # fmt: skip
    rows = tuple(lines(diners))
    register = Dataset("register", "用餐登记册", columns, rows, words)
    people = Dataset("people", "人员", columns[:4], tuple(row[:4] for row in rows))
    figures = {
        f"head.{key}": Figure(f"head.{key}", key, measure.of(register, rows), unit, "register", measure)
        for key, unit, measure in (
            ("people", Unit.PEOPLE, Measure("rows")), ("price", Unit.FEN, Measure("sum", "price_fen")),
            ("subsidy", Unit.FEN, Measure("sum", "subsidy_fen")),
        )
    }  # fmt: skip
    table = Table(
        "headline", "总表", "总表", "人、元", ("指标", "本期"),
        tuple(Line(figure.label, (key,)) for key, figure in figures.items()), is_public=True,
    )  # fmt: skip
    return Built(
        name="canteen", title="老年助餐服务报告", period=Period(Month(2026, 10)), scope="all",
        scope_name="全部助餐点", office="渚河路街道办事处", built_at=datetime(2026, 11, 2, tzinfo=UTC),
        figures=figures, headline=table, tables=(), charts=(), identities=(),
        datasets={"register": register, "people": people}, definitions=(), rules=(),
    )  # fmt: skip


def _app() -> Any:
    """An app that asks no database: for its templates, language and settings."""
    from wsgi import create_app

    folder = tempfile.mkdtemp(prefix="zhuhe-bench-")
    atexit.register(shutil.rmtree, folder)
    return create_app({"INSTANCE": folder})


def _ours(diners: int) -> Callable[[], tuple[bytes, float]]:
    from core.programme import programmes
    from core.reports import layout, pdf
    from core.reports.paper import Paper
    from core.reports.values import Output

    built, paper, app = invented(diners), Paper(Output.SUBMISSION), _app()
    inside: list[float] = []  # the time spent in WeasyPrint

    def timed(call: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*args: Any) -> Any:
            started = time.process_time()
            try:
                return call(*args)
            finally:
                inside.append(time.process_time() - started)

        return measured

    pdf.render, pdf.write_layers = timed(pdf.render), timed(pdf.write_layers)

    def make() -> tuple[bytes, float]:
        with app.app_context():
            inside.clear()
            started = time.process_time()
            content, _pages = layout.pdf_of(programmes()[0].reports[0], built, paper)
            return content, time.process_time() - started - sum(inside)

    return make


def _naive(diners: int) -> Callable[[], tuple[bytes, float]]:
    from core.reports import pdf

    marks = [row[9] for row in lines(diners)]

    def make() -> tuple[bytes, float]:
        rows = "".join(f"<tr>{''.join(f'<td>{day}' for day in days)}" for days in marks)
        style = (
            "@page { size: A4 landscape; margin: 15mm } td { padding: 0 } table { font-size: 8pt }"
        )
        head = '<link rel="stylesheet" href="/static/print.css">'
        return pdf.to_pdf(f"{head}<style>{style}</style><table>{rows}</table>"), 0.0

    return make


TYPST = """
#set page(paper: "a4", flipped: true, margin: (x: 15mm, top: 15mm, bottom: 16mm),
  footer: context align(right, text(14pt)[— #counter(page).display() —]))
#set text(font: "Noto Sans SC", size: 8pt, top-edge: "ascender", bottom-edge: "descender")
#set par(leading: 0mm)
#let data = json("data.json")
#let head = table.header(..data.head.map(c => table.cell(align: center + horizon, strong(c))))
#for (n, page) in data.pages.enumerate() {
  if n > 0 { pagebreak() }
  grid(columns: (1fr, 1fr, 1fr), data.office, align(center, text(14pt, strong(data.title))), align(right, data.unit))
  table(
    columns: data.widths.map(w => w * 1mm), rows: (12.6mm,) + (7mm,) * (page.rows.len() + 3),
    inset: (x, y) => (x: data.inset.at(x) * 1mm, y: 0mm), stroke: .14mm,
    align: (x, y) => (left, center, right).at(data.align.at(x)) + horizon, head, ..page.rows.flatten(),
    ..page.sums.map(row => (
      table.cell(colspan: data.label, align: center + horizon, row.at(0)), ..row.slice(1))).flatten(),
  )
  for line in data.legend { text(7.5pt, line); linebreak() }
}
"""


def _typst(diners: int) -> Callable[[], tuple[bytes, float]]:
    import typst as compiler

    from canteen.reports.annexes import annexes
    from core.reports import register_places as at
    from core.reports.paper import Paper
    from core.reports.register import Blank, Marks, Numbers, sums
    from core.reports.values import Output

    built, app = invented(diners), _app()

    def make() -> tuple[bytes, float]:
        with app.app_context():
            register = annexes(built, Paper(Output.SUBMISSION)).registers[0]
        places = at.placed(register)
        # One entry a column of typst's table: the days of a month are a column each.
        columns: list[tuple[str, float, float, int, Callable[[int], str]]] = []
        for place in places:
            column, head = place.column, "\n".join(place.heads)
            if isinstance(column, Marks):
                columns += [
                    (label, place.width / len(column.labels), 0.0, 1,
                     lambda row, c=column, n=n: c.cells[row][n].replace("0", "·"))
                    for n, label in enumerate(column.labels)
                ]  # fmt: skip
            elif isinstance(column, Numbers):
                columns.append((head, place.width, 0.7, 2, partial(_numbers_of, column)))
            elif isinstance(column, Blank):
                columns.append((head, place.width, 0.7, 0, lambda _row: ""))
            else:
                columns.append((head, place.width, 0.7, 0, partial(_texts_of, column)))
        first_sum = next(n for n, place in enumerate(places) if place.is_summed)
        rest = [place.column for place in places[first_sum:]]

        def total(label: str, first: int, last: int) -> list[str]:
            cells = (
                _number_text(sums(c, first, last), c.unit) if isinstance(c, Numbers) else ""
                for c in rest
            )
            return [label, *cells]

        def page(first: int, last: int) -> dict[str, Any]:
            return {
                "rows": [[text(n) for *_, text in columns] for n in range(first, last)],
                "sums": [total("承前页", 0, first), total("本页小计", first, last), total("累计", 0, last)],
            }  # fmt: skip

        step = at.rows_of(register)
        data = {
            "head": [each[0] for each in columns], "widths": [each[1] for each in columns],
            "inset": [each[2] for each in columns], "align": [each[3] for each in columns],
            "label": len(columns) - len(rest), "office": built.office, "title": register.title,
            "unit": register.unit, "legend": register.legend,
            "pages": [page(n, min(n + step, diners)) for n in range(0, diners, step)],
        }  # fmt: skip
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "data.json").write_text(json.dumps(data))
            (folder / "main.typ").write_text(TYPST)
            fonts = [ROOT / "static" / "fonts"]
            made = compiler.compile(folder / "main.typ", font_paths=fonts, ignore_system_fonts=True)
            return made, 0.0

    return make


def _number_text(values: Sequence[int | None], unit: Any) -> str:
    from core.reports.register import number_text

    return "\n".join(number_text(value, unit) for value in values)


def _numbers_of(column: Any, row: int) -> str:
    return _number_text(column.cells[row], column.unit)


def _texts_of(column: Any, row: int) -> str:
    return "\n".join(column.cells[row])


ENGINES = {"ours": _ours, "naive": _naive, "typst": _typst}


def measure(engine: str, diners: int, keep: str | None) -> None:
    """Child process: print load, first and again in seconds, our own share of first and again, the size
    in bytes and the peak of memory in MiB."""
    sys.path.insert(0, str(ROOT))
    started = time.process_time()
    for module in MODULES[engine]:
        importlib.import_module(module)
    load = time.process_time() - started
    times, shares, content = [load], [], b""
    # One person more the second time: typst would remember the very same register.
    for more in range(2):
        make = ENGINES[engine](diners + more)
        started = time.process_time()
        content, own = make()
        times.append(time.process_time() - started)
        shares.append(own / times[-1])
    if keep:
        Path(keep).write_bytes(content)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([*times, *shares, len(content), memory]))


def _run(engine: str, diners: int, keep: str | None = None) -> list[float]:
    command = [sys.executable, "-m", "bench.reports", "--measure", engine, "--diners", str(diners)]
    command += ["--keep", keep] if keep else []
    child = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return json.loads(child.stdout)  # type: ignore[no-any-return]


def main() -> None:
    """Run the rounds and print the ratios; exit 1 when a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--diners", type=int, default=400)
    parser.add_argument("--measure", choices=tuple(ENGINES), help=argparse.SUPPRESS)
    parser.add_argument("--keep", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.measure, options.diners, options.keep)
        return
    seen: dict[str, list[list[float]]] = {engine: [] for engine in ENGINES}
    for _ in range(options.rounds):
        for engine, rows in seen.items():
            rows.append(_run(engine, options.diners))
    medians = {
        engine: [statistics.median(column) for column in zip(*rows, strict=True)]
        for engine, rows in seen.items()
    }
    print(f"register of {options.diners} diners, medians of {options.rounds} interleaved rounds")
    for engine, (load, first, again, *_shares, size, memory) in medians.items():
        times = f"load {load:5.2f} s   first {first:5.2f} s   again {again:5.2f} s"
        print(f"  {engine:6} {times}   {size / 1024:5.0f} KB   {memory:4.0f} MiB")
    ours = medians["ours"]
    many = _run("ours", options.diners * 10)
    found = {
        "naive": max(ours[n] / medians["naive"][n] for n in (1, 2)),
        "typst": max(ours[n] / medians["typst"][n] for n in (1, 2)),
        "own": max(ours[3:5]), "linear": many[2] / ours[2] / 10, "memory": many[-1],
    }  # fmt: skip
    print(f"  {options.diners * 10} diners: again {many[2]:.1f} s, {many[-1]:.0f} MiB")
    for name, value in found.items():
        print(f"  {name:7} {value:8.2f}   (bound {BOUNDS[name]})")
    sys.exit(any(value > BOUNDS[name] for name, value in found.items()))


if __name__ == "__main__":
    main()
