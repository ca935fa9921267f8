"""A counted report as paper: HTML, PDF, and whether the fonts have every character of it.

A PDF is made in layers, because WeasyPrint pays for every line: the head, the lines and the legend of a
register are laid out once and put under each of its pages.

One template serves the PDF and the preview on the screen. On paper a report is always in Chinese:
`html_of` and `pdf_of` see to that for their own words, and whoever counts a report that shall be printed
counts it in Chinese. A preview (`view_of`) speaks the language of the screen.

All of it needs an app context: for the language, the templates, and the smallest number for the wall.
"""

from collections.abc import Callable, Iterator

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from jinja2 import StrictUndefined

from core.reports import pdf
from core.reports.paper import Paper
from core.reports.printed import View, in_words
from core.reports.register_pages import Sheets, lay_out
from core.reports.registry import ReportKind
from core.reports.values import Built

Progress = Callable[[int, int], None]
LANGUAGE = "zh_Hans"
# So many pages of a register are laid out at a time; between batches a job may be cancelled.
_BATCH = 20
_FONTS = ("NotoSansSC_400Regular.ttf", "NotoSerifSC_400Regular.ttf")


def view_of(kind: ReportKind, built: Built, paper: Paper) -> View:
    """The report in plain words, for the macro `report_body` (reports/paper/_body.html)."""
    return in_words(built, paper, kind.annexes(built, paper))


def html_of(kind: ReportKind, built: Built, paper: Paper) -> str:
    """The report but its registers as one page of HTML, for `pdf.render`."""
    with force_locale(LANGUAGE):
        return _html(kind.template, view=view_of(kind, built, paper))


def pdf_of(
    kind: ReportKind, built: Built, paper: Paper, progress: Progress | None = None
) -> tuple[bytes, int]:
    """The bytes of the PDF and how many pages it has. Takes seconds: for a job, never for a request.

    progress(done, total) is called as the pages of registers are laid out and may raise to stop.
    Raises PdfUnavailable where Pango is missing.
    """
    with force_locale(LANGUAGE):
        view = view_of(kind, built, paper)
        front = pdf.render(_html(kind.template, view=view))
        stacks = [[pdf.Layer(page)] for page in front.pages]
        for register in view.annexes.registers:
            stacks += _register(lay_out(register), view, len(stacks), progress)
    return pdf.write_layers(front, stacks), len(stacks)


def _register(
    sheets: Sheets, view: View, pages_before: int, progress: Progress | None
) -> Iterator[list[pdf.Layer]]:
    """The pages of a register: each on the form for as many rows as it has."""
    forms = pdf.render(_html("reports/paper/forms.html", sheets=sheets, view=view))
    form_of = {
        form.rows: pdf.Layer(page) for form, page in zip(sheets.forms, forms.pages, strict=True)
    }
    for start in range(0, len(sheets.pages), _BATCH):
        batch = list(enumerate(sheets.pages[start : start + _BATCH], start + pages_before + 1))
        rows = pdf.render(_html("reports/paper/rows.html", sheets=sheets, batch=batch))
        for (_number, page), laid_out in zip(batch, rows.pages, strict=True):
            yield [form_of[page.rows], pdf.Layer(laid_out)]
        if progress:
            progress(min(start + _BATCH, len(sheets.pages)), len(sheets.pages))


def _html(name: str, **values: object) -> str:
    # Plain values and nothing of a request; a name that is not there is an error, not a gap.
    environment = current_app.extensions.get("zhuhe_paper")
    if environment is None:
        environment = current_app.jinja_env.overlay(undefined=StrictUndefined)
        current_app.extensions["zhuhe_paper"] = environment
    return str(environment.get_template(name).render(**values))


def missing_glyphs(built: Built, paper: Paper) -> tuple[tuple[str, str], ...]:
    """What cannot be printed: (a person's name, or what a text is called; the characters).

    A character is missing when none of the packaged fonts has it. The issue then stops: an empty box
    is no name. What is to be done: write the name in the record with a character that exists in
    GB 18030 and Unicode (many rare ones were entered from a private area), or have a font with it
    packaged.
    """
    people = built.datasets.get("people")
    names = [row[people.place("name")] for row in people.rows] if people else []
    texts = [(name, name) for name in dict.fromkeys(names)]
    texts += [
        (_("Summary of work"), paper.summary), (_("Typical cases"), paper.cases),
        (_("Receiver"), paper.receiver), (_("Office"), built.office), *paper.explanations,
    ]  # fmt: skip
    found = ((label, _lacking(text)) for label, text in texts)
    return tuple((label, lacking) for label, lacking in found if lacking)


def _lacking(text: str) -> str:
    shown = pdf.visible(text)
    for font in _FONTS:
        shown = "".join(pdf.missing_glyphs(shown, font))
    return shown
