"""400 cards, both sides, as one PDF: our time against typst's for the same sheet.

    .venv/bin/python bench/cards.py [--rounds 5] [--cards 400]

Every measurement is a fresh process, the two take turns, and the medians are compared. `load` is
what the imports take, `first` the sheet from names and ids to finished bytes in that fresh process
(codes, symbols and reading the fonts included), `again` the same once more, as a worker does it.
Both sides get the same people, make codes and symbols by the same functions, and use the same fonts.
"""

from __future__ import annotations

import argparse
import importlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "秀英桂兰玉珍淑华凤美素香建国志强文明永德福贵"
BOUND = 2.2
MODULES = {
    "ours": ("weasyprint", "core.people.cards.sheets"),
    "typst": ("typst", "core.people.cards.symbol"),
}

TYPST = """
#set page(paper: "a4", margin: 0mm)
#set text(font: "Noto Sans SC", size: 10.5pt, top-edge: "ascender", bottom-edge: "descender")
#set par(leading: 1.2mm)
#let data = json("data.json")
#let w = data.wording
#let marks = {
  for x in (20mm, 105mm, 190mm) {
    for y in (5mm, 285.5mm) { place(dx: x, dy: y, line(angle: 90deg, length: 6.5mm, stroke: .15mm)) }
  }
  for n in range(6) {
    for x in (9mm, 193mm) {
      place(dx: x, dy: 14.125mm + n * 53.75mm, line(length: 8mm, stroke: .15mm))
    }
  }
}
#let front(n, card) = {
  place(dx: 5mm, dy: 3mm, strong(w.office))
  place(dx: 68mm, dy: 3mm, w.title)
  place(dx: 5mm, dy: 7.8mm, line(length: 75mm, stroke: .5mm))
  place(dx: 5mm, dy: 15mm, text(size: 18pt, weight: 700, card.at(0)))
  place(dx: 5mm, dy: 36mm, card.at(1))
  place(dx: 53.75mm, dy: 13.75mm,
    image(str(n) + ".png", width: 26.25mm, height: 26.25mm, scaling: "pixelated"))
  place(dx: 5mm, dy: 46mm, text(size: 12pt, weight: 700, w.phone))
}
#let back = pad(x: 5mm, y: 4mm, {
  set text(size: 12pt)
  strong(w.how_title)
  for line in w.how [ \\ #line ]
  parbreak()
  strong(w.lost_title)
  for line in w.lost [ \\ #line ]
  place(bottom, dy: -1mm, text(size: 10.5pt, w.found))
})
#let slots(body) = for at in range(10) {
  place(dx: 20mm + 85mm * calc.rem(at, 2), dy: 14.125mm + 53.75mm * calc.quo(at, 2),
    box(width: 85mm, height: 53.75mm, body(at)))
}
#let sheets = calc.ceil(data.cards.len() / 10)
#for sheet in range(sheets) {
  page({
    marks
    slots(at => {
      let n = sheet * 10 + at
      if n < data.cards.len() { front(n, data.cards.at(n)) }
    })
    place(dx: 24mm, dy: 286mm, text(size: 7.5pt)[#(sheet + 1) / #sheets])
  })
  page({ marks; slots(at => back) })
}
"""


def people(count: int) -> list[tuple[str, str]]:
    """Invented names with the codes of their cards."""
    from core.people.card_code import make_code

    return [
        (
            SURNAMES[n % 20] + GIVEN[n * 7 % 22] + (GIVEN[(n * 13 + 5) % 22] if n % 5 else ""),
            make_code(b"benchmark only, not a real key..", n + 1, 1),
        )
        for n in range(count)
    ]


def wording() -> dict[str, object]:
    """The words on the card, as the product prints them by default."""
    return {
        "office": "渚河路街道办事处",
        "title": "服务卡",
        "phone": "电话 0310-3110000",
        "how_title": "怎样用卡",
        "how": (
            "1. 用餐、上课时,把二维码对准扫码处。",
            "2. 一人一卡,请不要转借。",
            "3. 忘带卡,报姓名也能登记。",
        ),
        "lost_title": "卡丢了怎么办",
        "lost": ("马上打 0310-3110000,或告诉窗口。", "旧卡立即停用,免费补办新卡。"),
        "found": "拾到此卡,请交渚河路街道办事处,谢谢!",
        "sheet": "第 {number} 张,共 {total} 张",
    }


def ours(count: int) -> bytes:
    """The sheet as the product makes it."""
    from core.people.cards.sheets import Face, Wording, render_sheets

    faces = [Face(name, code) for name, code in people(count)]
    return render_sheets(faces, Wording(**wording()))  # type: ignore[arg-type]


def typst(count: int) -> bytes:
    """The same sheet by typst."""
    import typst as compiler

    from core.people.card_code import grouped
    from core.people.cards import symbol

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cards = people(count)
        for n, (_, code) in enumerate(cards):
            (folder / f"{n}.png").write_bytes(symbol.to_png(symbol.lines(code)))
        data = {"cards": [(name, grouped(code)) for name, code in cards], "wording": wording()}
        (folder / "data.json").write_text(json.dumps(data))
        (folder / "main.typ").write_text(TYPST)
        return compiler.compile(
            folder / "main.typ", font_paths=[ROOT / "static" / "fonts"], ignore_system_fonts=True
        )


def measure(engine: str, count: int, keep: str | None) -> None:
    """Child process: print the seconds of load, first and again, and the size in bytes."""
    sys.path.insert(0, str(ROOT))
    make = {"ours": ours, "typst": typst}[engine]
    started = time.perf_counter()
    for module in MODULES[engine]:
        importlib.import_module(module)
    times = [time.perf_counter() - started]
    for _ in range(2):
        started = time.perf_counter()
        result = make(count)
        times.append(time.perf_counter() - started)
    if keep:
        Path(keep).write_bytes(result)
    print(json.dumps([*times, len(result)]))


def main() -> None:
    """Run the rounds and print the ratios; exit 1 when the bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cards", type=int, default=400)
    parser.add_argument("--measure", choices=("ours", "typst"), help=argparse.SUPPRESS)
    parser.add_argument("--keep", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.measure, options.cards, options.keep)
        return
    seen: dict[str, list[list[float]]] = {"ours": [], "typst": []}
    for _ in range(options.rounds):
        for engine, rows in seen.items():
            command = [sys.executable, __file__, "--measure", engine, "--cards", str(options.cards)]
            child = subprocess.run(command, check=True, capture_output=True, text=True)
            rows.append(json.loads(child.stdout))
    medians = {
        e: [statistics.median(column) for column in zip(*rows, strict=True)]
        for e, rows in seen.items()
    }
    print(f"{options.cards} cards, both sides, medians of {options.rounds} interleaved rounds")
    for engine, (load, first, again, size) in medians.items():
        times = f"load {load:5.2f} s   first {first:5.2f} s   again {again:5.2f} s"
        print(f"  {engine:6} {times}   {size / 1024:5.0f} KB")
    ratios = [o / t for o, t in zip(medians["ours"][1:3], medians["typst"][1:3], strict=True)]
    print(
        f"  ratio                 first {ratios[0]:5.2f}     again {ratios[1]:5.2f}     (bound {BOUND})"
    )
    sys.exit(max(ratios) > BOUND)


if __name__ == "__main__":
    main()
