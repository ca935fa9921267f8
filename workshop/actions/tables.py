"""The tables that the office sets up: skills, kinds of hardship, and the dated retirement ages."""

from datetime import date, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.db import transaction
from core.errors import RuleError
from core.people.models import Sex
from workshop.models import HardshipCategory, RetirementAge, Skill
from workshop.rules.retirement import first_steps
from workshop.values import WorkerKind

Named = TypeVar("Named", Skill, HardshipCategory)
# code, name; starting points that every office edits.
_SKILLS = (
    ("sewing", "缝纫"), ("home_service", "家政"), ("pastry", "面点"), ("infant_care", "育婴"),
    ("handicraft", "手工编织"), ("live_selling", "电商直播"), ("elder_care", "养老护理"),
    ("maternity_care", "月嫂"), ("cooking", "中式烹饪"), ("beauty", "美容美发"),
    ("massage", "保健按摩"), ("computer", "办公软件"), ("packing", "来料加工"),
    ("flower_art", "插花花艺"),
)  # fmt: skip
_HARDSHIP = (
    ("zero_employment", "零就业家庭"), ("minimum_living", "低保"), ("low_income", "低保边缘"),
    ("single_parent", "单亲"), ("disabled", "残疾"), ("unemployed_year", "失业一年以上"),
    ("sick_relative", "赡养重病亲属"), ("rigid_expense", "刚性支出困难"),
    ("lifted_from_poverty", "脱贫人口"), ("land_lost", "失地农民"), ("fishing_ban", "退捕渔民"),
    ("released", "刑满释放"), ("other", "其他困难"),
)  # fmt: skip
REFORM_DOCUMENT = "全国人大常委会关于实施渐进式延迟法定退休年龄的决定(2024-09-13)"


def ensure_tables(*, by: Actor, now: datetime) -> None:
    """Make the usual skills, hardship categories and retirement ages where a table is empty."""
    with transaction() as session:
        _seed_named(session, Skill, "skill", _SKILLS, by, now)
        _seed_named(session, HardshipCategory, "hardship_category", _HARDSHIP, by, now)
        if session.scalar(sa.select(RetirementAge.id).limit(1)) is None:
            rows = [
                RetirementAge(
                    sex=Sex(step.sex), worker_kind=step.worker_kind, born_from=step.born_from,
                    age_months=step.age_months, document_no=REFORM_DOCUMENT,
                )
                for step in first_steps()
            ]  # fmt: skip
            session.add_all(rows)
            audit.record(session, "retirement_age.seeded", subject="retirement_age", by=by, now=now,
                         after={"document_no": REFORM_DOCUMENT, "rows": len(rows)})  # fmt: skip


def _seed_named(
    session: Session, model: type[Named], noun: str, usual: tuple[tuple[str, str], ...], by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    if session.scalar(sa.select(model.id).limit(1)) is not None:
        return
    session.add_all(
        model(code=code, name=name, position=10 * n, is_active=True)
        for n, (code, name) in enumerate(usual, 1)
    )
    audit.record(session, f"{noun}.seeded", subject=noun, by=by, now=now,
                 after={"codes": [code for code, _ in usual]})  # fmt: skip


def save_skill(
    skill_id: int | None, *, name: str, position: int, is_active: bool, by: Actor, now: datetime
) -> Skill:
    """Add a skill (None) or change one. Raises RuleError no_such_skill, name_needed, name_taken."""
    return _save_named(Skill, "skill", skill_id, name, position, is_active, by, now)


def save_hardship_category(
    category_id: int | None, *, name: str, position: int, is_active: bool, by: Actor, now: datetime
) -> HardshipCategory:
    """Add a kind of hardship (None) or change one. Raises RuleError no_such_hardship, name_needed,
    name_taken."""
    return _save_named(
        HardshipCategory, "hardship_category", category_id, name, position, is_active, by, now
    )


def _save_named(
    model: type[Named], noun: str, row_id: int | None, name: str, position: int, is_active: bool,
    by: Actor, now: datetime,
) -> Named:  # fmt: skip
    name = name.strip()[:32]
    if not name:
        raise RuleError("name_needed")
    try:
        with transaction() as session:
            row: Any = session.get(model, row_id) if row_id is not None else None
            if row_id is not None and row is None:
                raise RuleError("no_such_skill" if model is Skill else "no_such_hardship")
            before = _shown(row) if row else None
            if row is None:
                # The code stands in addresses of filtered lists and is never typed.
                last = session.scalar(sa.select(sa.func.max(model.id))) or 0
                row = model(code=f"own_{last + 1}")
                session.add(row)
            row.name, row.position, row.is_active = name, position, is_active
            session.flush()
            audit.record(session, f"{noun}.saved", subject=f"{noun}:{row.id}", by=by, now=now,
                         before=before, after=_shown(row))  # fmt: skip
            return row
    except sa.exc.IntegrityError:
        raise RuleError("name_taken", name=name) from None


def _shown(row: Any) -> dict[str, Any]:
    return {
        "code": row.code, "name": row.name, "position": row.position, "is_active": row.is_active,
    }  # fmt: skip


def save_retirement_age(
    row_id: int | None,
    *,
    sex: Sex,
    worker_kind: WorkerKind,
    born_from: date,
    age_months: int,
    document_no: str,
    by: Actor,
    now: datetime,
) -> RetirementAge:
    """Add a step of the retirement table (None) or change one.

    age_months: whole months of life, 40 to 80 years. Raises RuleError no_such_step, age_impossible,
    document_needed, step_taken.
    """
    if not 480 <= age_months <= 960:
        raise RuleError("age_impossible")
    if not document_no.strip():
        raise RuleError("document_needed")
    try:
        with transaction() as session:
            row = session.get(RetirementAge, row_id) if row_id is not None else None
            if row_id is not None and row is None:
                raise RuleError("no_such_step")
            before = _of_step(row) if row else None
            if row is None:
                row = RetirementAge()
                session.add(row)
            row.sex, row.worker_kind, row.born_from = sex, worker_kind, born_from
            row.age_months, row.document_no = age_months, document_no.strip()[:64]
            session.flush()
            audit.record(session, "retirement_age.saved", subject=f"retirement_age:{row.id}", by=by,
                         now=now, before=before, after=_of_step(row))  # fmt: skip
            return row
    except sa.exc.IntegrityError:
        raise RuleError("step_taken") from None


def remove_retirement_age(row_id: int, *, by: Actor, now: datetime) -> None:
    """Take a step out of the table. Raises RuleError no_such_step."""
    with transaction() as session:
        row = session.get(RetirementAge, row_id)
        if row is None:
            raise RuleError("no_such_step")
        session.delete(row)
        audit.record(session, "retirement_age.removed", subject=f"retirement_age:{row_id}", by=by,
                     now=now, before=_of_step(row))  # fmt: skip


def _of_step(row: RetirementAge) -> dict[str, Any]:
    return {
        "sex": row.sex, "worker_kind": row.worker_kind, "born_from": row.born_from,
        "age_months": row.age_months, "document_no": row.document_no,
    }  # fmt: skip
