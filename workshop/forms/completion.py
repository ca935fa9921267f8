"""Forms about results and completion. The marks themselves are a column of the page."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.fields import SelectChoice

from core.forms import day_field, text_field


class ResultsForm(FlaskForm):
    on = day_field(_l("Day of the assessment"))


class DecisionForm(FlaskForm):
    """How those chosen are decided: as proposed, or otherwise with a reason."""

    how = RadioField(_l("Decide those chosen"), default="proposed", choices=[
        SelectChoice("proposed", _l("as proposed")),
        SelectChoice("completed", _l("otherwise: completed")),
        SelectChoice("incomplete", _l("otherwise: not completed")),
    ])  # fmt: skip
    on = day_field(_l("Day of the decision"))
    reason = text_field(_l("Reason"), 128, required=False,
                        description=_l("Needed when it is decided otherwise than proposed."))  # fmt: skip
