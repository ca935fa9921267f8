"""kill -9 of the server and its workers amid scans: what was acknowledged is there afterwards."""

import pytest

from tests.conftest import both_engines
from tests.faults.real_server import Crowd, Server, wait_until

pytestmark = pytest.mark.faults


@both_engines
def test_acknowledged_scans_outlive_a_killed_server_and_resending_is_harmless(
    server: Server,
) -> None:
    server.start()
    items = server.canteen.take(600)
    crowd = Crowd(server, items)
    wait_until(lambda: len(crowd.acknowledged()) >= 60, 30)
    server.kill()
    crowd.wait()
    acknowledged = crowd.acknowledged()
    assert len(acknowledged) < len(items), "the kill came too late to interrupt anything"
    assert acknowledged <= set(server.canteen.served_ids())
    assert server.canteen.is_consistent()

    server.start()
    sent_again = items[: len(acknowledged) + 60]
    answers = Crowd(server, sent_again).wait()
    assert {answer.status for answer in answers.values() if answer} == {201}
    assert all(answers.values())
    assert sorted(server.canteen.served_ids()) == sorted(item["id"] for item in sent_again)
    assert server.canteen.is_consistent()
