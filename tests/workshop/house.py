"""A small workshop for tests: one site, a trainer, a course, a cohort with sessions, learners.

Rows are written directly, so that a test of one verb does not depend on the others.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from core.access import Actor, Role
from core.accounts.models import Grant, User
from core.db import transaction
from core.people.hashes import phone_last4_hash
from core.people.models import Person, Sex
from core.reports.models import Report
from core.reports.values import ALL, ReportState
from core.sites.models import Area, AreaLevel, Site, SiteKind
from workshop.models import (
    Cohort,
    Course,
    Enrolment,
    Learner,
    Room,
    Session,
    Skill,
)
from workshop.values import CohortState, EnrolmentState, SkillLevel

FIRST = date(2026, 11, 2)  # a Monday
FIRST_AT = datetime(2026, 10, 1, tzinfo=UTC)
MORNING, NOON_MIN = 9 * 60, 12 * 60
TAUGHT = 180  # four class hours of 45 minutes


@dataclass
class House:
    """Ids of what `build` made."""

    site_id: int
    area_id: int
    room_id: int
    skill_id: int
    course_id: int
    trainer_id: int
    substitute_id: int
    coordinator_id: int
    now: datetime
    people: list[int] = field(default_factory=list)

    def actor(self, role: Role) -> Actor:
        """Somebody of this workshop, or of the office."""
        user_id = {
            Role.TRAINER: self.trainer_id, Role.COORDINATOR: self.coordinator_id,
        }.get(role)  # fmt: skip
        is_office = role in (Role.ADMIN, Role.CLERK, Role.REVIEWER)
        site_ids = None if is_office else frozenset({self.site_id})
        return Actor(role.value, user_id=user_id, roles=frozenset({role}), site_ids=site_ids)


def build(now: datetime) -> House:
    """A site with one room, three accounts, one skill and a course of 40 class hours."""
    with transaction() as session:
        street = Area(code="01", name="示例街道", level=AreaLevel.STREET)
        session.add(street)
        session.flush()
        area = Area(code="01.03", name="示例社区", level=AreaLevel.COMMUNITY, parent_id=street.id)
        site = Site(slug="gongfang", name="妇女创业微工厂", kind=SiteKind.WORKSHOP,
                    address_style="大姐/大哥")  # fmt: skip
        skill = Skill(code="sewing", name="缝纫")
        session.add_all([area, site, skill])
        session.flush()
        users = [
            _user(session, name, role, site.id, now)
            for name, role in (
                ("zheng", Role.TRAINER), ("liu", Role.TRAINER), ("xu", Role.COORDINATOR),
            )
        ]  # fmt: skip
        room = Room(site_id=site.id, name="一号教室", seats=40)
        course = Course(
            name="缝纫初级", skill_id=skill.id, level=SkillLevel.JUNIOR, class_hours=40,
        )  # fmt: skip
        session.add_all([room, course])
        session.flush()
        return House(site.id, area.id, room.id, skill.id, course.id, *users, now)


def _user(session: object, name: str, role: Role, site_id: int, now: datetime) -> int:
    user = User(name=name, display_name=name, password_hash="-", created_at=now)
    user.grants.append(Grant(role=role, site_id=site_id))
    session.add(user)  # type: ignore[attr-defined]
    session.flush()  # type: ignore[attr-defined]
    return user.id


def cohort(
    house: House, *, number: int = 1, capacity: int = 30, sessions: int = 10, first: date = FIRST,
    state: CohortState = CohortState.RUNNING, starts_min: int = MORNING, taught_min: int = TAUGHT,
    course_id: int | None = None,
) -> int:  # fmt: skip
    """A cohort with one session a week day from `first` on, in the one room; returns its id."""
    days = [day for n in range(60) if (day := first + timedelta(days=n)).isoweekday() <= 5]
    with transaction() as session:
        row = Cohort(
            site_id=house.site_id, course_id=course_id or house.course_id, number=number,
            name=f"缝纫初级第 {number} 期", state=state, starts_on=first,
            ends_on=days[max(0, sessions - 1)], capacity=capacity,
            planned_min=max(1, sessions * taught_min), trainer_id=house.trainer_id,
            created_at=FIRST_AT,
        )  # fmt: skip
        session.add(row)
        session.flush()
        session.add_all([
            Session(
                cohort_id=row.id, on=day, starts_min=starts_min, ends_min=starts_min + taught_min,
                taught_min=taught_min, room_id=house.room_id, trainer_id=house.trainer_id,
                created_at=FIRST_AT,
            )
            for day in days[:sessions]
        ])  # fmt: skip
        return row.id


def sessions_of(cohort_id: int) -> list[int]:
    """The ids of a cohort's sessions in the order of time."""
    from core.db import db

    rows = db.session.query(Session).filter_by(cohort_id=cohort_id)
    return [row.id for row in rows.order_by(Session.on, Session.starts_min)]


