"""Several at once: threads with connections of their own."""

import threading
from collections.abc import Callable

from flask import Flask

from core.db import db
from core.errors import RuleError


def together(app: Flask, calls: list[Callable[[], object]]) -> list[object]:
    """Run calls at the same moment; what they returned, or the error they raised."""
    barrier = threading.Barrier(len(calls))
    found: list[object] = [None] * len(calls)

    def run(position: int, call: Callable[[], object]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                found[position] = call()
            except RuleError as error:
                found[position] = error.code
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return found
