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
