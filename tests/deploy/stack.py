"""Rules for the rest of `deploy/`: image, compose, systemd, and what watches over the platform."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
from cluster import CONTEXTS, ROLES
from documents import read
from report import Report

# Metrics of others that rules and dashboards may use.
FOREIGN_METRICS = {
    "up",
    "probe_success",
    "kube_deployment_status_replicas_available",
    "kube_deployment_spec_replicas",
}
# What Grafana puts in before it asks.
GRAFANA_VARIABLES = {"$__rate_interval": "5m", "$__range": "3h", "$role": ".*"}
HARDENING = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateDevices": "yes",
    "RestrictSUIDSGID": "yes",
    "SystemCallArchitectures": "native",
}


def check(root: Path, report: Report, known: set[str]) -> None:
    """All rules of this file."""
    deploy = root / "deploy"
    compose = read(deploy / "compose.yaml")
    metrics = _metrics(root, report)
    _image(root, report, known)
    _compose(deploy, compose, report, known)
    _prometheus(deploy, compose, report, metrics)
    _grafana(deploy, report, metrics)
    _telemetry(deploy, compose, report)
    _unit(deploy, report, known)


def _image(root: Path, report: Report, known: set[str]) -> None:
    text = (root / "deploy/Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.replace("\\\n", " ").splitlines() if not line.startswith("#")]
    bases = [line.split()[1] for line in lines if line.startswith("FROM ")]
    loose = [base for base in bases if ":" not in base or base.endswith(":latest")]
    report.check("Dockerfile: bases are fixed", loose)
    last = lines[max(index for index, line in enumerate(lines) if line.startswith("FROM ")) :]
    users = [line.split()[1] for line in last if line.startswith("USER ")]
    numbered = users and re.match(r"[1-9]\d+:", users[-1])
    report.check("Dockerfile: runs as a numbered user", [] if numbered else users or ["no USER"])
    names = {pair.partition("=")[0] for line in last if line.startswith("ENV ") for pair in line.split()[1:]}
    report.check("Dockerfile: knows its settings", sorted(names - known))
    manifest = (root / "Cargo.toml").read_text(encoding="utf-8")
    profile = re.search(r"--profile (\w+)", text)
    found = profile and f"[profile.{profile[1]}]" in manifest
    report.check("Dockerfile: its profile exists", [] if found else ["it does not"])
    channel = re.search(r'channel = "(.+)"', (root / "rust-toolchain.toml").read_text(encoding="utf-8"))
    version = channel[1] if channel else "(none)"
    same = f"RUSTUP_TOOLCHAIN={version}" in text and f"rust:{version.rpartition('.')[0]}-" in text
    report.check("Dockerfile: has the project's toolchain", [] if same else [f"not {version}"])


def _compose(deploy: Path, compose: dict[str, Any], report: Report, known: set[str]) -> None:
    services = compose["services"]
    served = [
        service["command"][1] for service in services.values() if service.get("command", [""])[0] == "serve"
    ]
    report.check("compose: every role once", [] if sorted(served) == sorted(ROLES) else [f"serves {served}"])
    examples = (deploy / "compose.env.example").read_text(encoding="utf-8")
    offered = set(re.findall(r"^(\w+)=", examples, re.MULTILINE))
    for name, service in services.items():
        report.check(f"compose: {name} waits for what exists", _waits(services, service))
        report.check(f"compose: {name} has what it names", _has(deploy, compose, service))
        report.check(f"compose: {name} is a fixed version", _fixed(service))
        required = set(re.findall(r"\$\{(\w+):\?", str(service)))
        report.check(f"compose: {name}'s secrets are in the example", sorted(required - offered))
        if service["image"].startswith("entrepot:"):
            environment = service.get("environment", {})
            report.check(f"compose: {name} knows its settings", sorted(set(environment) - known))
            report.check(f"compose: {name} is restricted", _restricted(service))
            report.check(f"compose: {name} finds the contexts", _finds(services, environment))


def _waits(services: dict[str, Any], service: dict[str, Any]) -> Iterator[str]:
    after = service.get("depends_on", [])
    for name in after:
        condition = after[name]["condition"] if isinstance(after, dict) else "service_started"
        if name not in services:
            yield f"{name} does not exist"
        elif condition == "service_healthy" and "healthcheck" not in services[name]:
            yield f"{name} has no health check"


def _has(deploy: Path, compose: dict[str, Any], service: dict[str, Any]) -> Iterator[str]:
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        there = (deploy / source).exists() if source.startswith(".") else source in compose["volumes"]
        if not there:
            yield f"{source} does not exist"
    yield from (
        f"network {name} does not exist" for name in service["networks"] if name not in compose["networks"]
    )
    if service.get("ports") and service["networks"] == ["inside"]:
        yield "a port of an internal network cannot be published"
    ports = service.get("ports", [])
    yield from (f"{port} is open to the world" for port in ports if not port.startswith("127.0.0.1:"))


def _fixed(service: dict[str, Any]) -> Iterator[str]:
    if service["image"].partition(":")[2] in ("", "latest"):
        yield service["image"]


def _restricted(service: dict[str, Any]) -> Iterator[str]:
    if service.get("read_only") is not True:
        yield "may write its root file system"
    if service.get("cap_drop") != ["ALL"]:
        yield "keeps capabilities"
    if "no-new-privileges:true" not in service.get("security_opt", []):
        yield "may gain privileges"


def _finds(services: dict[str, Any], environment: dict[str, str]) -> Iterator[str]:
    for context in CONTEXTS:
        url = environment.get(f"ENTREPOT_{context.upper()}_URL", f"http://{context}:9000")
        if url != f"http://{context}:9000" or context not in services:
            yield f"{url} is not {context}"


def _metrics(root: Path, report: Report) -> set[str]:
    """Names that the product exports, with those that Prometheus makes of a histogram."""
    source = (root / "services/kit/src/metrics.rs").read_text(encoding="utf-8")
    names = set(re.findall(r'pub const \w+: &str = "(\w+)";', source))
    report.check("metrics are found in the sources", [] if names else ["none"])
    histograms = {name for name in names if name.endswith("_seconds")}
    return (names - histograms) | {name + end for name in histograms for end in ("_bucket", "_sum", "_count")}


def _selected(expression: Any) -> Iterator[str]:
    """Names of the metrics in a parsed expression."""
    if isinstance(expression, promql_parser.VectorSelector):
        yield expression.name or "(a metric without a name)"
    for field in ("lhs", "rhs", "expr", "param", "vector_selector"):
        inner = getattr(expression, field, None)
        if inner is not None:
            yield from _selected(inner)
    for inner in getattr(expression, "args", None) or []:
        yield from _selected(inner)


def _query(expression: str, metrics: set[str]) -> Iterator[str]:
    for variable, value in GRAFANA_VARIABLES.items():
        expression = expression.replace(variable, value)
    try:
        parsed = promql_parser.parse(expression)
    except ValueError as error:
        yield f"{error} in {expression}"
        return
    yield from (
        f"nobody exports {name}" for name in sorted(set(_selected(parsed)) - metrics - FOREIGN_METRICS)
    )


def _recorded(deploy: Path) -> set[str]:
    groups = read(deploy / "prometheus/rules.yaml")["groups"]
    return {rule["record"] for group in groups for rule in group["rules"] if "record" in rule}


def _prometheus(deploy: Path, compose: dict[str, Any], report: Report, metrics: set[str]) -> None:
    metrics = metrics | _recorded(deploy)
    for group in read(deploy / "prometheus/rules.yaml")["groups"]:
        for rule in group["rules"]:
            name = rule.get("alert") or rule["record"]
            report.check(f"rules: {name} asks what is exported", _query(rule["expr"], metrics))
            if "alert" in rule:
                told = "severity" in rule.get("labels", {}) and "summary" in rule.get("annotations", {})
                report.check(f"rules: {name} says what is wrong", [] if told else ["no severity or summary"])
    settings = read(deploy / "prometheus/prometheus.yml")
    missing = [file for file in settings["rule_files"] if not (deploy / "prometheus" / file).exists()]
    report.check("prometheus: its rules exist", missing)
    for job in settings["scrape_configs"]:
        targets = [target for each in job["static_configs"] for target in each["targets"]]
        relabels = job.get("relabel_configs", [])
        targets += [each["replacement"] for each in relabels if each.get("target_label") == "__address__"]
        hosts = [re.sub(r"^https?://", "", target).partition(":")[0] for target in targets]
        name = f"prometheus: {job['job_name']}"
        report.check(f"{name} has targets", [host for host in hosts if host not in compose["services"]])
        report.check(f"{name} sees every role", [role for role in ROLES if role not in hosts])


def _grafana(deploy: Path, report: Report, metrics: set[str]) -> None:
    metrics = metrics | _recorded(deploy)
    sources = read(deploy / "grafana/provisioning/datasources/datasources.yaml")["datasources"]
    uids = {source["uid"] for source in sources}
    for file in sorted((deploy / "grafana/dashboards").glob("*.json")):
        dashboard = read(file)
        panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
        ids = [panel["id"] for panel in dashboard["panels"]]
        report.check(
            f"{file.name}: panels have their own ids", [str(each) for each in ids if ids.count(each) > 1]
        )
        for panel in panels:
            where = f"{file.name}: {panel['title']!r}"
            queries = [target["expr"] for target in panel["targets"]]
            problems = [each for query in queries for each in _query(query, metrics)]
            report.check(f"{where} asks what is exported", problems if queries else ["it asks nothing"])
            used = {panel["datasource"]["uid"]} | {target["datasource"]["uid"] for target in panel["targets"]}
            report.check(f"{where} has a source", sorted(used - uids))


def _telemetry(deploy: Path, compose: dict[str, Any], report: Report) -> None:
    collector = read(deploy / "otel/collector.yaml")
    service = collector["service"]
    for name, pipeline in service["pipelines"].items():
        for part in ("receivers", "processors", "exporters"):
            unknown = [each for each in pipeline[part] if each not in collector[part]]
            report.check(f"collector: {part} of {name} are configured", unknown)
    unknown = [each for each in service["extensions"] if each not in collector["extensions"]]
    report.check("collector: extensions are configured", unknown)
    hosts = [each["endpoint"].partition(":")[0] for each in collector["exporters"].values()]
    report.check("collector: sends to a service", [host for host in hosts if host not in compose["services"]])
    port = collector["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"].rpartition(":")[2]
    wanted = f"http://otel-collector:{port}"
    environments = [each.get("environment", {}) for each in compose["services"].values()]
    sent = {each["ENTREPOT_OTLP_ENDPOINT"] for each in environments if "ENTREPOT_OTLP_ENDPOINT" in each}
    report.check("collector: listens where traces are sent", sorted(sent ^ {wanted}))


def _unit(deploy: Path, report: Report, known: set[str]) -> None:
    lines = (deploy / "entrepot.service").read_text(encoding="utf-8").splitlines()
    pairs = [line.partition("=")[::2] for line in lines if "=" in line and not line.startswith("#")]
    names = {value.partition("=")[0] for key, value in pairs if key == "Environment"}
    report.check("entrepot.service: knows its settings", sorted(names - known))
    settings = dict(pairs)
    loose = [key for key, value in HARDENING.items() if settings.get(key) != value]
    root = ["runs as root"] if settings.get("User", "root") == "root" else []
    report.check("entrepot.service: is hardened", loose + root)
