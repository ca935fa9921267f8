"""The workshop's words for the audit log."""

from flask_babel import lazy_gettext as _l

from core import audit_words

audit_words.describe(
    {
        "learner": _l("Learner"), "learners": _l("Learners"),
        "cohort": _l("Cohort"), "class_session": _l("Session"), "course": _l("Course"),
        "room": _l("Room"), "skill": _l("Skill"), "hardship_category": _l("Hardship category"),
        "enrolment": _l("Enrolment"), "certificate": _l("Certificate"), "employer": _l("Employer"),
        "vacancy": _l("Vacancy"), "placement": _l("Placement"), "venture": _l("Venture"),
        "retirement_age": _l("Retirement table"),
        "attendance": _l("Attendance"), "check_in": _l("Own check-in"),
    },
    {
        "check_in_opened": _l("check-in opened"), "check_in_closed": _l("check-in closed"), "sent": _l("sent"),
        "refused": _l("refused"), "sheet_printed": _l("sign-in sheet printed"),
        "registered": _l("registered as a learner"), "hardship_added": _l("circumstances noted"),
        "hardship_certified": _l("circumstances certified"), "hardship_ended": _l("circumstances ended"),
        "needs_asked": _l("needs asked"), "skill_set": _l("skill noted"), "skill_removed": _l("skill removed"),
        "saved": _l("saved"), "seeded": _l("default table made"), "exported": _l("exported"),
    },
)  # fmt: skip
audit_words.describe(
    {"guidance": _l("Business guidance"), "loan": _l("Loan")},
    {
        "recorded": _l("recorded"), "voided": _l("voided"), "next_step_done": _l("next step done"),
        "next_step_put_off": _l("next step put off"), "applied": _l("applied for"),
        "policy_changed": _l("policy changed"), "enrolment_opened": _l("opened for enrolment"),
        "finished": _l("concluded"), "taken_up": _l("taken up again"), "cancelled": _l("cancelled"),
        "sessions_planned": _l("sessions planned"), "rescheduled": _l("rescheduled"),
        "room_moved": _l("room changed"), "staff_changed": _l("trainer changed"),
        "retired": _l("no longer offered"), "phones_shown": _l("phone numbers shown"),
    },
)  # fmt: skip
audit_words.describe(
    {"assessment": _l("Assessment"), "external_certificate": _l("Certificate of another body")},
    {
        "offered": _l("seat offered"), "offer_lapsed": _l("offer of a seat lapsed"),
        "not_subsidised": _l("not counted for subsidy"), "subsidy_set": _l("subsidy decided by hand"),
        "transferred": _l("transferred to another class"), "recorded": _l("recorded"),
    },
)  # fmt: skip
audit_words.describe(
    {"follow_up": _l("Follow-up"), "placements": _l("Placements")},
    {
        "all_taken": _l("all openings taken"),
        "left": _l("left work"), "told": _l("told"), "tried": _l("not reached, or put off"),
        "undone": _l("outcome taken back"), "phone_shown": _l("phone number looked up"),
    },
)  # fmt: skip
