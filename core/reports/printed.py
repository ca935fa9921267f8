"""A counted report in words: titles, chapters, tables of text. Templates only place them.

What a paper may say is decided here and in the programme's annexes. 公示版 has the tables marked as
public with small numbers hidden, the definitions and the list of names in part: no texts, which name
people, no chart, from which small numbers can be read, no rules, whose names tell categories, and
nothing of the office's own checks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from core import clock
from core.qr import symbol_of
from core.reports import charts, suppression
from core.reports.paper import Paper, printed
from core.reports.register import Annexes, Listing
from core.reports.values import Built, Chart, Line, Output, Table, Unit
from core.reports.words import period_words, revision_words
from core.show import clock_time, full_day

NOTHING = "—"
_DIGEST_HEAD = 16


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a table. key: of the figure, for links. is_whole: a whole number in a column of
    amounts, which ends where their points stand."""

    text: str
    key: str | None = None
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    label: str
    cells: tuple[Cell, ...]
    is_total: bool


@dataclass(frozen=True, slots=True)
class TableView:
    """A table. number: within the report; amounts: which columns hold any; notes: below it."""

    number: int
    caption: str
    unit: str
    head: tuple[str, ...]
    amounts: tuple[bool, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChartView:
    """A chart as an image. begins_page: all but the first, so that no page has two."""

    number: int
    caption: str
    unit: str
    image: str
    begins_page: bool


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter; what it has not is not printed. items: numbered 1. 2. 3."""

    number: str
    title: str
    paragraphs: tuple[str, ...] = ()
    charts: tuple[ChartView, ...] = ()
    tables: tuple[TableView, ...] = ()
    items: tuple[str, ...] = ()
    listings: tuple[Listing, ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """How a reader finds out whether the paper is genuine. symbol: a QR code as an image, or empty."""

    code: str
    symbol: str
    digest_head: str
    phone: str


@dataclass(frozen=True, slots=True)
class View:
    """A report in words. marks: top left and right of page one. watermark: across every page, or empty.
    signers: what for, and who where that is known. facts: how it came about, label and value."""

    title: str
    office: str
    scope: str
    period: str
    marks: tuple[str, str]
    watermark: str
    receiver: str
    headline: TableView
    chapters: tuple[Chapter, ...]
    signers: tuple[tuple[str, str], ...]
    issued_on: str
    complaint: str
    verification: Verification | None
    facts: tuple[tuple[str, str], ...]
    annexes: Annexes


def in_words(built: Built, paper: Paper, annexes: Annexes) -> View:
    """The report in the words of the language at hand."""
    writer = _Writer(built, paper)
    headline = writer.table(built.headline)
    return View(
        title=built.title, office=built.office, scope=built.scope_name,
        period=period_words(built.period), marks=_marks(paper), watermark=_watermark(paper),
        receiver="" if writer.is_public else paper.receiver, headline=headline,
        chapters=tuple(writer.chapters(annexes.listings)), signers=_signers(paper),
        issued_on=full_day(clock.service_day(paper.issued_at)) if paper.issued_at else "",
        complaint=paper.complaint_phone if writer.is_public else "",
        verification=_verification(paper), facts=tuple(_facts(built, paper)), annexes=annexes,
    )  # fmt: skip


class _Writer:
    """Numbers the chapters, tables and charts of one paper as they come."""

    def __init__(self, built: Built, paper: Paper) -> None:
        self.built, self.paper = built, paper
        self.is_public = paper.output is Output.PUBLIC
        minimum = current_app.config["SMALL_CELL_MINIMUM"]
        self.hidden = suppression.hidden(built, minimum) if self.is_public else frozenset()
        self.tables, self.charts, self.chapter_count = 0, 0, 0

    # ---------- chapters ----------

    def chapters(self, listings: tuple[Listing, ...]) -> Iterator[Chapter]:
        """Texts, the tables by section, and what explains them."""
        built, paper = self.built, self.paper
        if not self.is_public:
            for title, text in (
                (_("Summary of work"), paper.summary), (_("Typical cases"), paper.cases),
            ):  # fmt: skip
                if text.strip():
                    yield self._chapter(title, paragraphs=_paragraphs(text))
        yield from self._sections()
        if paper.output is Output.ARCHIVE:
            yield from self._for_the_files(listings)
        yield self._chapter(_("What the figures mean"), items=built.definitions)
        if built.rules and not self.is_public:
            yield self._chapter(_("Rules applied"), items=built.rules)

    def _chapter(self, title: str, **parts: Any) -> Chapter:
        self.chapter_count += 1
        return Chapter(chinese(self.chapter_count), title, **parts)

    def _sections(self) -> Iterator[Chapter]:
        tables = [table for table in self.built.tables if table.is_public or not self.is_public]
        drawn = [] if self.is_public else [
            chart for chart in self.built.charts if not charts.is_blank(chart, self.built.figures)
        ]  # fmt: skip
        sections = [*(table.section for table in tables), *(chart.section for chart in drawn)]
        for section in dict.fromkeys(sections):
            yield self._chapter(
                section,
                charts=tuple(self._chart(each) for each in drawn if each.section == section),
                tables=tuple(self.table(each) for each in tables if each.section == section),
            )

    def _for_the_files(self, listings: tuple[Listing, ...]) -> Iterator[Chapter]:
        identities = self.built.identities
        if identities:
            rows = tuple(
                (str(number), each.sentence, printed(each.left, each.unit), printed(each.right, each.unit),
                 _("agrees") if each.holds else _("does not agree"))
                for number, each in enumerate(identities, 1)
            )  # fmt: skip
            head = (_("No."), _("What must agree"), _("Left"), _("Right"), _("Result"))
            yield self._chapter(
                _("Figures that must agree"),
                listings=(Listing("", head, rows, frozenset({2, 3})),),
            )
        if self.paper.explanations:
            items = tuple(
                _("%(what)s: %(text)s", what=title, text=text)
                for title, text in self.paper.explanations
            )
            yield self._chapter(_("Findings and their explanations"), items=items)
        for listing in listings:
            yield self._chapter(listing.title, listings=(listing,))

    # ---------- tables and charts ----------

    def table(self, table: Table) -> TableView:
        """A table with its number; what is hidden is a star."""
        self.tables += 1
        amounts = tuple(
            any(self._unit(line.cells[place]) is Unit.FEN for line in table.lines)
            for place in range(len(table.head) - 1)
        )
        rows = tuple(self._row(line, amounts) for line in table.lines)
        notes = [table.note] if table.note else []
        if any(cell.text == suppression.HIDDEN for row in rows for cell in row.cells):
            notes.append(_("%(sign)s concerns a few people only, or would tell about them, and is not "
                           "published.", sign=suppression.HIDDEN))  # fmt: skip
        return TableView(
            self.tables, table.caption, table.unit, table.head, amounts, rows, tuple(notes)
        )

    def _unit(self, key: str | None) -> Unit | None:
        return None if key is None else self.built.figures[key].unit

    def _row(self, line: Line, amounts: tuple[bool, ...]) -> Row:
        cells = tuple(
            self._cell(key, among) for key, among in zip(line.cells, amounts, strict=True)
        )
        return Row(line.label, cells, line.is_total)

    def _cell(self, key: str | None, among_amounts: bool) -> Cell:
        if key is None:
            return Cell(NOTHING, None, among_amounts)
        if key in self.hidden:
            return Cell(suppression.HIDDEN, None, among_amounts)
        figure = self.built.figures[key]
        is_whole = among_amounts and figure.unit is not Unit.FEN
        return Cell(printed(figure.value, figure.unit), key, is_whole)

    def _chart(self, chart: Chart) -> ChartView:
        self.charts += 1
        image = charts.to_data_url(charts.svg_of(chart, self.built.figures))
        return ChartView(self.charts, chart.caption, chart.unit, image, self.charts > 1)


def chinese(number: int) -> str:
    """1 → 一, 12 → 十二, 20 → 二十; up to 99, as chapters are numbered."""
    digits = "〇一二三四五六七八九"
    tens, units = divmod(number, 10)
    if not tens:
        return digits[units]
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[units] if units else "")


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _marks(paper: Paper) -> tuple[str, str]:
    output = {
        Output.SUBMISSION: _("Version for the bureau"), Output.ARCHIVE: _("Version for the files"),
        Output.PUBLIC: _("Version for the notice board"),
    }[paper.output]  # fmt: skip
    left = "" if paper.output is Output.PUBLIC else _("Internal")
    right = output if paper.revision == 1 else f"{output} {revision_words(paper.revision)}"
    return left, right


def _watermark(paper: Paper) -> str:
    if paper.is_preview:
        return _("Preview, not issued")
    if paper.full_ids and paper.output is not Output.PUBLIC:
        return _(
            "Whole ID numbers, for this purpose only: %(reason)s", reason=paper.full_ids_reason
        )
    return ""


def _signers(paper: Paper) -> tuple[tuple[str, str], ...]:
    if paper.output is Output.PUBLIC:
        return ()
    return (
        (_("Person in charge"), ""), (_("Reviewed by"), paper.reviewed_by),
        (_("Filled in by"), paper.issued_by),
    )  # fmt: skip


def _verification(paper: Paper) -> Verification | None:
    if not (paper.code or paper.digest):
        return None
    symbol = symbol_of(paper.verify_url) if paper.verify_url else ""
    return Verification(paper.code, symbol, paper.digest[:_DIGEST_HEAD], paper.phone)


def _facts(built: Built, paper: Paper) -> Iterator[tuple[str, str]]:
    if paper.issued_at:
        issued = full_day(clock.service_day(paper.issued_at))
        yield _("Report issued at"), f"{issued} {clock_time(paper.issued_at)}"
    counted = full_day(clock.service_day(built.built_at))
    yield _("Counted at"), f"{counted} {clock_time(built.built_at)}"
    if paper.code:
        yield _("Code of verification"), paper.code
    if paper.digest:
        yield _("SHA-256 of all figures and rows"), paper.digest
    if paper.audit_head:
        yield _("Head of the log at issue"), paper.audit_head
