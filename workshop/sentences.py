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
        "follow_up_done": Text(_l("%(by)s has settled this follow-up already (%(day)s). Nothing was changed.")),
        "follow_up_open": Text(_l("This follow-up has no outcome that could be taken back.")),
        "other_employer_needed": Text(_l("Enter the name of the other employer."), 422),
        "leaving_needed": Text(_l("Enter her last day in this job and why she left."), 422),
        "day_before_start": Text(
            _l("This day lies before she started (%(day)s). Nothing was saved; check the date."), 422),
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

# Courses, cohorts and their sessions.
describe(
    {
        "no_such_course": Text(_l("This course is not offered. Nothing was saved; choose another one."), 422),
        "course_name_taken": Text(_l("Another course has this name already. Nothing was saved.")),
        "no_such_room": Text(_l("This room is not in use at this workshop. Nothing was saved; choose another "
                                "one."), 422),
        "room_name_taken": Text(_l("Another room of this workshop has this name already. Nothing was saved.")),
        "room_in_use": Text(
            _l("Sessions are still planned in this room: %(count)s. Nothing was changed; move them to another "
               "room first.")
        ),
        "no_such_trainer": Text(
            _l("This account does not teach at this workshop. Nothing was saved; choose another trainer, or let the "
               "office give the account the role."),
            422,
        ),
        "trainer_is_elsewhere": Text(
            _l("The new trainer is elsewhere at the time of one of the sessions: %(where)s. Nothing was changed; "
               "change that session first, or choose another trainer.")
        ),
        "no_such_cohort": Text(_l("There is no such cohort. Nothing was changed."), 404),
        "cohort_number_taken": Text(_l("This course has a cohort number %(number)s already. Nothing was saved.")),
        "cohort_is_over": Text(_l("The cohort is closed or cancelled, so nothing of it changes any more. "
                                  "Nothing was changed.")),
        "cohort_capacity_below_seats": Text(
            _l("%(seats)s seats are taken already, so the capacity cannot be less. Nothing was changed.")
        ),
        "cohort_days_leave_sessions": Text(
            _l("Sessions are planned from %(first)s to %(last)s; the cohort must last at least as long. Nothing "
               "was changed.")
        ),
        "cohort_has_marks": Text(
            _l("Attendance has been marked in this cohort, so its policy stays as it is. Nothing was changed.")
        ),
        "cohort_no_such_move": Text(
            _l("This step is not open from where the cohort stands now. Nothing was changed; load the page again.")
        ),
        "cohort_without_sessions": Text(_l("No session is planned yet. Plan the sessions first, then start the "
                                           "cohort.")),
        "cohort_has_sessions_ahead": Text(
            _l("Sessions are still to come: %(count)s. Hold or cancel them first; nothing was changed.")
        ),
        "cohort_has_open_places": Text(
            _l("For %(count)s women it is not decided what becomes of their place. Decide on completion, transfer or "
               "decline each of them first, so that nobody is forgotten; nothing was changed.")
        ),
        "cohort_hours_missing": Text(
            _l("%(hours)s planned class hours were not held. Write why, or plan the sessions that are missing; "
               "nothing was changed."),
            422,
        ),
        "no_such_session": Text(_l("This session is not there any more. Load the page again."), 404),
        "session_is_cancelled": Text(_l("This session is cancelled already. Nothing was changed; plan a new one "
                                        "instead.")),
        "session_changed": Text(
            _l("Somebody else has changed this session meanwhile. Nothing was changed; look at it again, then "
               "decide.")
        ),
        "session_has_marks": Text(
            _l("%(count)s marks stand for this session, so it keeps its day and its length. If it was held at "
               "another "
               "time, let the office cancel it, which takes the marks out of the count, and plan a new one.")
        ),
        "session_marks_are_the_offices": Text(
            _l("%(count)s marks stand for this session. Only the subdistrict office may cancel it, because "
               "hours that "
               "were credited would be lost. Nothing was changed.")
        ),
        "session_marks_would_go": Text(
            _l("%(count)s marks stand for this session. They stay in the history and count no longer: tick that you "
               "know, then cancel. Nothing was changed."),
            422,
        ),
        "session_month_submitted": Text(
            _l("The report of %(month)s was submitted, so its sessions stay as they are. Nothing was changed; what "
               "was wrong is said in the next report.")
        ),
        "session_before_cohort": Text(
            _l("The cohort begins on %(first)s. Choose that day or a later one, or let the cohort begin "
               "earlier. Nothing was changed."),
            422,
        ),
        "session_ends_before_start": Text(_l("A session must end after it begins. Nothing was saved."), 422),
        "session_break_too_long": Text(_l("The breaks are as long as the session. Nothing was saved."), 422),
        "session_substitute_same": Text(_l("Who stands in must be somebody else than the trainer. Nothing was "
                                           "saved."), 422),
        "session_clash_cohort": Text(
            _l("The cohort itself has a session at that time: %(where)s. Nothing was saved; choose another time.")
        ),
        "session_clash_room": Text(
            _l("%(room)s is taken at that time by %(where)s. Nothing was saved; choose another room or time.")
        ),
        "session_clash_trainer": Text(
            _l("%(who)s teaches %(where)s at that time. Nothing was saved; choose another time or trainer.")
        ),
        "session_clash_learner": Text(
            _l("%(who)s, who learns in this cohort, is expected at %(where)s at that time. Nothing was saved; choose "
               "another time, or settle it with her first.")
        ),
        "schedule_empty": Text(_l("Choose at least one weekday with its times. Nothing was saved."), 422),
        "schedule_overlaps": Text(_l("Two lessons of one weekday overlap. Nothing was saved."), 422),
        "schedule_full": Text(
            _l("The planned hours are full already. To plan more sessions all the same, say how many."), 422
        ),
        "schedule_too_long": Text(
            _l("This would be more than %(count)s sessions, or last longer than two years. Nothing was saved; "
               "check the "
               "weekdays and the number."),
            422,
        ),
        "schedule_changed": Text(
            _l("What was typed, the calendar or the cohort has changed since the preview. Nothing was saved; look at "
               "the new preview, then plan.")
        ),
    }
)  # fmt: skip
