"""Forms of courses with their policy, and of rooms."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from core.forms import choices_of, select_field, stripped, text_field
from core.sites.models import Site
from workshop import words
from workshop.actions.courses import CourseFacts
from workshop.models import Skill
from workshop.values import Policy, RateName, SkillLevel


def number_field(label: Any, least: int, most: int, **more: Any) -> IntegerField:
    """A whole number between two bounds."""
    return IntegerField(label, [InputRequired(), NumberRange(least, most)], **more)


class PolicyForm(FlaskForm):
    """What completes a run of a course."""

    class_hours = number_field(_l("Class hours"), 1, 2000)
    class_hour_min = number_field(_l("Length of a class hour"), 1, 240, default=45)
    credited_percent = number_field(
        _l("Needed for completion"), 1, 100, default=80,
        description=_l("Share of the planned class hours that must be credited."),
    )  # fmt: skip
    leave_most_percent = number_field(
        _l("Leave at most"), 0, 100, default=20, description=_l("Share of the planned class hours.")
    )
    late_absent_min = number_field(
        _l("Late up to"),
        0,
        240,
        default=15,
        description=_l("Whoever comes later counts as absent."),
    )
    early_absent_min = number_field(
        _l("Leaving early up to"), 0, 240, default=15,
        description=_l("Whoever leaves earlier counts as absent."),
    )  # fmt: skip
    needs_assessment = BooleanField(_l("An assessment must be passed"), default=True)
    pass_mark = number_field(_l("Pass mark"), 0, 100, default=60)
    led_by = SelectField(
        _l("Figure that reports lead with"), coerce=RateName, choices=choices_of(words.RATE),
        default=RateName.PLANNED,
    )  # fmt: skip

    def policy(self) -> Policy:
        return Policy(
            self.class_hour_min.data, self.late_absent_min.data, self.early_absent_min.data,
            self.credited_percent.data, self.leave_most_percent.data,
            bool(self.needs_assessment.data), self.pass_mark.data, self.led_by.data,
        )  # fmt: skip


class CourseForm(PolicyForm):
    name = text_field(_l("Course"), 64)
    skill_id = select_field(_l("Skill"), int, validators=[InputRequired()])
    level = SelectField(
        _l("Level"), coerce=SkillLevel, choices=choices_of(words.SKILL_LEVEL),
        default=SkillLevel.JUNIOR,
    )  # fmt: skip
    content = TextAreaField(_l("What is taught"), [Length(max=2000)], filters=[stripped])
    is_active = BooleanField(_l("Offered for new cohorts"), default=True)

    def __init__(self, skills: Sequence[Skill], **more: Any) -> None:
        super().__init__(**more)
        self.skill_id.choices = [SelectChoice(str(row.id), row.name) for row in skills]

    def facts(self) -> CourseFacts:
        return CourseFacts(
            self.name.data or "", self.skill_id.data, self.level.data, self.class_hours.data or 0,
            self.policy(), self.content.data or "", bool(self.is_active.data),
        )  # fmt: skip


class RoomForm(FlaskForm):
    site_id = SelectField(_l("Workshop"), [InputRequired()], coerce=int)
    name = text_field(_l("Room"), 32)
    seats = number_field(_l("Seats"), 1, 1000)
    is_active = BooleanField(_l("In use"), default=True)

    def __init__(self, sites: Sequence[Site], **more: Any) -> None:
        super().__init__(**more)
        self.site_id.choices = [SelectChoice(str(site.id), site.name) for site in sites]
