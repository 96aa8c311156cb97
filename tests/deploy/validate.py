"""Checks `deploy/` without an engine or a cluster. `tests/all` runs it; by hand:

    python3 -m venv .venv/deploy && .venv/deploy/bin/pip install -r tests/deploy/requirements.txt
    .venv/deploy/bin/python tests/deploy/validate.py [root of the project]

Every file parses; Kubernetes manifests fit the API's own schemas; and the rules that the files have to
keep among themselves, and with the sources, hold. Ends with `N passed, 0 failed`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import cluster
import stack
from documents import Broken, read, read_all
from report import Report

# The settings that a deployment may set; one that is not here is a typing error. Settings of a section
# (`ENTREPOT_GATEWAY__BURST`) belong into a configuration file. Held against `src/config.rs` and `src/cli.rs`.
CONFIGURATION = {
    "DATABASE_URL",
    "ENTREPOT_ADMIN_LISTEN",
    "ENTREPOT_BASE_URL",
    "ENTREPOT_BILLING_URL",
    "ENTREPOT_COMPLIANCE_URL",
    "ENTREPOT_CONFIG",
    "ENTREPOT_CONNECTIONS",
    "ENTREPOT_DATA",
    "ENTREPOT_GRPC_LISTEN",
    "ENTREPOT_IDENTITY_URL",
    "ENTREPOT_LISTEN",
    "ENTREPOT_LISTS_DIR",
    "ENTREPOT_LOG",
    "ENTREPOT_LOGS",
    "ENTREPOT_OTLP_ENDPOINT",
    "ENTREPOT_PROVISIONING_URL",
    "ENTREPOT_PROXIES",
    "ENTREPOT_SEAL_KEY",
    "ENTREPOT_SERVICE_SECRET",
    "ENTREPOT_SUBSCRIBER_URL",
}


def settings_in_sources(root: Path) -> set[str]:
    """Variables that the sources read: named ones, and those that a field of the configuration makes."""
    config = (root / "src/config.rs").read_text(encoding="utf-8")
    cli = (root / "src/cli.rs").read_text(encoding="utf-8")
    named = re.findall(r'"((?:ENTREPOT_)?[A-Z]+(?:_[A-Z]+)+)"', config + cli)
    fields = re.findall(
        r"^    pub (\w+): ", config.partition("pub struct Config {")[2].partition("\n}")[0], re.M
    )
    return set(named) | {f"ENTREPOT_{field.upper()}" for field in fields}


def main(root: Path) -> int:
    """Runs all checks; the exit code."""
    report = Report()
    suffixes = (".yaml", ".yml", ".json")
    files = [file for file in sorted((root / "deploy").rglob("*")) if file.suffix in suffixes]
    files += sorted((root / ".github").rglob("*.yml"))
    for file in files:
        try:
            read_all(file)
        except Broken as error:
            report.check(f"{file.relative_to(root)}: parses", [str(error)])
        else:
            report.check(f"{file.relative_to(root)}: parses", [])
    if report.failures:
        # what cannot be read cannot be judged
        return report.finish()
    workflow = read(root / ".github/workflows/ci.yml")
    steps = [step.get("run", "") for job in workflow["jobs"].values() for step in job["steps"]]
    report.check("ci.yml: runs the project's gate", [] if ".ci/run" in steps else ["no step is `.ci/run`"])
    report.check("settings exist", sorted(CONFIGURATION - settings_in_sources(root)))
    cluster.check(root, report, CONFIGURATION)
    stack.check(root, report, CONFIGURATION)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]))
