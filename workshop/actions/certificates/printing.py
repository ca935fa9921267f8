"""The job that prints certificates: what each says on paper, in the words of the house."""

import uuid
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core import audit, clock
from core.clock import service_day
from core.db import db, transaction
from core.errors import RuleError
from core.jobs import File, Note, Run, task
from core.reports.pdf import PdfUnavailable
from core.show import full_day
from workshop import certificate_codes
from workshop.models import Certificate, CertificateNumber
from workshop.papers import certificates as certificate_paper

JOB = "workshop.certificates"
PDF = "application/pdf"
LANGUAGE = "zh_Hans"
_STEP = 500

Pair = tuple[Certificate, CertificateNumber]


def with_numbers(ids: Sequence[uuid.UUID]) -> list[Pair]:
    """These certificates in force with their numbers, by number."""
    found: list[Pair] = []
    for start in range(0, len(ids), _STEP):
        found += [
            (certificate, number)
            for certificate, number in db.session.execute(
                sa.select(Certificate, CertificateNumber)
                .join(CertificateNumber, CertificateNumber.number == Certificate.number)
                .where(
                    Certificate.id.in_(ids[start : start + _STEP]), Certificate.revoked_at.is_(None)
                )
            )
        ]
    return sorted(found, key=lambda pair: (pair[1].year, pair[1].serial))


def token_of(number: CertificateNumber) -> str:
    """The code of a certificate, as it stands in its address."""
    return certificate_codes.token_of(number.year, number.serial, number.number)


def sheets_of(pairs: Iterable[Pair]) -> list[certificate_paper.Sheet]:
    """What each says on paper. Called with the language of the house."""
    public = current_app.config["PUBLIC_URL"].strip().rstrip("/")
    phone = current_app.config["OFFICE_PHONE"].strip()
    return [_sheet(certificate, token_of(number), public, phone) for certificate, number in pairs]


def _sheet(row: Certificate, token: str, public: str, phone: str) -> certificate_paper.Sheet:
    verify = [_("Verification code %(code)s", code=certificate_codes.grouped(token))]
    if public:
        verify.insert(0, _("Scan to verify this certificate"))
    elif phone:
        verify.append(_("To verify, call %(number)s", number=phone))
    return certificate_paper.Sheet(
        name=row.name,
        honorific=_("Comrade:"),
        number=_("Certificate No. %(number)s", number=row.number),
        body=(_body(row), _("This certificate is issued in witness thereof.")),
        issued=full_day(row.issued_on),
        address=f"{public}/certificates/verify/{token}" if public else "",
        verify=tuple(verify),
    )  # fmt: skip


def _body(row: Certificate) -> str:
    """What she did. A class that is called after its course does not name it twice."""
    said = {"first": full_day(row.from_on), "last": full_day(row.until_on), "cohort": row.cohort,
            "hours": row.class_hours}  # fmt: skip
    if row.cohort.startswith(row.course):
        return str(_("from %(first)s to %(last)s you took part in %(cohort)s, %(hours)s class hours in all, learned "
                     "what it teaches, and have completed it.", **said))  # fmt: skip
    return str(_("from %(first)s to %(last)s you took part in %(cohort)s (course %(course)s), %(hours)s class hours "
                 "in all, learned what it teaches, and have completed it.", course=row.course, **said))  # fmt: skip


def wording() -> certificate_paper.Wording:
    """What all of them have in common."""
    return certificate_paper.Wording(
        office=current_app.config["OFFICE_NAME"], title=_("Certificate of completion"),
        seal=_("(seal)"),
    )  # fmt: skip


@task(JOB, title=_l("Print certificates"), page="workshop.certificates")
def print_certificates(run: Run, ids: list[str]) -> tuple[File, Note | None]:
    """Print these certificates, those revoked meanwhile left out; noted in the log."""
    if not current_app.config["PDF"]:
        raise RuleError("certificates_no_pdf")
    pairs = with_numbers([uuid.UUID(each) for each in ids])
    if not pairs:
        raise RuleError("certificates_none_chosen")
    with force_locale(LANGUAGE):
        sheets = sheets_of(pairs)
        try:
            content = certificate_paper.render(sheets, wording(), progress=run.progress)
        except PdfUnavailable:
            raise RuleError("certificates_no_pdf") from None
    now = clock.now()
    with transaction() as session:
        for certificate, _number in pairs:
            audit.record(session, "certificate.printed", by=run.by, now=now,
                         subject=f"certificate:{certificate.number}", person_id=certificate.person_id)  # fmt: skip
    lacking = certificate_paper.unprintable(sheets)
    note = Note("certificates_need_pen", {"names": "、".join(lacking)}) if lacking else None
    return File(f"结业证书-{service_day(now):%Y%m%d}-{len(sheets)}张.pdf", PDF, content), note
