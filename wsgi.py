"""The app: the two programmes of the office, handed to the house.

`python -m wsgi OPTIONS` is granian's own command with the product already loaded, so that its processes
fork from it instead of each loading it anew.
"""

import gc
from collections.abc import Mapping
from typing import Any

from flask import Flask

import canteen
import workshop
from core.app import build_app


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """The whole product. `config` goes before every other source of settings."""
    return build_app([canteen.PROGRAMME, workshop.PROGRAMME], config)


if __name__ == "__main__":
    from granian.cli import entrypoint

    gc.freeze()  # what is loaded by now stays: no full collection stops a counter to look at it
    entrypoint()
