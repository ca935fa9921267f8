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

# Places in cohorts.
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

# Completion and certificates.
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

# Learners, what is dated about them, and the tables behind.
describe(
    {
        "no_such_person": Text(_l("This person is not in the registry. Nothing was changed."), 404),
        "no_such_entry": Text(_l("This entry is not there any more. Load the page again."), 404),
        "ends_before_start": Text(
            _l("The end lies before the beginning. Nothing was saved; check the dates."), 422,
        ),
        "no_such_workshop": Text(_l("There is no workshop of this name. Nothing was changed."), 404),
        "not_a_learner": Text(_l("She is not registered as a learner. Register her first.")),
        "already_a_learner": Text(_l("She is registered as a learner already. Nothing was changed.")),
        "learner_has_ended": Text(_l("Her time as a learner has ended already. Nothing was changed.")),
        "learner_has_places": Text(
            _l("She still has %(count)s places in cohorts. Withdraw her there first; then her time here can end.")
        ),
        "not_a_coordinator": Text(
            _l("This account is no coordinator of this workshop. Choose another one; nothing was saved."), 422,
        ),
        "day_lies_ahead": Text(_l("This day lies in the future. Nothing was saved; check the date."), 422),
        "hours_out_of_order": Text(
            _l("The hours end before they begin. Nothing was saved; check both times."), 422,
        ),
        "no_such_skill": Text(_l("This skill is not in the table. Add it there, or choose another one."), 422),
        "no_such_hardship": Text(
            _l("This kind of hardship is not in use. Choose another one, or ask the office to add it."), 422,
        ),
        "hardship_overlaps": Text(
            _l(
                "“%(category)s” is noted already from %(from_on)s. Days of one kind never overlap: end that "
                "entry first, or certify it."
            )
        ),
        "hardship_has_ended": Text(_l("This entry has ended already. Add a new one instead.")),
        "certifier_needed": Text(_l("Write who certified it. Nothing was saved."), 422),
        "evidence_needed": Text(
            _l("Write which paper was seen: its kind, number and issuer. Nothing was saved."), 422,
        ),
        "name_needed": Text(_l("Write its name. Nothing was saved."), 422),
        "name_taken": Text(_l("“%(name)s” is in the table already. Nothing was saved."), 422),
        "no_such_step": Text(_l("This line is not in the retirement table any more. Load the page again."), 404),
        "step_taken": Text(
            _l("The table has a line for this sex, kind and birth date already. Change that one instead."), 422,
        ),
        "age_impossible": Text(_l("An age between 40 and 80 years is needed. Nothing was saved."), 422),
        "document_needed": Text(_l("Write the document that says so. Nothing was saved."), 422),
    }
)  # fmt: skip
