"""Sentences for what is refused around places in cohorts."""

from flask_babel import lazy_gettext as _l

from core.errors import Text, describe

describe(
    {
        "enrolment_no_cohort": Text(_l("This class is not there. Load the page again."), 404),
        "enrolment_no_learner": Text(
            _l("She is not registered as a learner yet. Register her first; nothing was saved."), 422
        ),
        "enrolment_not_there": Text(_l("She has not applied for this class. Nothing was changed."), 404),
        "enrolment_learner_ended": Text(
            _l("She is no longer a learner here. Register her again first; nothing was saved.")
        ),
        "enrolment_cohort_shut": Text(
            _l("%(cohort)s is not open for enrolment. Nothing was saved; open it first, or choose another class.")
        ),
        "enrolment_cohort_over": Text(
            _l("%(cohort)s is over or does not take place, so this step is not open any more. Nothing was changed.")
        ),
        "enrolment_stands": Text(
            _l("She has a place or an application in %(cohort)s already. Nothing was saved; see where it stands.")
        ),
        "enrolment_clashes": Text(
            _l("Her hours would overlap: on %(day)s at %(start)s she is in %(cohort)s (%(count)s sessions in all). "
               "Nothing was saved; choose another class, or transfer her.")
        ),
        "enrolment_in_future": Text(_l("This day is still to come. Nothing was saved; check the date."), 422),
        "enrolment_before_class": Text(
            _l("This day lies before the class, which begins on %(first)s. Nothing was saved; check the date."), 422
        ),
        "enrolment_no_seat": Text(
            _l("All %(capacity)s seats of %(cohort)s are taken or offered, the last one perhaps just now. She keeps "
               "her application; put her on the waitlist if she wishes.")
        ),
        "enrolment_left_before_joining": Text(
            _l("Her training began on %(day)s, so it cannot end before. Nothing was changed; check the date."), 422
        ),
        "enrolment_marks_after": Text(
            _l("Her attendance is marked on %(day)s, which is later. Nothing was changed; choose that day or later."),
            422,
        ),
        "enrolment_has_marks": Text(
            _l("She attended a session, so she did show up. Nothing was changed; start her training instead.")
        ),
        "enrolment_has_certificate": Text(
            _l("Her certificate is in force. Revoke it first, then this can be taken back; nothing was changed.")
        ),
        "enrolment_no_offer": Text(
            _l("No seat is held for her now. Nothing was changed; load the page again to see the waitlist.")
        ),
        "enrolment_offer_lapsed": Text(
            _l("The seat was held for her until its time ran out. She still waits, and is asked again in her turn.")
        ),
        "enrolment_other_course": Text(
            _l("A transfer stays within one course, here %(course)s. Nothing was changed; let her apply there instead.")
        ),
        "enrolment_to_itself": Text(_l("She is in this class already. Choose another one; nothing was changed."), 422),
    }
)  # fmt: skip
