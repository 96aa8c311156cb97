"""Starts the platform, fills it, runs the tests, stops what it started, and says how it went."""

import os
import pathlib
import sys

import pytest

import house


class Tally:
    """Counts for the last line."""

    def __init__(self):
        self.passed = self.failed = 0

    def pytest_runtest_logreport(self, report):
        if report.when == "call" and report.passed:
            self.passed += 1
        elif report.failed:
            self.failed += 1

    def pytest_collectreport(self, report):
        self.failed += report.failed


def main():
    house.BINARY, arguments = sys.argv[1], sys.argv[2:]
    here = str(pathlib.Path(__file__).resolve().parent)
    os.chdir(here)
    tally = Tally()
    platform = house.House(house.BINARY)
    try:
        house.WORLD = house.World(platform)
        options = ["-q", "-rs", "--tb=short", "-p", "no:cacheprovider", "--rootdir", here]
        places = [] if any(one.endswith(".py") or "::" in one for one in arguments) else [here]
        code = pytest.main([*options, *places, *arguments], plugins=[tally])
    finally:
        platform.stop()
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed or code or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main())
