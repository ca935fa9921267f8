"""Every setting: its name, default, unit and meaning. docs/settings.md lists them; a test compares.

Order of precedence: these defaults, `instance/config.toml` (lower-case names), the environment
(`ZHUHE_` and the name), the dict handed to `create_app`. No secret has a default.
"""

import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def N_(text: str) -> str:
    """Marks a sentence for the catalogue; the page of settings translates it when it is shown."""
    return text


@dataclass(frozen=True)
class Setting:
    """One setting; `default` also gives its type."""

    name: str
    default: str | int | float | bool
    unit: str
    meaning: str

    @property
    def is_secret(self) -> bool:
        """Never shown: a secret, or an address that may hold a password."""
        return self.unit in ("secret", "URL")


SETTINGS: tuple[Setting, ...] = (
    Setting("DATABASE_URL", "", N_("URL"), N_("Engine and place of the data; empty means SQLite in the "
            "instance folder. PostgreSQL is written postgresql+psycopg://user:password@host/name.")),
    Setting("QUEUE_URL", "", N_("URL"), N_("Queue that wakes the worker; empty means beside the data: a file "
            "in the instance folder, or the PostgreSQL database itself. redis:// or postgresql:// move it elsewhere.")),
    Setting("DATABASE_WAIT_S", 4.0, N_("seconds"), N_("Longest wait for the database before a request is "
            "answered with 503 and Retry-After.")),
    Setting("OFFICE_NAME", "渚河路街道办事处", N_("text"), N_("The subdistrict office, as printed on cards and reports.")),
    Setting("OFFICE_PHONE", "", N_("phone"), N_("Telephone printed on cards and reports.")),
    Setting("PUBLIC_URL", "", N_("address"), N_("Address under which strangers reach this site, for the symbol on "
            "reports by which they are verified: https://zhuhe.example.cn. Empty: the printed code alone.")),
    Setting("REPORT_RECEIVER", "区民政局", N_("text"), N_("The authority that receives the reports; can be changed on each.")),
    Setting("WORKSHOP_REPORT_RECEIVER", "区妇女联合会", N_("text"), N_("The same for the reports of the workshop.")),
    Setting("COMPLAINT_PHONE", "", N_("phone"), N_("Telephone for complaints, printed on the copy for the notice board.")),
    Setting("DEFAULT_LANGUAGE", "zh_Hans", N_("locale"), N_("Language of a screen whose user chose none: zh_Hans or en.")),
    Setting("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]", N_("host names"),
            N_("Names under which the site may be called, separated by commas; any other Host header is refused.")),
    Setting("TRUSTED_PROXIES", 0, N_("hops"), N_("How many proxies in front may set X-Forwarded-For and -Proto.")),
    Setting("HTTPS", False, N_("true or false"), N_("Served over HTTPS: cookies are then sent over HTTPS only.")),
    Setting("SERVER_WORKERS", 2, N_("processes"), N_("Web processes.")),
    Setting("SERVER_THREADS", 2, N_("requests"), N_("Requests a web process works on at a time, besides those that "
            "wait for a commit; more only get in each other's way.")),
    Setting("RECEIVE_S", 20, N_("seconds"), N_("Time that the content of a request may take to arrive, and again for "
            "each MiB of it; then it is answered with 408.")),
    Setting("WORKER_PROCESSES", 1, N_("processes"), N_("Processes that work off the queue.")),
    Setting("PDF", True, N_("true or false"), N_("Whether PDFs can be made; off where Pango is missing.")),
    Setting("METRICS_TOKEN", "", N_("secret"), N_("Bearer token for /metrics; empty means loopback only.")),
    Setting("MAX_UPLOAD_MB", 12, N_("MiB"), N_("Largest request body; attached papers have a limit of their own.")),
    Setting("EVIDENCE_MAX_MB", 10, N_("MiB"), N_("Largest file of an attached paper.")),
    Setting("EVIDENCE_AT_ONCE", 6, N_("files"), N_("How many papers may be attached in one go.")),
    Setting("EVIDENCE_MEMORY_MB", 768, N_("MiB"), N_("Memory that the process looking at an attached paper may use.")),
    Setting("EVIDENCE_TIMEOUT_S", 20, N_("seconds"), N_("Time that the process looking at an attached paper may take.")),
    Setting("IMPORT_MAX_UNPACKED_MB", 80, N_("MiB"), N_("Largest spreadsheet after unpacking.")),
    Setting("IMPORT_MEMORY_MB", 768, N_("MiB"), N_("Memory that the process reading a spreadsheet may use.")),
    Setting("IMPORT_TIMEOUT_S", 20, N_("seconds"), N_("Time that the process reading a spreadsheet may take.")),
    Setting("IMPORT_KEEP_HOURS", 24, N_("hours"), N_("How long the preview of an import is kept.")),
    Setting("PHOTO_MAX_MB", 8, N_("MiB"), N_("Largest file of a resident's photo.")),
    Setting("PHOTO_MAX_MEGAPIXELS", 64, N_("million pixels"), N_("Largest picture that is opened for a resident's photo.")),
    Setting("PHOTO_SIDE_PX", 480, N_("pixels"), N_("Longest side of a resident's photo as it is kept.")),
    Setting("PHOTO_TIMEOUT_S", 2, N_("seconds"), N_("Time that the process reading a photo may take.")),
    Setting("OFFICE_IDLE_MINUTES", 15, N_("minutes"), N_("Office pages end after this long without use.")),
    Setting("OFFICE_SESSION_HOURS", 8, N_("hours"), N_("Office pages end at the latest after this long.")),
    Setting("DUTY_SESSION_HOURS", 16, N_("hours"), N_("Counter, courier and trainer stay signed in for their day.")),
    Setting("PIN_IDLE_MINUTES", 5, N_("minutes"), N_("Names, search and void at a counter ask for the PIN after "
            "this long without use. Scanning never does.")),
    Setting("PASSWORD_MIN_LENGTH", 10, N_("characters"), N_("Shortest password.")),
    Setting("SIGN_IN_PAIR_FAILURES", 5, N_("failures"), N_("Failed sign-ins of one account from one address before it must wait.")),
    Setting("SIGN_IN_ADDRESS_FAILURES", 30, N_("failures"), N_("Failed sign-ins from one address before it must wait.")),
    Setting("SIGN_IN_ACCOUNT_FAILURES", 15, N_("failures"), N_("Failed sign-ins of one account from anywhere before it must wait a minute.")),
    Setting("SIGN_IN_WAIT_MINUTES", 15, N_("minutes"), N_("How long an account at one address, or an address, must wait.")),
    Setting("UNKNOWN_CODES_PER_MINUTE", 30, N_("codes"), N_("Unknown card codes a device, or codes of reports an address, may send in a minute before it is slowed.")),
    Setting("CLOCK_SUSPECT_S", 300, N_("seconds"), N_("A clock of a device or of the server that is further off, or was moved further, is marked as suspect.")),
    Setting("SCAN_MAX_AGE_DAYS", 3, N_("days"), N_("An older or a future scan is put before a human.")),
    Setting("ELIGIBILITY_GRACE_DAYS", 30, N_("days"), N_("So long after its end an eligibility still serves, to be reviewed.")),
    Setting("AGE_TIER_FROM_NEXT_MONTH", False, N_("true or false"), N_("An age tier begins with the month after the birthday instead of on the day.")),
    Setting("SUBSIDY_HIGHEST_WINS", True, N_("true or false"), N_("就高不就低: among tariff rows of one priority the largest subsidy wins.")),
    Setting("REPORT_READINESS_DAY", 25, N_("day"), N_("From this day of the month on, the draft of its report says what is still missing.")),
    Setting("REPORT_REFRESH_MINUTES", 15, N_("minutes"), N_("How often, at most, an open report is counted anew to say what is still missing.")),
    Setting("SMALL_CELL_MINIMUM", 5, N_("people"), N_("On the notice board smaller numbers of people are hidden, with all that would give them back.")),
    Setting("BUDGET_WARN_PERCENT", 90, N_("percent"), N_("From this share of an annual budget on the office is warned on its "
            "first page.")),
    Setting("CHECK_BURST_CARDS", 8, N_("cards"), N_("So many cards in the order of the register, one right after "
            "another at one counter, are asked about before a report is issued.")),
    Setting("CHECK_BURST_GAP_S", 15, N_("seconds"), N_("Longest time between two such cards.")),
    Setting("CHECK_MANUAL_PERCENT", 30, N_("percent"), N_("A site is asked about when more than this share of its "
            "meals was registered without a card.")),
    Setting("CHECK_MANUAL_MEALS", 20, N_("meals"), N_("Fewer meals without a card than this are never asked about.")),
    Setting("CHECK_COLLECTED_PERCENT", 50, N_("percent"), N_("A site, account or device is asked about when more than "
            "this share of its meals was collected by somebody else.")),
    Setting("CHECK_COLLECTED_MEALS", 20, N_("meals"), N_("Fewer collected meals than this are never asked about.")),
    Setting("CHECK_TWO_PLACES_MIN", 20, N_("minutes"), N_("A person at two sites within this time is asked about.")),
    Setting("CHECK_OUTSIDE_MIN", 60, N_("minutes"), N_("A meal registered further from its mealtime than this counts "
            "as far outside.")),
    Setting("CHECK_OUTSIDE_MEALS", 3, N_("meals"), N_("An account or device is asked about from so many meals far "
            "outside on.")),
    Setting("WAGE_BANDS", "2000,3000,4000,5000", N_("yuan"), N_("Limits between the bands in which a report counts wages a month, "
            "separated by commas; a wage itself stands in no report.")),
    Setting("CHECK_EVIDENCE", True, N_("true or false"), N_("Ask about subsidised meals whose eligibility has no paper "
            "attached.")),
    Setting("FOLLOW_UP_DAYS", "30,90,180", N_("days"), N_("After how many days of work she is asked how it goes, separated by "
            "commas; a job makes its follow-ups when it starts.")),
    Setting("FOLLOW_UP_RETRY_DAYS", 1, N_("days"), N_("A follow-up that reached nobody comes again after so many days.")),
    Setting("EARLY_LEAVING_DAYS", 30, N_("days"), N_("Whoever leaves a job sooner after its start is listed apart.")),
    Setting("PLACEMENT_WINDOW_MONTHS", 6, N_("months"), N_("So long after her training a job counts in the placement rate.")),
    Setting("RETENTION_GAP_DAYS", 30, N_("days"), N_("Longest time between two jobs that does not break lasting employment.")),
    Setting("HOME_WORK_LEAST_FEN", 50000, N_("fen"), N_("Home piecework counts as employment from this pay a month on.")),
    Setting("ENROLMENT_OFFER_HOURS", 48, N_("hours"), N_("How long a seat of a training class is kept for whoever waited for it; "
            "then it goes to the next.")),
    Setting("CERTIFICATE_NUMBER", "ZH{year}-{serial:04d}", N_("text"), N_("Form of the numbers of certificates; {year} and {serial} "
            "must stand in it. Serials begin anew each year.")),
    Setting("ATTENDANCE_LOCK_DAYS", 7, N_("days"), N_("So many days after a session its attendance is locked; then only the "
            "office corrects it, with a reason.")),
    Setting("CHECK_IN_EARLY_MINUTES", 30, N_("minutes"), N_("So long before a session begins marks may be set; leave may "
            "be entered at any time.")),
    Setting("UNDO_MINUTES", 10, N_("minutes"), N_("How long a trainer can take back what she saved last.")),
    Setting("ROOM_CODE_SECONDS", 30, N_("seconds"), N_("How long a room code is shown; it is taken for as long again.")),
    Setting("CHECK_INS_PER_PHONE", 1, N_("learners"), N_("How many learners may check in to one session with the same phone.")),
    Setting("CHECK_IN_TRIES_PER_MINUTE", 30, N_("tries"), N_("Wrong codes or names that one address may send in a minute "
            "before it must wait; a phone may send a third of them.")),
    Setting("AT_RISK_ABSENCES", 3, N_("sessions"), N_("So many absences in a row put a learner on the list of those at risk.")),
    Setting("AT_RISK_UNMARKED", 3, N_("sessions"), N_("So many sessions without any mark of her put a learner on the list of those "
            "at risk.")),
    Setting("CHECK_SESSION_SHEET", True, N_("true or false"), N_("Ask about sessions without a sign-in sheet or photo.")),
    Setting("CHECK_LATE_MARK_DAYS", 3, N_("days"), N_("A mark made or changed so long after its session counts as late.")),
    Setting("CHECK_LATE_MARKS", 5, N_("learners"), N_("So many learners of one session with late marks by one person are "
            "asked about.")),
    Setting("CHECK_ONE_PHONE", 3, N_("learners"), N_("So many learners who checked in to one session with one phone are "
            "asked about.")),
    Setting("CHECK_UNDECIDED_DAYS", 14, N_("days"), N_("So long after its end a cohort with learners still in training is "
            "asked about.")),
    Setting("CHECK_OVERDUE_DAYS", 14, N_("days"), N_("A follow-up is asked about when it is so long overdue.")),
    Setting("PAGE_ROWS", 50, N_("rows"), N_("Rows a page in lists.")),
    Setting("JOB_STALE_S", 60, N_("seconds"), N_("A job without a sign of life for this long is taken up again.")),
    Setting("JOB_RESULT_HOURS", 24, N_("hours"), N_("How long a finished file waits to be fetched.")),
)  # fmt: skip

BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in SETTINGS}
# With less than this nothing works, or nobody gets in; all others may be 0, and none is negative.
LEAST: Mapping[str, float] = {"DATABASE_WAIT_S": 0.1} | dict.fromkeys((
    "SERVER_WORKERS", "SERVER_THREADS", "WORKER_PROCESSES", "RECEIVE_S", "MAX_UPLOAD_MB", "PAGE_ROWS",
    "OFFICE_IDLE_MINUTES", "OFFICE_SESSION_HOURS", "DUTY_SESSION_HOURS", "PIN_IDLE_MINUTES",
    "SIGN_IN_PAIR_FAILURES", "SIGN_IN_ADDRESS_FAILURES", "SIGN_IN_ACCOUNT_FAILURES", "ROOM_CODE_SECONDS",
    "EVIDENCE_MAX_MB", "EVIDENCE_AT_ONCE", "EVIDENCE_MEMORY_MB", "EVIDENCE_TIMEOUT_S",
    "IMPORT_MAX_UNPACKED_MB", "IMPORT_MEMORY_MB", "IMPORT_TIMEOUT_S", "IMPORT_KEEP_HOURS",
    "PHOTO_MAX_MB", "PHOTO_MAX_MEGAPIXELS", "PHOTO_SIDE_PX", "PHOTO_TIMEOUT_S",
    "JOB_STALE_S", "JOB_RESULT_HOURS",
), 1)  # fmt: skip
_NUMBERS = r"\s*(\d+\s*([,，、\s]\s*\d+\s*)*)?"
# How a text must look where it is more than words.
FORMS: Mapping[str, str] = {
    "QUEUE_URL": r"((rediss?|postgresql(\+psycopg)?)://.*)?", "DEFAULT_LANGUAGE": "zh_Hans|en",
    "WAGE_BANDS": _NUMBERS, "FOLLOW_UP_DAYS": _NUMBERS,
}  # fmt: skip


