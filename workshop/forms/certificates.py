"""Forms about certificates: the filter of the list, revoking, and those of other bodies."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from core.forms import (
    FilterForm,
    IdField,
    any_or,
    choices_of,
    day_field,
    select_field,
    stripped,
    text_field,
)
from workshop import words
from workshop.actions.certificates import Shown
from workshop.lists.certificates import CertificateKind
from workshop.models import Cohort, Skill
from workshop.values import SkillLevel

KINDS = {
    CertificateKind.OURS: _l("Ours, in force"),
    CertificateKind.REVOKED: _l("Ours, revoked"),
    CertificateKind.EXTERNAL: _l("Of other bodies"),
}


class CertificateFilter(FilterForm):
    q = StringField(_l("Search"), [Length(max=64)],
                    description=_l("Name, pinyin, or number of the certificate"))  # fmt: skip
    kind = select_field(_l("Kind"), CertificateKind, choices=any_or(
        choices_of(KINDS), _l("All in force")
    ))  # fmt: skip
    year = IntegerField(_l("Year"), [Optional(), NumberRange(2000, 2100)])
    person = IdField(_l("Person"), [Optional()])


class RevokeForm(FlaskForm):
    reason = text_field(_l("Reason"), 128)


class IssueForm(FlaskForm):
    on = day_field(_l("Date of the certificate"))


class ExternalForm(FlaskForm):
    """A certificate of another body, as the paper says."""

    title = text_field(_l("Title on the certificate"), 64,
                       description=_l("For example: vocational skill level certificate."))  # fmt: skip
    number = text_field(_l("Number"), 64)
    issuer = text_field(_l("Issuing body"), 64)
    issued_on = day_field(_l("Date of the certificate"))
    skill_id = select_field(_l("Skill"), int)
    level = select_field(_l("Level"), SkillLevel, choices=any_or(
        choices_of(words.SKILL_LEVEL), _l("none named")
    ))  # fmt: skip
    cohort_id = select_field(_l("Class that led to it"), int)

    def __init__(self, skills: Sequence[Skill], cohorts: Sequence[Cohort], **more: Any) -> None:
        super().__init__(**more)
        self.skill_id.choices = any_or(
            [SelectChoice(str(row.id), row.name) for row in skills], _l("none named")
        )
        self.cohort_id.choices = any_or(
            [SelectChoice(str(row.id), row.name) for row in cohorts], _l("none of ours")
        )

    def shown(self) -> Shown:
        return Shown(
            self.title.data, self.number.data, self.issuer.data, self.issued_on.data,
            self.skill_id.data, self.level.data, self.cohort_id.data,
        )  # fmt: skip


class CodeForm(FlaskForm):
    """The code printed on the certificate. Posted: what else people type there stands in no address."""

    code = StringField(_l("Code on the certificate"), [Length(max=64)], filters=[stripped],
                       description=_l("Blanks and dashes do not matter."))  # fmt: skip
