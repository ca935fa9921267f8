"""What the list of learners can be filtered by; every filter stands in the address."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from core.accounts.models import User
from core.forms import FilterForm, IdField, any_or, choices_of, select_field
from core.sites.models import Area, AreaLevel, Site
from workshop.lists.learners import LearnerOrder, LearnerState, Wish
from workshop.models import HardshipCategory, Skill

LEARNER_STATES = {
    LearnerState.REGISTERED: _l("Registered learners"),
    LearnerState.WAITING: _l("Waiting, nothing arranged"),
    LearnerState.IN_ENROLMENT: _l("In enrolment"),
    LearnerState.TRAINING: _l("In training"),
    LearnerState.COMPLETED: _l("Completed"),
    LearnerState.REFERRED: _l("Referred to an employer"),
    LearnerState.IN_WORK: _l("In work"),
    LearnerState.NO_NEEDS: _l("Needs not asked"),
    LearnerState.HARDSHIP_EXPIRING: _l("Certificate of hardship expiring"),
    LearnerState.ENDED: _l("No longer a learner"),
}
LEARNER_ORDERS = {
    LearnerOrder.NAME: _l("By name"),
    LearnerOrder.NEWEST: _l("Newest registration first"),
    LearnerOrder.LONGEST_WITHOUT_WORK: _l("Longest without work first"),
}
WISHES = {
    Wish.WORK: _l("A job"),
    Wish.HOME_WORK: _l("Work at home"),
    Wish.VENTURE: _l("A business of her own"),
}


def site_choices(sites: Sequence[Site]) -> list[SelectChoice]:
    """Sites by slug, all of them first when there is more than one."""
    choices = [SelectChoice(site.slug, site.name) for site in sites]
    return any_or(choices, _l("All workshops")) if len(sites) != 1 else choices


def area_choices(areas: Sequence[Area]) -> list[SelectChoice]:
    """Streets and communities by code path; communities below their street."""
    indent = {AreaLevel.COMMUNITY: "\u3000", AreaLevel.GRID: "\u3000\u3000"}
    choices = [SelectChoice(row.code, indent.get(row.level, "") + row.name) for row in areas]
    return any_or(choices, _l("All areas"))


class LearnerFilter(FilterForm):
    q = StringField(
        _l("Search"), [Length(max=64)],
        description=_l("Name, pinyin, or last digits of phone or ID"),
    )  # fmt: skip
    site = select_field(_l("Workshop"), str)
    state = SelectField(_l("State"), coerce=LearnerState, default=LearnerState.REGISTERED)
    hardship = select_field(_l("Hardship"), str)
    area = select_field(_l("Lives in"), str)
    wish = select_field(_l("Wish"), Wish, choices=any_or(choices_of(WISHES), _l("All wishes")))
    skill = select_field(_l("Skill wanted"), int)
    coordinator = select_field(_l("Coordinator"), int)
    within = IntegerField(_l("Days ahead"), [Optional(), NumberRange(1, 366)])
    person = IdField(_l("Person"), [Optional()])
    order = SelectField(_l("Sorted by"), coerce=LearnerOrder, choices=choices_of(LEARNER_ORDERS),
                        default=LearnerOrder.NAME)  # fmt: skip

    def __init__(
        self,
        sites: Sequence[Site],
        areas: Sequence[Area],
        skills: Sequence[Skill],
        coordinators: Sequence[User],
        categories: Sequence[HardshipCategory] | None,
        **more: Any,
    ) -> None:
        """categories None: whoever asks may not know of hardship, so that nothing filters by it."""
        self.shows_hardship = categories is not None
        self._given = sites, areas, skills, coordinators, categories or ()
        super().__init__(**more)

    def validate(self, extra_validators: Any = None) -> bool:
        sites, areas, skills, coordinators, categories = self._given
        self.site.choices = site_choices(sites)
        self.area.choices = area_choices(areas)
        self.skill.choices = any_or(
            [SelectChoice(str(row.id), row.name) for row in skills], _l("All skills")
        )
        self.coordinator.choices = any_or(
            [SelectChoice(str(row.id), row.display_name) for row in coordinators], _l("Everybody")
        )
        self.hardship.choices = any_or(
            [SelectChoice(row.code, row.name) for row in categories], _l("All of them")
        )
        hidden = () if self.shows_hardship else (LearnerState.HARDSHIP_EXPIRING,)
        self.state.choices = choices_of(
            LEARNER_STATES, [state for state in LEARNER_STATES if state not in hidden]
        )
        return bool(super().validate(extra_validators))
