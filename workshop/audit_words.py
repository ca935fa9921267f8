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
        "attendance": _l("Attendance"), "check_in": _l("Own check-in"),
    },
    {
        "check_in_opened": _l("check-in opened"), "check_in_closed": _l("check-in closed"), "sent": _l("sent"),
        "refused": _l("refused"), "sheet_printed": _l("sign-in sheet printed"),
    },
)  # fmt: skip
