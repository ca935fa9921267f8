"""Sentences for the workshop's coded errors: what happened, that nothing is lost, what to do."""

from flask_babel import lazy_gettext as _l

from core.errors import Text, describe

describe(
    {
        "enrolment_no_such_move": Text(
            _l("This step is not open from where her enrolment stands now. Nothing was changed; load the page again.")
        ),
        "placement_no_such_move": Text(
            _l("This step is not open from where her placement stands now. Nothing was changed; load the page again.")
        ),
    }
)  # fmt: skip
