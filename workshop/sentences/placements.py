"""Sentences for what is refused around placements, employers, follow-ups and guidance."""

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
        "learner_ended": Text(_l("She is no learner any more on that day. Nothing was changed.")),
        "day_in_future": Text(_l("This day lies ahead. Nothing was saved; enter what has happened."), 422),
        "before_last_move": Text(
            _l("This day lies before the step before it (%(day)s). Nothing was saved; check the date."), 422),
        "no_such_employer": Text(_l("This employer is not there. Nothing was changed."), 404),
        "employer_needs_name": Text(_l("An employer needs a name."), 422),
        "credit_code_wrong": Text(
            _l("This social credit code is not right: 18 characters, the last one checks the others."), 422),
        "employer_known": Text(_l("An employer of this name or credit code is entered already. Nothing was saved.")),
        "employer_has_vacancies": Text(_l("It is still recruiting. Close its vacancies first. Nothing was changed.")),
        "employer_is_ours": Text(_l("The micro-factory itself stays in the list.")),
        "employer_retired": Text(_l("This employer was taken out of the lists. Bring it back first.")),
        "no_such_skill": Text(_l("This skill is not in the table. Choose another one."), 422),
        "no_such_vacancy": Text(_l("This vacancy is not there. Nothing was changed."), 404),
        "vacancy_needs_title": Text(_l("A vacancy needs a title."), 422),
        "vacancy_needs_both_times": Text(_l("Enter both times, or none."), 422),
        "vacancy_starts_at_24": Text(
            _l("No work begins at 24:00. For midnight enter 0:00. Nothing was saved."), 422),
        "vacancy_care_window": Text(_l("The hours kept free for children need a beginning and a later end."), 422),
        "vacancy_wages": Text(_l("The highest wage is below the lowest, or the lowest is missing."), 422),
        "vacancy_openings_taken": Text(
            _l("%(used)s openings are taken already: there cannot be fewer. Nothing was saved."), 422),
        "vacancy_closed": Text(_l("This vacancy is closed. Nothing was changed.")),
        "vacancy_not_closed": Text(_l("This vacancy is not closed. Load the page again.")),
        "vacancy_filled": Text(
            _l("The last opening was taken by %(by)s (%(at)s). She is not hired there; please tell her. "
               "Nothing else was changed.")),
        "already_referred": Text(_l("She is referred to this vacancy already. Nothing was changed.")),
        "no_such_placement": Text(_l("This placement is not there. Nothing was changed."), 404),
        "channel_is_referral": Text(_l("A job by referral begins with a vacancy. Refer her from its page."), 422),
        "form_of_channel": Text(
            _l("This form of work does not go with this way into work. Choose another one."), 422),
        "employer_needed": Text(_l("Enter where she works: an employer, or the name of her business."), 422),
        "already_entered": Text(
            _l("Her work at %(employer)s since %(day)s is entered already. Nothing was saved; open it in the list "
               "of placements.")),
        "job_title_needed": Text(_l("Enter what she does there."), 422),
        "nothing_to_tell": Text(_l("There is nothing to tell her: her referral did not end like that.")),
        "placement_is_verified": Text(_l("This job is verified; what was seen then stands. Nothing was changed.")),
        "placement_not_started": Text(_l("She has not started there yet. Nothing was changed.")),
        "placement_paper_needed": Text(
            _l("No paper is attached yet. Attach a photo or PDF of it first; only then it can be verified."), 422),
        "evidence_of_form": Text(
            _l("This paper does not prove this form of work. Choose another one, or correct the form."), 422),
        "home_work_too_little": Text(
            _l("Home piecework counts from ¥%(least)s a month on. It stays entered, and is not verified."), 422),
        "verified_in_past_month": Text(
            _l("It counts in the month in which it is verified: choose a day of this month."), 422),
        "left_before_start": Text(
            _l("Her last day lies before she started (%(day)s). Nothing was saved; check the date."), 422),
        "no_such_follow_up": Text(_l("This follow-up is not there any more. Load the list again."), 404),
        "start_was_followed_up": Text(
            _l("%(by)s has followed up on her since this first day already (%(day)s). Take that outcome back first; "
               "nothing was changed.")),
        "follow_up_done": Text(_l("%(by)s has settled this follow-up already (%(day)s). Nothing was changed.")),
        "follow_up_open": Text(_l("This follow-up has no outcome that could be taken back.")),
        "other_employer_needed": Text(_l("Enter the name of the other employer."), 422),
        "leaving_needed": Text(_l("Enter her last day in this job and why she left."), 422),
        "leaving_contradicts": Text(
            _l("Her last day or why she left is entered, but this outcome does not say that she left. Choose "
               "another employer or no work, or empty both. Nothing was saved."), 422),
        "left_after_found": Text(
            _l("Her last day (%(day)s) lies after the day on which it was found. Nothing was saved; check both "
               "dates."), 422),
        "day_before_start": Text(
            _l("This day lies before she started (%(day)s). Nothing was saved; check the date."), 422),
        "day_before_due": Text(
            _l("That she works after %(days)s days can be said from %(day)s on. Nothing was saved; ask "
               "her then."), 422),
        "day_not_ahead": Text(_l("Choose a day after today."), 422),
        "outcome_ended_job": Text(
            _l("With this outcome she left the job, and a job that was left stays left. Enter a new placement "
               "instead.")),
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
        "guidance_sent_before": Text(
            _l("This form was sent before, and what stood in it then is saved. What is different in it now is not: "
               "look at the entry that is there, and correct that one.")),
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
