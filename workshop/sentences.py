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
        # Guidance and ventures
        "guidance_no_learner": Text(_l("She is not registered as a learner. Register her first; nothing was saved.")),
        "guidance_learner_ended": Text(
            _l("She was no longer a learner on this day. Nothing was saved; check the day, or register her again.")
        ),
        "guidance_in_future": Text(_l("This day has not come yet. Nothing was saved; check the date."), 422),
        "guidance_incomplete": Text(
            _l("A meeting needs its mentor, its topic and its length of 1 to 720 minutes. Nothing was saved."), 422
        ),
        "guidance_next_incomplete": Text(
            _l("A next step and its day go together. Nothing was saved; fill in both or neither."), 422
        ),
        "guidance_next_before": Text(
            _l("The day of the next step has passed already. Nothing was saved; choose a later one."), 422
        ),
        "guidance_no_venture": Text(_l("This venture is not hers. Nothing was saved; load the page again."), 404),
        "guidance_no_site": Text(_l("There is no workshop of this name. Nothing was saved."), 404),
        "guidance_no_meeting": Text(_l("This meeting is not there any more. Load the page again."), 404),
        "guidance_voided": Text(_l("This meeting was voided already. Nothing was changed.")),
        "guidance_no_next_step": Text(_l("No next step of this meeting waits any more. Nothing was changed.")),
        "venture_incomplete": Text(
            _l("A venture needs a name, and its jobs cannot be negative. Nothing was saved."), 422
        ),
        "venture_gone": Text(_l("This venture is not there any more. Load the page again."), 404),
        "venture_moved_meanwhile": Text(
            _l("Somebody moved this venture meanwhile. Nothing of yours was changed; see where it stands now.")
        ),
        "venture_same_stage": Text(_l("The venture stands at this stage already. Nothing was changed.")),
        "venture_day_before": Text(
            _l("This day lies before the venture came to its stage of now. Nothing was changed; check the date."), 422
        ),
        "venture_ended": Text(_l("This venture has ended. Open it again before you apply for a loan.")),
        "licence_needed": Text(
            _l("From the licence on, its day and its number are needed. Nothing was changed; fill in both."), 422
        ),
        "licence_after_move": Text(
            _l("The licence is dated after this step. Nothing was changed; check both dates."), 422
        ),
        "loan_incomplete": Text(_l("A loan needs its bank and an amount above zero. Nothing was saved."), 422),
        "loan_gone": Text(_l("This application is not there any more. Load the page again."), 404),
        "loan_moved_meanwhile": Text(
            _l("Somebody moved this application meanwhile. Nothing of yours was changed; see where it stands now.")
        ),
        "loan_no_such_move": Text(
            _l("This step is not open from where the application stands now. Nothing was changed; load the page again.")
        ),
        "loan_amount_needed": Text(_l("Write how much the bank granted. Nothing was changed."), 422),
        "loan_day_before": Text(
            _l("This day lies before the application came to its state of now. Nothing was changed; check the date."),
            422,
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
