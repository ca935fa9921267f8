"""Forms of sign-in and one's own account."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length


class SignInForm(FlaskForm):
    name = StringField(_l("Account"), [InputRequired(), Length(max=64)],
                       render_kw={"autocomplete": "username", "autocapitalize": "none"})  # fmt: skip
    password = PasswordField(_l("Password"), [InputRequired(), Length(max=200)],
                             render_kw={"autocomplete": "current-password"})  # fmt: skip


class PasswordForm(FlaskForm):
    old = PasswordField(_l("Present password"), [InputRequired(), Length(max=200)],
                        render_kw={"autocomplete": "current-password"})  # fmt: skip
    new = PasswordField(_l("New password"), [InputRequired(), Length(max=200)],
                        render_kw={"autocomplete": "new-password"})  # fmt: skip
    again = PasswordField(
        _l("New password again"),
        [
            InputRequired(),
            EqualTo("new", _l("The two new passwords differ. Type the same one twice.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )


class PinForm(FlaskForm):
    password = PasswordField(_l("Password"), [InputRequired(), Length(max=200)],
                             render_kw={"autocomplete": "current-password"})  # fmt: skip
    pin = PasswordField(_l("New PIN"), [InputRequired(), Length(min=4, max=8)],
                        render_kw={"inputmode": "numeric", "autocomplete": "off"})  # fmt: skip


class UnlockForm(FlaskForm):
    name = StringField(_l("Account"), [Length(max=64)], render_kw={"autocomplete": "username"})
    pin = PasswordField(_l("PIN"), [InputRequired(), Length(max=8)],
                        render_kw={"inputmode": "numeric", "autocomplete": "off"})  # fmt: skip
