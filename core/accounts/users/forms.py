"""Forms of the accounts: a new one, its facts, its roles."""

from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SearchField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional

from core import clock
from core.access import Role
from core.accounts.actions import NAME_LENGTH
from core.accounts.models import EVERYWHERE
from core.accounts.words import ROLE
from core.forms import FilterForm, any_or, choices_of, day_field, select_field, stripped, text_field
from core.sites.models import Site, SiteKind

OF_CANTEEN = (Role.MANAGER, Role.COUNTER, Role.COURIER, Role.GRID_WORKER)
OF_WORKSHOP = (Role.MANAGER, Role.TRAINER, Role.COORDINATOR)
STATES = {"active": _l("in use"), "ended": _l("ended")}


class UserFilter(FilterForm):
    """Filters of the list of accounts."""

    q = SearchField(_l("Name"), [Optional(), Length(max=32)], filters=[stripped])
    role = select_field(_l("Role"), Role)
    site = select_field(_l("Site"), int)
    state = select_field(_l("State"), str)

    def __init__(self, sites: list[Site]) -> None:
        self._sites = sites
        super().__init__()

    def validate(self, extra_validators: Any = None) -> bool:
        self.role.choices = any_or(choices_of(ROLE), _l("All"))
        self.site.choices = any_or(site_choices(self._sites), _l("All"))
        self.state.choices = any_or([SelectChoice(*pair) for pair in STATES.items()], _l("All"))
        return bool(super().validate(extra_validators))


def site_choices(sites: list[Site]) -> list[SelectChoice]:
    return [SelectChoice(str(site.id), site.name) for site in sites]


class RoleForm(FlaskForm):
    """One role, at a site where it needs one."""

    role = select_field(_l("Role"), Role)
    site_id = select_field(_l("Site"), int)

    def __init__(self, sites: list[Site], **more: Any) -> None:
        super().__init__(**more)
        self._kinds = {site.id: site.kind for site in sites}
        self.role.choices = any_or(choices_of(ROLE), _l("choose"))
        self.site_id.choices = any_or(site_choices(sites), _l("the whole office"))

    def validate(self, extra_validators: Any = None) -> bool:
        good: bool = super().validate(extra_validators)
        role, site_id = self.role.data, self.site_id.data
        if role is None:
            self.role.errors = [_l("Choose what this account may do.")]
            return False
        if role in EVERYWHERE and site_id:
            self.site_id.errors = [_l("This role is for the whole office. Leave the site empty.")]
            return False
        if role not in EVERYWHERE and not site_id:
            self.site_id.errors = [_l("This role belongs to a site. Choose the site.")]
            return False
        if site_id in self._kinds and role not in _roles_at(self._kinds[site_id]):
            self.role.errors = [_l("This site has no such role. Choose another role or site.")]
            return False
        return good


def _roles_at(kind: SiteKind) -> tuple[Role, ...]:
    return OF_CANTEEN if kind == SiteKind.CANTEEN else OF_WORKSHOP


class FactsForm(FlaskForm):
    """How somebody is called, and until when the account lasts."""

    display_name = text_field(_l("Name shown to others"), NAME_LENGTH)
    last_day = day_field(_l("Last day"), required=False)

    def ends_at(self) -> datetime | None:
        """The end of the last day."""
        last: date | None = self.last_day.data
        return clock.moment_of(last + timedelta(days=1), time.min) if last else None


class NewUserForm(FactsForm, RoleForm):
    """An account that is not there yet, with its first role."""

    name = text_field(_l("Account"), NAME_LENGTH,
                      render_kw={"autocapitalize": "none", "autocomplete": "off"})  # fmt: skip

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if self.role.data == Role.AUDITOR and self.last_day.data is None:
            self.last_day.errors = [
                _l("An auditor's account is for a limited time. Enter its last day.")
            ]
            return False
        return good
