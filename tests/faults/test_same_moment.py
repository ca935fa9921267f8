"""One event or one card many times in the same moment, through the real server."""

import json
import threading
from collections.abc import Callable

import pytest

from core.db import new_id
from tests.conftest import both_engines
from tests.faults.real_server import Answer, Server

pytestmark = pytest.mark.faults


def at_once(calls: list[Callable[[], Answer]]) -> list[Answer]:
    """Answers to calls that are made in the same moment."""
    barrier, answers = threading.Barrier(len(calls)), []

    def run(call: Callable[[], Answer]) -> None:
        barrier.wait(10)
        answers.append(call())

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@both_engines
def test_an_event_sent_50_times_at_once_gets_one_answer_and_one_row(server: Server) -> None:
    server.start()
    [item] = server.canteen.take(1)
    answers = at_once([lambda: server.scan(item)] * 50)
    told = {(answer.status, json.dumps(answer.body, sort_keys=True)) for answer in answers}
    assert len(answers) == 50
    assert [status for status, _ in told] == [201]
    assert server.canteen.served_ids() == [item["id"]]


@both_engines
def test_a_card_at_eight_counters_is_one_meal_and_the_others_hear_of_it(server: Server) -> None:
    server.start()
    [item] = server.canteen.take(1)
    copies = [{**item, "id": str(new_id())} for _ in range(8)]
    answers = at_once([lambda copy=copy: server.scan(copy) for copy in copies])  # type: ignore[misc]
    assert sorted(answer.status for answer in answers) == [200] * 7 + [201]
    later = [answer.body for answer in answers if answer.status == 200]
    assert {answer["outcome"] for answer in later} == {"already_served"}
    assert {(answer["site"], answer["site_name"]) for answer in later} == {("one", "第一食堂")}
    assert all(answer["at"] for answer in later)
    assert len(server.canteen.served_ids()) == 1
    assert server.canteen.is_consistent()
