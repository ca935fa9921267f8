"""`python -m bench [--rounds N] [--only scans|slow|cards|reports|…] [--engine …]`: ratios of one run."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import scans
from core.config import ROOT


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=3, help="interleaved rounds; medians are printed"
    )
    parser.add_argument(
        "--only", choices=("scans", "slow", "cards", "reports", "months", "attendance")
    )
    parser.add_argument("--engine", choices=("sqlite", "postgresql"))
    words = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zhuhe-bench-") as name:
        folder = Path(name)
        if words.only in (None, "scans", "slow") and words.engine != "postgresql":
            (folder / "sqlite").mkdir()
            house = scans.prepare(folder / "sqlite")
            if words.only != "slow":
                scans.compare("SQLite", house, folder, words.rounds)
            if words.only != "scans":
                scans.slow_disk(house, folder, words.rounds)
        if words.only in (None, "scans") and words.engine != "sqlite":
            (folder / "postgresql").mkdir()
            house = scans.prepare(folder / "postgresql", scans.postgresql_url())
            scans.compare("PostgreSQL", house, folder, words.rounds)
    if words.only in (None, "months"):
        engine = ["--engine", words.engine] if words.engine else []
        subprocess.run([sys.executable, "-m", "bench.months", *engine], cwd=ROOT, check=True)
    if words.only in (None, "attendance"):
        engine = ["--engine", words.engine] if words.engine else []
        subprocess.run([sys.executable, "-m", "bench.attendance", *engine], cwd=ROOT, check=True)
    if words.only in (None, "cards") and words.engine is None:
        subprocess.run([sys.executable, "-m", "bench.cards"], cwd=ROOT, check=True)
    if words.only in (None, "reports") and words.engine is None:
        subprocess.run([sys.executable, "-m", "bench.reports"], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
