"""What an import does under the lock: little, and only if the registry is still the one it was made for."""

from datetime import date

import pytest
import sqlalchemy as sa

from canteen.models import Diner, Eligibility, MealCategory
from core import privacy
from core.audit import AuditEntry, verify
from core.db import db, transaction
from core.errors import RuleError
from core.people.actions import add_person
from core.people.imports import actions
from core.people.imports.actions import confirm_import, decide_rows
from core.people.imports.batches import plan_of
from core.people.models import Person
from core.people.values import Details
from core.sites.models import Area, Site, SiteKind
from tests.conftest import NOON, both_engines
from tests.core.people.roster.invented import id_number, somebodies
from tests.core.people.test_imports import DAY, canteen, count, roster, upload

__all__ = ["canteen"]  # a fixture


@pytest.fixture
def meanwhile(monkeypatch):
    """Let something happen after an import was made ready and before it takes the lock."""

    def happens(deed):
        def ready_and_then(*words, **options):
            ready = actions_prepare(*words, **options)
            deed()
            return ready

        actions_prepare = actions.prepare
        monkeypatch.setattr(actions, "prepare", ready_and_then)

    return happens


@both_engines
def test_somebody_registered_while_an_import_is_made_ready_refuses_it(canteen, clerk, meanwhile):
    people = somebodies(3, seed=71)
    batch = upload(roster(people), clerk)
    details = Details(people[0].name, id_number=people[0].id_number)
    meanwhile(lambda: add_person(details, by=clerk, now=NOON))
    with pytest.raises(RuleError, match="import_moved_on"):
        confirm_import(batch.id, by=clerk, now=NOON)
    assert (count(Person), count(Diner)) == (1, 0)


@both_engines
def test_a_row_left_out_while_an_import_is_made_ready_refuses_it(canteen, clerk, meanwhile):
    batch = upload(roster(somebodies(3, seed=72)), clerk)
    key = plan_of(batch, DAY).rows[0].key
    meanwhile(lambda: decide_rows(batch.id, [key], leave_out="已搬走", by=clerk, now=NOON))
    with pytest.raises(RuleError, match="import_moved_on"):
        confirm_import(batch.id, by=clerk, now=NOON)
    assert count(Person) == 0


@both_engines
@pytest.mark.parametrize("what", ["category", "canteen", "community"])
def test_a_house_rearranged_while_an_import_is_made_ready_refuses_it(
    canteen, clerk, meanwhile, what
):
    def rearrange():
        with transaction() as session:
            if what == "category":
                session.scalars(
                    sa.select(MealCategory).filter_by(name="普通")
                ).one().is_active = False
            elif what == "canteen":
                session.add(Site(slug="other", name="第二食堂", kind=SiteKind.CANTEEN))
            else:
                session.get_one(Area, canteen["水电社区"]).name = "水电新村社区"

    batch = upload(roster([p.but(categories=("普通",)) for p in somebodies(3, seed=73)]), clerk)
    meanwhile(rearrange)
    with pytest.raises(RuleError, match="import_moved_on"):
        confirm_import(batch.id, by=clerk, now=NOON)
    assert (count(Person), count(Diner)) == (0, 0)


def under_the_lock(monkeypatch, work):
    """How many statements, and how many encryptions, happen inside the transaction of `work`."""
    seen, real = {"statements": 0, "seals": 0}, privacy.seal

    def is_inside():
        return bool(db.session().info.get("writing"))

    def seal(text):
        seen["seals"] += is_inside()
        return real(text)

    def statement(_connection, _cursor, text, *_):
        # SQLite numbers people one statement each; PostgreSQL many in one.
        seen["statements"] += is_inside() and not text.startswith("INSERT INTO person (")

    monkeypatch.setattr(privacy, "seal", seal)
    monkeypatch.setattr("core.bulk.seal", seal)
    sa.event.listen(db.engine, "before_cursor_execute", statement)
    work()
    sa.event.remove(db.engine, "before_cursor_execute", statement)
    monkeypatch.setattr(privacy, "seal", real)
    return seen


@both_engines
def test_new_people_cost_no_more_statements_and_no_encryption_under_the_lock(
    canteen, clerk, monkeypatch
):
    costs = []
    for size, seed in ((100, 77), (40, 74), (200, 75)):  # the first bring the namesakes
        batch = upload(roster(somebodies(size, seed=seed), diets="低盐"), clerk)
        costs.append(
            under_the_lock(monkeypatch, lambda b=batch: confirm_import(b.id, by=clerk, now=NOON))
        )
    assert costs[1] == costs[2]
    # The one entry that says how many there were can be written only then.
    assert costs[1]["seals"] == 1


@both_engines
def test_people_imported_together_stand_in_the_log_as_if_added_one_by_one(canteen, clerk):
    one = somebodies(1, seed=76)[0].but(categories=("低保",))
    confirm_import(upload(roster([one], diets="低盐"), clerk).id, by=clerk, now=NOON)
    person_id = db.session.scalar(sa.select(Person.id))
    entries = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.person_id == person_id)
    ).all()
    assert len(entries) == 5
    paper_id = db.session.scalar(sa.select(Eligibility.id))
    assert {(e.action, e.subject, e.user_id) for e in entries} == {
        ("person.added", f"person:{person_id}", clerk.user_id),
        ("diner.enrolled", f"diner:{person_id}", clerk.user_id),
        ("eligibility.proposed", f"eligibility:{paper_id}", clerk.user_id),
        ("eligibility.approved", f"eligibility:{paper_id}", clerk.user_id),
        ("diet_need.added", f"diner:{person_id}", clerk.user_id),
    }
    assert verify().fault is None


@both_engines
def test_an_id_number_taken_at_the_same_moment_refuses_the_newcomer(in_app, clerk):
    number = id_number(date(1940, 5, 4), 123)
    add_person(Details("甲一", id_number=number), by=clerk, now=NOON)
    with pytest.raises(RuleError, match="id_number_taken") as refused:
        add_person(Details("乙二", id_number=number), by=clerk, now=NOON)
    assert refused.value.details["name"] == "甲一"
    assert count(Person) == 1
