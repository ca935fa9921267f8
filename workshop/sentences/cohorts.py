"""Sentences for what is refused around courses, cohorts and their sessions."""

from flask_babel import lazy_gettext as _l

from core.errors import Text, describe

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