class BadSetting(Exception):
    """A setting that is unknown or not of its type; the message names it and its source."""


def instance_path() -> Path:
    """The folder of settings, keys and data; `ZHUHE_INSTANCE` moves it."""
    return Path(os.environ.get("ZHUHE_INSTANCE") or ROOT / "instance").resolve()


def read_file(instance: Path) -> dict[str, Any]:
    """What `config.toml` sets, by name in capitals; nothing without the file. Raises BadSetting."""
    file = instance / "config.toml"
    try:
        # Notepad begins a text with a byte-order mark.
        found = tomllib.loads(file.read_text("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BadSetting(f"{file} cannot be read: {error}") from None
    return {name.upper(): value for name, value in found.items()}


def load(instance: Path, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """All settings as typed values. Raises BadSetting for an unknown name, a wrong type or value."""
    values: dict[str, Any] = {setting.name: setting.default for setting in SETTINGS}
    for name, value in read_file(instance).items():
        values[name] = _typed(name, value, str(instance / "config.toml"))
    for name in BY_NAME:
        if (text := os.environ.get(f"ZHUHE_{name}")) is not None:
            values[name] = _typed(name, text, f"ZHUHE_{name}")
    values.update(overrides)
    return values


def _typed(name: str, value: Any, source: str) -> Any:
    setting = BY_NAME.get(name)
    if setting is None:
        raise BadSetting(f"{source}: unknown setting {name.lower()}")
    shown = f"{source}: {name.lower()} must be"
    if isinstance(setting.default, bool):
        word = str(value).strip().lower()
        if word in ("true", "1", "on", "yes"):
            return True
        if word in ("false", "0", "off", "no"):
            return False
        raise BadSetting(f"{shown} true or false, not {value!r}")
    if isinstance(value, bool | list | dict):
        raise BadSetting(f"{shown} one text or number, not {value!r}")
    if isinstance(setting.default, str):
        if not re.fullmatch(FORMS.get(name, ".*"), str(value), re.DOTALL):
            # An address may hold a password.
            given = "what it is" if setting.is_secret else repr(value)
            raise BadSetting(f"{shown} otherwise than {given}. {setting.meaning}")
        return str(value)
    return _number(setting, value, shown)


def _number(setting: Setting, value: Any, shown: str) -> int | float:
    is_whole = isinstance(setting.default, int)
    kind = "a whole number" if is_whole else "a number"
    try:
        number = float(value)
        if not math.isfinite(number) or (is_whole and number != int(value)):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise BadSetting(f"{shown} {kind}, not {value!r}") from None
    if number < (least := LEAST.get(setting.name, 0)):
        raise BadSetting(f"{shown} {kind} from {least} on, not {value!r}")
    return int(value) if is_whole else number
