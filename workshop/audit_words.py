"""The workshop's words for the audit log."""

from flask_babel import lazy_gettext as _l

from core import audit_words

audit_words.describe(
    {
        "learner": _l("Learner"), "cohort": _l("Cohort"), "class_session": _l("Session"), "course": _l("Course"),
        "room": _l("Room"), "skill": _l("Skill"), "hardship_category": _l("Hardship category"),
        "enrolment": _l("Enrolment"), "certificate": _l("Certificate"), "employer": _l("Employer"),
        "vacancy": _l("Vacancy"), "placement": _l("Placement"), "venture": _l("Venture"),
        "retirement_age": _l("Retirement table"),
    },
    {
        "policy_changed": _l("policy changed"), "enrolment_opened": _l("opened for enrolment"),
        "finished": _l("concluded"), "taken_up": _l("taken up again"), "cancelled": _l("cancelled"),
        "sessions_planned": _l("sessions planned"), "rescheduled": _l("rescheduled"),
        "room_moved": _l("room changed"), "staff_changed": _l("trainer changed"),
        "retired": _l("no longer offered"), "phones_shown": _l("phone numbers shown"),
    },
)  # fmt: skip
