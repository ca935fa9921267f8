"""Forms of the reports: filters of the list, a draft to open, texts, explanations, steps of the life."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FileField,
    HiddenField,
    IntegerField,
    SelectField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from core.clock import Month, service_day
from core.forms import FilterForm, any_or, choices_of, day_field, select_field, stripped, text_field
from core.reports.models import Report
from core.reports.registry import report_kinds
from core.reports.sample import MOST, SEEDS
from core.reports.values import ALL, Period, PeriodKind, ReportState
from core.reports.words import PERIOD_KIND, STATE, period_words
from core.sites.models import Site

MONTHS_BACK = 24


class ReportFilter(FilterForm):
    """Filters of the list."""

    year = select_field(_l("Year"), str)
    name = select_field(_l("Report"), str)
    span = select_field(_l("Kind of period"), PeriodKind)
    state = select_field(_l("State"), ReportState)

    def __init__(self, years: Sequence[str]) -> None:
        self._years = years
        super().__init__()

    def validate(self, extra_validators: Any = None) -> bool:
        kinds = report_kinds().values()
        self.year.choices = any_or([SelectChoice(year) for year in self._years], _l("All"))
        self.name.choices = any_or(
            [SelectChoice(each.name, each.title) for each in kinds], _l("All")
        )
        self.span.choices = any_or(choices_of(PERIOD_KIND), _l("All"))
        states = [SelectChoice(state.value, word) for state, (_mark, word) in STATE.items()]
        self.state.choices = any_or(states, _l("All"))
        return bool(super().validate(extra_validators))


# Room for what stands on one page of paper.
MAX_TEXT = 8000


class OpenForm(FlaskForm):
    """Which period of which report to open a draft for."""

    period = SelectField(_l("Reporting period"), coerce=str)
    what = SelectField(_l("Report and scope"), coerce=str)

    def __init__(self, sites: Iterable[Site], today: date, **more: Any) -> None:
        super().__init__(**more)
        self.period.choices = _period_choices(today)
        self.what.choices = [
            SelectChoice(f"{kind.name}:{scope}", label, optgroup=str(kind.title))
            for kind in report_kinds().values()
            for scope, label in (
                (ALL, kind.everywhere),
                *((site.slug, _site_name(site)) for site in sites if site.kind is kind.site_kind),
            )
        ]
        if not self.period.raw_data:
            self.period.data = str(Month.of(today).previous())

    @property
    def name(self) -> str:
        return str(self.what.data).partition(":")[0]

    @property
    def scope(self) -> str:
        return str(self.what.data).partition(":")[2]


def _site_name(site: Site) -> Any:
    # The months in which it was in use are still to be accounted for.
    return site.name if site.is_active else _l("%(site)s (not in use)", site=site.name)


def _period_choices(today: date) -> list[SelectChoice]:
    """Periods that have begun, newest first: months of two years, longer ones of the same time."""
    month, months = Month.of(today), list[Month]()
    while len(months) < MONTHS_BACK:
        months.append(month)
        month = month.previous()
    periods = [Period(each) for each in months]
    for kind, step in ((PeriodKind.QUARTER, 3), (PeriodKind.HALF, 6), (PeriodKind.YEAR, 12)):
        periods += [Period(each, kind) for each in months if (each.month - 1) % step == 0]
    return [
        SelectChoice(str(period), period_words(period), optgroup=str(PERIOD_KIND[period.kind]))
        for period in periods
    ]


class TextsForm(FlaskForm):
    """What people write into a report until its issue."""

    receiver = text_field(_l("Receiver"), 64, required=False,
                          description=_l("The authority that it is handed in to, as printed on it"))  # fmt: skip
    summary = TextAreaField(_l("Summary of the work"), [Optional(), Length(max=MAX_TEXT)],
                            description=_l("Stands in the report in your own words."))  # fmt: skip
    cases = TextAreaField(_l("Typical cases"), [Optional(), Length(max=MAX_TEXT)],
                          description=_l("Without full names; not on the notice board."))  # fmt: skip


class FullIdsForm(FlaskForm):
    """Why the version for the bureau needs whole ID numbers."""

    reason = text_field(_l("Reason"), 200)


class ExplanationForm(FlaskForm):
    """Why a finding is as it is: about the rows that were shown."""

    code = HiddenField(validators=[DataRequired(), Length(max=32)])
    rows_digest = HiddenField(validators=[DataRequired(), Length(min=64, max=64)])
    text = TextAreaField(_l("Explanation"), [DataRequired(), Length(max=2000)], filters=[stripped])


class ReviewForm(FlaskForm):
    """What was shown to the reviewer, and whether whole ID numbers are granted."""

    digest = HiddenField(validators=[DataRequired(), Length(min=64, max=64)])
    shown_at = HiddenField(validators=[DataRequired(), Length(max=40)])
    grant_full_ids = BooleanField(_l("Let the version for the bureau show whole ID numbers"))

    @property
    def moment(self) -> datetime | None:
        """When the report was last changed, as the page showed it; None for what is no moment."""
        try:
            return datetime.fromisoformat(self.shown_at.data or "")
        except ValueError:
            return None


class ReasonForm(FlaskForm):
    """Why a step is taken back, or a revision is needed."""

    reason = text_field(_l("Reason"), 200)


class SignatureForm(FlaskForm):
    """The scan of the signed and stamped page."""

    scan = FileField(_l("Scan of the signed and stamped page"),
                     render_kw={"accept": "image/jpeg,image/png,application/pdf"})  # fmt: skip
    note = text_field(_l("Note"), 200, required=False)

    def content(self) -> bytes:
        """The bytes of the file; none when no file was chosen."""
        return self.scan.data.read() if getattr(self.scan.data, "filename", "") else b""


class SubmissionForm(FlaskForm):
    """To whom it was handed in, and on which day."""

    receiver = text_field(_l("Handed in to"), 64)
    on = day_field(_l("On"))
    note = text_field(_l("Note"), 200, required=False,
                      description=_l("Who took it, a number of receipt"))  # fmt: skip


class ClosingForm(FlaskForm):
    """What the receiver said when it was concluded."""

    note = text_field(_l("Note"), 200, required=False)


class ReturnForm(FlaskForm):
    """Why the receiver gave it back."""

    note = text_field(_l("Why it was returned"), 200)


def step_forms(report: Report, now: datetime, sent: dict[str, Any]) -> dict[str, Any]:
    """The forms of all steps by the name of their part of the page; `sent` is shown as it was sent."""
    fresh: dict[str, Any] = {
        "withdrawal": ReasonForm(prefix="withdrawal", formdata=None),
        "signature": SignatureForm(prefix="signature", formdata=None),
        "submission": SubmissionForm(prefix="submission", formdata=None, receiver=report.receiver,
                                     on=service_day(now)),
        "closing": ClosingForm(prefix="closing", formdata=None),
        "return_form": ReturnForm(prefix="return", formdata=None),
        "revision": ReasonForm(prefix="revision", formdata=None),
    }  # fmt: skip
    return fresh | sent


class SampleForm(FlaskForm):
    """How many rows an audit draws, and with which seed."""

    count = IntegerField(_l("Rows to draw"), [InputRequired(), NumberRange(1, MOST)], default=20)
    seed = IntegerField(
        _l("Seed"), [InputRequired(), NumberRange(0, SEEDS - 1)],
        description=_l("Up to six digits. Let the auditor name it, or keep the one proposed; the same "
                       "seed draws the same rows again."),
    )  # fmt: skip