def person(house: House, name: str = "李秀英", *, birth_on: date = date(1990, 5, 1)) -> int:
    """Somebody of the registry who is no learner yet; returns her id."""
    with transaction() as session:
        row = Person(
            name=name, pinyin="li xiu ying", sex=Sex.FEMALE, birth_on=birth_on,
            phone=f"139{len(house.people):08d}",
            phone_last4_hash=phone_last4_hash(f"{len(house.people):04d}"), residence_area_id=house.area_id,
            registration_area_id=house.area_id, created_at=house.now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        house.people.append(row.id)
        return row.id


def learner(house: House, name: str = "李秀英", *, birth_on: date = date(1990, 5, 1)) -> int:
    """A learner of the site, without any enrolment; returns the person's id."""
    person_id = person(house, name, birth_on=birth_on)
    with transaction() as session:
        session.add(
            Learner(
                person_id=person_id, home_site_id=house.site_id, registered_on=FIRST,
                created_at=house.now,
            )
        )  # fmt: skip
    return person_id


def enrolled(
    house: House, cohort_id: int, count: int = 1, *,
    state: EnrolmentState = EnrolmentState.TRAINING, joined_on: date = FIRST,
) -> list[int]:  # fmt: skip
    """So many new learners with a place in a cohort, numbered for its sheet; returns their ids."""
    ids = [learner(house, f"学员{len(house.people) + n:03d}") for n in range(1, count + 1)]
    with transaction() as session:
        row = session.get_one(Cohort, cohort_id)
        for number, person_id in enumerate(ids, row.seats_used + 1):
            session.add(Enrolment(
                person_id=person_id, cohort_id=cohort_id, state=state, applied_at=FIRST_AT,
                joined_on=joined_on, number=number, changed_at=FIRST_AT,
                waitlisted_at=FIRST_AT if state is EnrolmentState.WAITLISTED else None,
            ))  # fmt: skip
        row.seats_used += count if state.holds_seat else 0
    return ids


def other_course(house: House, name: str = "家政初级") -> int:
    """A course of another skill; returns its id."""
    with transaction() as session:
        skill = Skill(code=f"skill-{name}", name=name)
        session.add(skill)
        session.flush()
        row = Course(name=name, skill_id=skill.id, level=SkillLevel.JUNIOR, class_hours=40)
        session.add(row)
        session.flush()
        return row.id


def ended(person_id: int, on: date) -> None:
    """She is no longer a learner from this day on."""
    with transaction() as session:
        row = session.get_one(Learner, person_id)
        row.ended_on, row.end_reason = on, "搬走"


def submitted(house: House, month: str) -> None:
    """The workshop's report of a month was submitted to its receiver."""
    with transaction() as session:
        session.add(Report(
            name="workshop", scope=ALL, period=month, state=ReportState.SUBMITTED,
            reviewed_by_id=house.coordinator_id, reviewed_digest="-", created_at=house.now,
            changed_at=house.now,
        ))  # fmt: skip


def second_site(house: House) -> int:
    """Another workshop; returns its id."""
    with transaction() as session:
        row = Site(
            slug="dongjie", name="东街微工厂", kind=SiteKind.WORKSHOP, address_style="大姐/大哥"
        )
        session.add(row)
        session.flush()
        return row.id
