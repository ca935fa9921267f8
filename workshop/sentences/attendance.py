"""Sentences for what is refused around attendance: what happened, that nothing is lost, what to do."""

from flask_babel import lazy_gettext as _l

from core.errors import Text, describe

describe({
    "session_cancelled": Text(_l(
        "This session was cancelled, so nothing can be marked. What you entered still stands "
        "here."
    )),
    "session_locked": Text(_l(
        "This session is locked, %(days)s days after it was held. Nothing was changed; ask the "
        "office, which corrects it with a reason."
    )),
    "session_moved": Text(_l(
        "Time or room of this session was changed while this page was open. Nothing was saved "
        "yet; what you entered still stands here."
    )),
    "session_not_started": Text(_l(
        "This session begins at %(at)s. Marks can be set from %(minutes)s minutes before; until "
        "then only leave is entered, with its reason."
    )),
    "marked_meanwhile": Text(_l(
        "Somebody else saved at the same moment. Nothing of yours was written; look again and "
        "save once more."
    )),
    "of_another_cohort": Text(_l(
        "She is not on the sheet of this class. If she belongs to another class of the course, "
        "this can stand for a session that she missed."
    )),
    "in_other_class": Text(_l(
        "At these hours she is marked as present in “%(cohort)s”. One of the two is wrong; take "
        "that mark away first."
    )),
    "made_up_elsewhere": Text(_l(
        "She made this session up in another class already. Take the make-up away first, then her "
        "mark here can be changed."
    )),
    "minutes_missing": Text(_l("Say how many minutes she was late, or left early.")),
    "leave_needs_reason": Text(_l("Leave entered ahead needs its reason.")),
    "make_up_not_hers": Text(_l(
        "This session can't be made up here: it must be one of another class of the same course "
        "that she is in."
    )),
    "make_up_not_missed": Text(_l("She did not miss that session, so there is nothing to make up.")),
    "make_up_taken": Text(_l("That session was made up already; each counts once.")),
    "nothing_to_undo": Text(_l(
        "There is nothing to take back: what you saved last here is too old, or was taken back "
        "already."
    ), 409),
    "check_in_over": Text(_l("This session is over, so nobody can check in any more. Mark who was here yourself.")),
    "code_not_six_digits": Text(_l("The code has six digits. Look at the screen in the room and type them all."), 422),
    "check_in_name_missing": Text(_l("Please type your full name."), 422),
    "check_in_digits_missing": Text(_l("Please type the last four digits of your telephone number."), 422),
    "too_many_tries": Text(_l(
        "Too many tries in a short time. Wait a minute, or tell the trainer that you are here."
    ), 429),
    "code_unknown": Text(_l(
        "No class has this code now. Look at the screen in the room and type the six digits "
        "again."
    )),
    "code_expired": Text(_l("This code has run out: it changes all the time. Type the one that is on the screen now.")),
    "code_of_last_room": Text(_l(
        "This code belongs to “%(cohort)s”, where check-in is closed. Type the code on the screen"
        " of the room you are in now."
    )),
    "class_over": Text(_l(
        "Check-in of “%(cohort)s” is closed. If you were there, tell the trainer: she can still "
        "mark you."
    )),
    "not_in_class": Text(_l(
        "Nobody on the list of “%(cohort)s” has this name and these four digits. Look whether "
        "both are right, or ask the trainer."
    )),
    "check_in_refused": Text(_l("The trainer did not confirm your check-in. Please speak to her.")),
    "phone_used": Text(_l(
        "Somebody has checked in with this phone already. Use your own, or ask the trainer to "
        "mark you."
    )),
    "card_unreadable": Text(_l(
        "This is no card of ours, or it was not read whole. Hold it steady and scan it again."
    ), 422),
    "card_unknown_here": Text(_l("This card is not in our records. Mark her by name.")),
    "card_stopped_here": Text(_l("This card is no longer in use. Mark her by name; the office gives her a new one.")),
})  # fmt: skip
