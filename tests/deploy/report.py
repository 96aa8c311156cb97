"""Counts what was checked and says what is wrong."""

from __future__ import annotations

from collections.abc import Iterable


class Report:
    """One line for each failure, one sum at the end."""

    def __init__(self) -> None:
        self.passed = 0
        self.failures: list[str] = []

    def check(self, what: str, problems: Iterable[str]) -> None:
        """Counts one check: passed when there are no problems, failed with all of them otherwise."""
        found = list(problems)
        if found:
            self.failures.append(f"{what}: " + "; ".join(found))
            print(f"FAIL {self.failures[-1]}")
        else:
            self.passed += 1

    def finish(self) -> int:
        """Prints the sum; the exit code."""
        print(f"{self.passed} passed, {len(self.failures)} failed")
        return 1 if self.failures else 0
