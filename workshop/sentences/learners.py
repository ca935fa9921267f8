"""Sentences for what is refused around learners, what is dated about them, and the tables behind."""

from flask_babel import lazy_gettext as _l

from core.errors import Text, describe

describe(
    {
        "no_such_person": Text(_l("This person is not in the registry. Nothing was changed."), 404),
        "no_such_entry": Text(_l("This entry is not there any more. Load the page again."), 404),
        "ends_before_start": Text(
            _l("The end lies before the beginning. Nothing was saved; check the dates."), 422,
        ),
        "no_such_workshop": Text(_l("There is no workshop of this name. Nothing was changed."), 404),
        "not_a_learner": Text(_l("She is not registered as a learner. Register her first."), 404),
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
