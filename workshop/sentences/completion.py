"""Sentences for what is refused around completion and certificates."""

from flask_babel import lazy_gettext as _l

from core.errors import Text, describe

describe(
    {
        "assessment_not_training": Text(
            _l("Results are recorded for those in training. Take the decision back first; nothing was saved.")
        ),
        "assessment_mark": Text(_l("A mark is a whole number from 0 to 100. Nothing was saved."), 422),
        "completion_needs_reason": Text(
            _l("This is not what the policy proposes. Write why it is decided otherwise; nothing was changed."), 422
        ),
        "certificate_not_completed": Text(
            _l("Only who has completed the class gets its certificate. Decide that first; nothing was issued.")
        ),
        "certificate_stands": Text(
            _l("Her certificate of this class is in force already. Print that one, or revoke it first.")
        ),
        "certificate_before_class": Text(
            _l("Her class began on %(first)s, so no certificate of it is older. Nothing was issued; check the date."),
            422,
        ),
        "certificate_number_format": Text(
            _l("The setting for numbers of certificates, “%(form)s”, gives none. Nothing was issued; have it "
               "corrected: {year} and {serial} must stand in it.")
        ),
        "certificate_not_there": Text(_l("This certificate is not there any more. Load the page again."), 404),
        "certificate_revoked": Text(_l("This certificate was revoked already. Nothing was changed.")),
        "certificate_incomplete": Text(
            _l("Title, number and issuer are needed. Nothing was saved."), 422
        ),
        "certificate_recorded_before": Text(
            _l("Number %(number)s of this issuer is recorded for her already. Nothing was saved.")
        ),
        "certificates_none_chosen": Text(_l("No certificate is chosen, so there is nothing to print."), 422),
        "certificates_no_pdf": Text(
            _l("This computer can't make PDFs: Pango is missing. Install it as “flask doctor” says and print again."),
            503,
        ),
        "certificates_need_pen": Text(
            _l("These names have a character that the printer's font lacks. Write it into the box by hand: %(names)s")
        ),
    }
)  # fmt: skip
