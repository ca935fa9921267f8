"""Sentences for the coded errors and notes of reports: what happened, and what to do."""

from flask_babel import lazy_gettext as _l

from core.errors import Text, describe

describe({
    "report_unknown": Text(_l("There is no such report. It may have been discarded; load the list again."), 404),
    "report_kind_unknown": Text(_l("There is no report of this name. Nothing was changed."), 404),
    "report_scope_unknown": Text(_l("There is no site of this name for this report. Nothing was changed."), 404),
    "report_in_future": Text(_l("This period begins on %(first)s. Its report can be opened from then on."), 422),
    "report_month_running": Text(_l(
        "The period ends on %(last)s. Until then its report can be previewed, not reviewed or issued."
    )),
    "report_not_yours": Text(_l("Your role does not take this step. Ask the street office. Nothing was changed."), 403),
    "report_needs_account": Text(_l("A review needs somebody who signed in. Nothing was changed."), 403),
    "report_after_issue": Text(_l(
        "This report was issued already. What has to be corrected becomes its next revision; open the "
        "issued report and start it there."
    )),
    "report_is_open": Text(_l("This report is still a draft: correct it in the draft itself.")),
    "report_superseded": Text(_l("There is a newer revision of this report. Open that one. Nothing was changed.")),
    "report_has_newer": Text(_l(
        "A newer revision of this report has been started. Issue that one, or discard its draft first. "
        "Nothing was changed."
    )),
    "report_submitted": Text(_l(
        "This report was submitted, so its figures stand. A correction is booked as an adjustment and "
        "appears in the next report."
    )),
    "report_frozen": Text(_l("This report was issued and never changes again. Nothing was changed.")),
    "report_not_draft": Text(_l("This report is no draft any more. Load the page again. Nothing was changed.")),
    "report_not_reviewed": Text(_l(
        "This report has no valid review at the moment, so it can't be issued. Have it reviewed by another "
        "person first."
    )),
    "report_not_issued": Text(_l("This report has to be issued, and not yet signed, for this. Load the page again.")),
    "report_not_signed": Text(_l("This report has to be signed and stamped before it is submitted.")),
    "report_not_submitted": Text(_l("This report has not been submitted, or is settled already. Load the page again.")),
    "report_draft_not_empty": Text(_l(
        "Somebody has written in this draft, so it is kept. Nothing was changed."
    )),
    "report_reason_needed": Text(_l("Say why, in a few words. Nothing was changed."), 422),
    "report_text_needed": Text(_l("Write an explanation. Nothing was changed."), 422),
    "report_text_long": Text(
        _l("This text is longer than %(most)s characters. Nothing was saved; shorten it."), 422
    ),
    "report_receiver_needed": Text(_l("Name the authority that receives it. Nothing was changed."), 422),
    "report_full_ids_not_asked": Text(_l(
        "Nobody asks for whole ID numbers any more. Load the page again. Nothing was changed."
    )),
    "report_full_ids_by_two": Text(_l(
        "Whoever asked for whole ID numbers can't grant them. Review without granting, or let another "
        "person review."
    )),
    "report_changed": Text(_l(
        "The report has changed since this page was loaded. Load it again and look at it once more. "
        "Nothing was changed."
    )),
    "report_not_ready": Text(_l(
        "%(count)s items have to be settled or explained before the review. Nothing was changed."
    )),
    "report_reviewer_issues": Text(_l(
        "You reviewed this report, so another person has to issue it. Nothing was changed."
    )),
    "report_scan_missing": Text(_l(
        "Attach the scan of the signed and stamped page first. Nothing was changed."
    ), 422),
    "report_submitted_early": Text(_l("It can't have been submitted before %(earliest)s. Check the date."), 422),
    "report_submitted_late": Text(_l("It can't have been submitted after today, %(today)s. Check the date."), 422),
    "report_figures_changed": Text(_l(
        "%(count)s figures have changed since the review, so nothing was issued. The report is a draft "
        "again; look at what changed and have it reviewed once more."
    )),
    "report_rows_changed": Text(_l(
        "The figures are the same, but records behind them have changed since the review, so nothing was "
        "issued. The report is a draft again; have it reviewed once more."
    )),
    "report_stopped": Text(_l(
        "%(count)s items stand in the way of the issue: %(titles)s. Nothing was issued."
    )),
    "report_glyphs": Text(_l(
        "No font of the printer has these characters: %(names)s. Nothing was issued; correct the names "
        "or ask for a font that has them."
    )),
    "report_no_pdf": Text(_l(
        "This computer can't make PDFs: Pango is missing. Nothing was issued; install it as “flask doctor” "
        "says and issue again."
    ), 503),
    "report_cancelled": Text(_l("The issue was cancelled. Nothing was issued.")),
    "report_counting": Text(_l("Counting the figures")),
    "report_checking": Text(_l("Checking them against each other")),
    "report_drawing_submission": Text(_l("Drawing the copy for the authority")),
    "report_drawing_archive": Text(_l("Drawing the copy for the office")),
    "report_drawing_public": Text(_l("Drawing the copy for the notice board")),
    "report_writing_workbook": Text(_l("Writing the workbook")),
    "report_storing": Text(_l("Storing them for good")),
})  # fmt: skip

# Why a reviewed report became a draft by itself, as its move notes it.
_MOVE_NOTES = {
    "texts_changed": _l("Texts were changed after the review"),
    "full_ids_changed": _l("The request for whole ID numbers was changed after the review"),
    "explanation_changed": _l("An explanation was changed after the review"),
    "figures_changed": _l("Figures had changed since the review: %(count)s"),
}


def move_note(stored: str | None) -> str:
    """The note of a move in words; what somebody typed stays as typed."""
    code, _, count = (stored or "").partition(":")
    known = _MOVE_NOTES.get(code)
    if known is None or (count and not count.isdecimal()):
        return stored or ""
    return str(known) % {"count": count} if count else str(known)
