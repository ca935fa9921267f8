"""A real worker process that stops for good in the middle of its first issue; run by the test of faults.

Arguments: instance folder, address of the database (may be empty), where to stop ("drawing" or
"storing"), and a file that it makes when it got there: who finds the file does not stop again.
"""

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from core.jobs.worker import consume
from core.reports import issue
from tests.core.reports import facts, stand_ins
from wsgi import create_app


def main(instance: str, url: str, where: str, sign: Path) -> None:
    drawing = stand_ins.put_in(pytest.MonkeyPatch())

    def stopping(real: Any) -> Any:
        def call(*args: Any, **more: Any) -> Any:
            result = real(*args, **more)
            if not sign.exists():
                sign.touch()
                time.sleep(600)
            return result

        return call

    if where == "drawing":
        drawing.pdf_of = stopping(drawing.pdf_of)
    else:  # every row is written, nothing is committed
        issue.entry = stopping(issue.entry)  # type: ignore[attr-defined]
    app = create_app({"INSTANCE": instance, "DATABASE_URL": url})
    facts.register(app)
    with app.app_context():
        consume(app, 1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))
