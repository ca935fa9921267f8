"""Forms of the devices."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from core.accounts.models import DeviceKind
from core.accounts.words import DEVICE_KIND
from core.forms import any_or, choices_of, select_field, text_field
from core.sites.models import Site


class NewDeviceForm(FlaskForm):
    """A tablet or program that is not there yet."""

    name = text_field(_l("Device name"), 64)
    site_id = select_field(_l("Site"), int, validators=[InputRequired(_l("Choose the site."))])
    kind = RadioField(_l("Kind"), [InputRequired()], choices=choices_of(DEVICE_KIND), coerce=DeviceKind,
                      default=DeviceKind.TABLET)  # fmt: skip

    def __init__(self, sites: list[Site], **more: Any) -> None:
        super().__init__(**more)
        choices = [SelectChoice(str(site.id), site.name) for site in sites]
        self.site_id.choices = any_or(choices, _l("choose"))
