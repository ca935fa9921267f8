"""Forms about one learner: registration, needs, skills, hardship."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from core.accounts.models import User
from core.forms import (
    CheckboxField,
    ClockField,
    YuanField,
    any_or,
    choices_of,
    day_field,
    ends_before_start,
    select_field,
    stripped,
    text_field,
    weekday_choices,
)
from core.sites.models import Site
from workshop import words
from workshop.models import HardshipCategory, NeedsAssessment, Skill
from workshop.values import (
    Basis,
    Mobility,
    Needs,
    Reach,
    SkillLevel,
    SkillSource,
    WorkerKind,
)


def note_field(label: Any, **more: Any) -> TextAreaField:
    """Some lines of free text, at most 500 characters."""
    return TextAreaField(label, [Length(max=500)], filters=[stripped], **more)


class LearnerForm(FlaskForm):
    """Where she belongs and who follows her."""

    home_site_id = SelectField(_l("Workshop"), [InputRequired()], coerce=int)
    coordinator_id = select_field(
        _l("Coordinator"), int,
        description=_l("Who follows her from the first talk to the follow-ups."),
    )  # fmt: skip
    unemployed_since = day_field(
        _l("Without work since"), required=False,
        description=_l("Leave it empty when she works or it is not known."),
    )  # fmt: skip
    worker_kind = SelectField(
        _l("Counts for retirement as"), coerce=WorkerKind,
        description=_l("It only matters whether she has reached retirement age. In doubt: worker."),
    )  # fmt: skip
    note = note_field(_l("Note"), description=_l("Only the office and coordinators see it."))

    def __init__(self, sites: Sequence[Site], coordinators: Sequence[User], **more: Any) -> None:
        super().__init__(**more)
        self.home_site_id.choices = [SelectChoice(str(site.id), site.name) for site in sites]
        self.coordinator_id.choices = any_or(
            [SelectChoice(str(row.id), row.display_name) for row in coordinators], _l("nobody yet")
        )
        self.worker_kind.choices = choices_of(words.WORKER_KIND)


class RegisterForm(LearnerForm):
    on = day_field(_l("Registered on"))


class EndLearnerForm(FlaskForm):
    on = day_field(_l("Last day"))
    reason = text_field(_l("Reason"), 128)


class HardshipForm(FlaskForm):
    """One hardship from a day on."""

    category_id = SelectField(_l("Kind of hardship"), [InputRequired()], coerce=int)
    basis = SelectField(_l("Known by"), coerce=Basis)
    from_on = day_field(_l("Since"))
    until_on = day_field(
        _l("Valid until"), required=False,
        description=_l("The last day. Leave it empty when the paper has no end."),
    )  # fmt: skip
    certified_by = StringField(  # needed or not by what is chosen above, so never skipped as optional
        _l("Certified by"), [Length(max=64)], filters=[stripped],
        description=_l("For example: civil affairs bureau. Only for what is certified."),
    )  # fmt: skip
    evidence = note_field(
        _l("Evidence"),
        description=_l("Which paper was seen: its kind, number and issuer, and where the copy is kept."),
    )  # fmt: skip

    def __init__(self, categories: Sequence[HardshipCategory], **more: Any) -> None:
        super().__init__(**more)
        self.category_id.choices = [SelectChoice(str(row.id), row.name) for row in categories]
        self.basis.choices = choices_of(words.BASIS)

    def validate_until_on(self, field: Any) -> None:
        if ends_before_start(self.from_on.data, field.data):
            raise ValidationError(_l("The last day lies before the first. Check both dates."))

    def validate_certified_by(self, field: Any) -> None:
        if self.basis.data is Basis.CERTIFIED and not field.data:
            raise ValidationError(_l("Write who certified it."))

    def validate_evidence(self, field: Any) -> None:
        if self.basis.data is Basis.CERTIFIED and not field.data:
            raise ValidationError(_l("Write which paper was seen."))


class CertifyForm(FlaskForm):
    """What she said is certified now, or certified anew."""

    certified_by = text_field(_l("Certified by"), 64)
    evidence = text_field(_l("Evidence"), 500)
    until_on = day_field(
        _l("Valid until"), required=False,
        description=_l("The last day. Leave it empty when the paper has no end."),
    )  # fmt: skip


class SkillForm(FlaskForm):
    """A skill that she has."""

    skill_id = SelectField(_l("Skill"), [InputRequired()], coerce=int)
    level = SelectField(_l("How well"), coerce=SkillLevel)
    source = SelectField(_l("Known"), coerce=SkillSource)
    since_on = day_field(_l("Since"))

    def __init__(self, skills: Sequence[Skill], **more: Any) -> None:
        super().__init__(**more)
        self.skill_id.choices = [SelectChoice(str(row.id), row.name) for row in skills]
        self.level.choices = choices_of(words.SKILL_LEVEL)
        self.source.choices = choices_of(words.SKILL_SOURCE)


class NeedsForm(FlaskForm):
    """What she wants and when she can come."""

    asked_on = day_field(_l("Asked on"))
    skill_ids = CheckboxField(_l("Skills she wants to learn or use"), coerce=int)
    wants_work = BooleanField(_l("She wants a job"))
    wants_home_work = BooleanField(_l("She wants work at home"))
    wants_venture = BooleanField(_l("She wants to start a business"))
    weekdays = CheckboxField(
        _l("Days on which she is free"), coerce=str,
        description=_l("Leave them all empty when her hours were not asked yet."),
    )  # fmt: skip
    free_from_min = ClockField(_l("Free from"), [InputRequired()])
    free_until_min = ClockField(_l("Free until"), [InputRequired()])
    children_under_12 = IntegerField(_l("Children under 12"), [InputRequired(), NumberRange(0, 12)])
    mobility = SelectField(_l("How she gets about"), coerce=Mobility)
    reach = SelectField(_l("How far from home"), coerce=Reach)
    least_wage_fen = YuanField(_l("Least wage a month"), [Optional()])
    note = note_field(_l("Note"), description=_l("Only the office and coordinators see it."))

    def __init__(self, skills: Sequence[Skill], **more: Any) -> None:
        super().__init__(**more)
        self.skill_ids.choices = [SelectChoice(row.id, row.name) for row in skills]
        self.weekdays.choices = weekday_choices()
        self.mobility.choices = choices_of(words.MOBILITY)
        self.reach.choices = choices_of(words.REACH)

    def validate_free_until_min(self, field: Any) -> None:
        starts = self.free_from_min.data
        if starts is not None and field.data is not None and field.data <= starts:
            raise ValidationError(_l("The end lies before the beginning. Check both times."))

    def needs(self) -> Needs:
        """What was typed, as the verb takes it."""
        return Needs(
            skill_ids=tuple(self.skill_ids.data or ()),
            weekdays=sum(1 << (int(day) - 1) for day in set(self.weekdays.data or ())),
            free_from_min=self.free_from_min.data or 0,
            free_until_min=self.free_until_min.data or 0,
            children_under_12=self.children_under_12.data or 0, mobility=self.mobility.data,
            reach=self.reach.data, wants_work=bool(self.wants_work.data),
            wants_home_work=bool(self.wants_home_work.data),
            wants_venture=bool(self.wants_venture.data),
            least_wage_fen=self.least_wage_fen.data, note=self.note.data or None,
        )  # fmt: skip


def told_before(needs: NeedsAssessment | None) -> dict[str, Any]:
    """What the form of needs begins with: her last answers, or the usual day."""
    usual = Needs()
    if needs is None:
        return {
            "skill_ids": [], "weekdays": [], "free_from_min": usual.free_from_min, "children_under_12": 0,
            "free_until_min": usual.free_until_min, "mobility": usual.mobility, "reach": usual.reach,
            "wants_work": True,
        }  # fmt: skip
    names = (
        "wants_work", "wants_home_work", "wants_venture", "free_from_min", "free_until_min",
        "children_under_12", "mobility", "reach", "least_wage_fen", "note",
    )  # fmt: skip
    return {
        **{name: getattr(needs, name) for name in names},
        "skill_ids": [wish.skill_id for wish in needs.wanted],
        "weekdays": [str(n + 1) for n in range(7) if needs.weekdays & 1 << n],
    }
