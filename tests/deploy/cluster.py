"""Rules for the Kubernetes manifests, over what kustomize makes of them."""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import kustomize
import yaml
from documents import Broken, read_all
from report import Report

Manifest = dict[str, Any]

# The oldest and the newest release of Kubernetes that the manifests are for.
RELEASES = ("1.29", "1.37")
CONTEXTS = ("identity", "provisioning", "subscriber", "billing", "compliance")
ROLES = (*CONTEXTS, "gateway")
COMPONENT = "app.kubernetes.io/component"
GRPC_PORT = 9000


def check(root: Path, report: Report, known: set[str]) -> None:
    """All renderings, and that none is forgotten."""
    directory = root / "deploy/kubernetes"
    secrets = read_all(directory / "base/secret.example.yaml")
    for secret in secrets:
        report.check(f"kubernetes: schema of example secret {_name(secret)}", _schema(secret))
    callers = links_in_sources(root)
    report.check("kubernetes: links are found in the sources", [] if callers["identity"] else ["none"])
    for file in sorted(directory.rglob("kustomization.yaml")):
        if not any(document["kind"] == "Kustomization" for document in read_all(file)):
            continue
        name = str(file.parent.relative_to(directory))
        try:
            manifests = kustomize.render(file.parent)
            report.check(f"kubernetes/{name}: renders", [] if manifests else ["nothing"])
            report.check(
                f"kubernetes/{name}: kubectl renders the same", _other_rendering(file.parent, manifests)
            )
            if not any(manifest["kind"] == "Namespace" for manifest in manifests):
                # it is applied beside the base, and judged with it
                manifests = kustomize.render(directory / "base") + manifests
        except Broken as error:
            report.check(f"kubernetes/{name}: renders", [str(error)])
            continue
        Rendering(f"kubernetes/{name}", manifests, secrets, known, callers).check(report)


def links_in_sources(root: Path) -> dict[str, set[str]]:
    """Who calls each context, as the sources have it: `links.<context>` in a role's own code."""
    callers: dict[str, set[str]] = {context: set() for context in CONTEXTS}
    # every role verifies tokens with the keys of identity: `kit::auth`
    callers["identity"].update(ROLES)
    for role in ROLES:
        sources = root / ("gateway" if role == "gateway" else f"services/{role}") / "src"
        for file in sorted(sources.rglob("*.rs")):
            for context in re.findall(r"\blinks\s*\.\s*(\w+)", file.read_text(encoding="utf-8")):
                if context in callers:
                    callers[context].add(role)
    return callers


def _other_rendering(directory: Path, ours: list[Manifest]) -> Iterator[str]:
    """Compares with kubectl's own, where there is a kubectl."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        return
    run = subprocess.run([kubectl, "kustomize", str(directory)], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        yield run.stderr.strip()
        return
    theirs = {_key(manifest): manifest for manifest in yaml.safe_load_all(run.stdout)}
    mine = {_key(manifest): manifest for manifest in ours}
    for key in sorted(theirs.keys() | mine.keys()):
        if _ordered(theirs.get(key)) != _ordered(mine.get(key)):
            yield f"{key} differs"


def _ordered(value: Any) -> Any:
    """The order of lists with a merge key means nothing."""
    if isinstance(value, dict):
        value = dict(sorted(value.items()))
        return {
            field: sorted(_ordered(inner), key=str) if field in kustomize.MERGE_KEYS else _ordered(inner)
            for field, inner in value.items()
        }
    return [_ordered(member) for member in value] if isinstance(value, list) else value


def _key(manifest: Manifest) -> tuple[str, str]:
    return manifest["kind"], manifest["metadata"]["name"]


def _name(manifest: Manifest) -> str:
    return str(manifest["metadata"]["name"])


def _schema(manifest: Manifest) -> tuple[str, ...]:
    return tuple(problem for release in RELEASES for problem in _fits(json.dumps(manifest), release))


@functools.cache
def _fits(manifest: str, release: str) -> tuple[str, ...]:
    """Against one release. Renderings repeat most manifests, and the schemas are slow."""
    try:
        kubernetes_validate.validate(json.loads(manifest), release, strict=True)
    except kubernetes_validate.ValidationError as error:
        return (f"{release}: {'.'.join(map(str, error.path))} {error.message}",)
    except kubernetes_validate.SchemaNotFoundError as error:
        return (str(error.message),)
    return ()


def selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Whether a label selector of the API meets these labels."""
    unknown = set(selector) - {"matchLabels", "matchExpressions"}
    if unknown:
        raise Broken(f"selector fields {sorted(unknown)} are not understood here")
    for expression in selector.get("matchExpressions", []):
        if expression["operator"] != "In":
            raise Broken(f"selector operator {expression['operator']} is not understood here")
        if labels.get(expression["key"]) not in expression["values"]:
            return False
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())


class Rendering:
    """The manifests of one kustomization."""

    def __init__(
        self,
        name: str,
        manifests: list[Manifest],
        secrets: list[Manifest],
        known: set[str],
        callers: dict[str, set[str]],
    ) -> None:
        self.name = name
        self.manifests = manifests
        self.known = known
        self.callers = callers
        own = {_name(secret): secret for secret in self.of("Secret")}
        self.secrets = {_name(secret): secret for secret in secrets} | own
        self.workloads = self.of("Deployment") + self.of("StatefulSet") + self.of("Job")

    def of(self, kind: str) -> list[Manifest]:
        """The manifests of a kind."""
        return [manifest for manifest in self.manifests if manifest["kind"] == kind]

    def check(self, report: Report) -> None:
        """All rules."""
        for manifest in self.manifests:
            kind, name = _key(manifest)
            report.check(f"{self.name}: schema of {kind} {name}", _schema(manifest))
        report.check(f"{self.name}: every manifest once", self._repeated())
        report.check(f"{self.name}: one namespace, which admits restricted pods only", self._namespace())
        report.check(f"{self.name}: a Deployment for every role", self._roles())
        for workload in self.workloads:
            kind, name = _key(workload)
            where = f"{self.name}: {kind} {name}"
            report.check(f"{where} is restricted", restricted(workload))
            report.check(f"{where} has bounds", _bounds(workload))
            report.check(f"{where} mounts what it has", _mounts(workload))
            report.check(f"{where} knows its settings", self._settings(workload))
            if kind == "Deployment":
                report.check(f"{where} has probes", _probes(workload))
                report.check(f"{where} runs its role", _runs(workload))
                report.check(f"{where} survives a drain", self._budget(workload))
                report.check(f"{where} scales once", self._scaling(workload))
            report.check(f"{where} is fenced", self._fenced(workload))
        for service in self.of("Service"):
            report.check(f"{self.name}: Service {_name(service)} meets pods", self._service(service))
        for ingress in self.of("Ingress"):
            report.check(f"{self.name}: Ingress {_name(ingress)} meets a Service", self._ingress(ingress))
        for context in CONTEXTS:
            report.check(f"{self.name}: {context} lets in exactly its callers", self._link(context))
            report.check(f"{self.name}: {context} is where it is said to be", self._address(context))

    def _repeated(self) -> Iterator[str]:
        keys = [_key(manifest) for manifest in self.manifests]
        yield from sorted({f"{kind} {name}" for kind, name in keys if keys.count((kind, name)) > 1})

    def _namespace(self) -> Iterator[str]:
        spaces = self.of("Namespace")
        names = {_name(space) for space in spaces}
        for space in spaces:
            if space["metadata"].get("labels", {}).get("pod-security.kubernetes.io/enforce") != "restricted":
                yield f"{_name(space)} does not enforce it"
        for manifest in self.manifests:
            if manifest["kind"] != "Namespace" and manifest["metadata"].get("namespace") not in names:
                yield f"{manifest['kind']} {_name(manifest)} is outside"

    def _roles(self) -> Iterator[str]:
        there = {_name(deployment) for deployment in self.of("Deployment")}
        yield from (f"{role} is missing" for role in ROLES if role not in there)
        yield from (f"{name} is no role" for name in sorted(there) if name not in ROLES)

    def _settings(self, workload: Manifest) -> Iterator[str]:
        maps = {_name(each): each.get("data", {}) for each in self.of("ConfigMap")}
        for container in _pod(workload)["containers"]:
            for source in container.get("envFrom", []):
                name = source.get("configMapRef", {}).get("name")
                if name not in maps:
                    yield f"takes its environment from {source}, which is no ConfigMap here"
                yield from (f"{key} is not a setting" for key in maps.get(name, {}) if key not in self.known)
            for variable in container.get("env", []):
                if container["name"] == "entrepot" and variable["name"] not in self.known:
                    yield f"{variable['name']} is not a setting"
                secret = variable.get("valueFrom", {}).get("secretKeyRef")
                if secret and secret["key"] not in self.secrets.get(secret["name"], {}).get("stringData", {}):
                    yield f"{variable['name']} comes from Secret {secret['name']}, which has no such key"

    def _budget(self, workload: Manifest) -> Iterator[str]:
        labels = _labels(workload)
        budgets = [
            each for each in self.of("PodDisruptionBudget") if selects(each["spec"]["selector"], labels)
        ]
        if len(budgets) != 1:
            yield f"{len(budgets)} PodDisruptionBudgets select it"
        yield from (
            f"{_name(each)} may forbid every drain" for each in budgets if "minAvailable" in each["spec"]
        )

    def _scaling(self, workload: Manifest) -> Iterator[str]:
        targets = [each["spec"]["scaleTargetRef"]["name"] for each in self.of("HorizontalPodAutoscaler")]
        scalers = _name(workload) in targets
        if scalers and "replicas" in workload["spec"]:
            yield "it has replicas and an autoscaler, which would undo each other"
        if not scalers and "replicas" not in workload["spec"]:
            yield "it has neither replicas nor an autoscaler"

    def _fenced(self, workload: Manifest) -> Iterator[str]:
        policies = self.of("NetworkPolicy")
        shut = [
            each for each in policies if not each["spec"]["podSelector"] and not each["spec"].get("ingress")
        ]
        if not any(set(each["spec"]["policyTypes"]) == {"Ingress", "Egress"} for each in shut):
            yield "nothing denies what is not allowed"
        selectors = [(each, each["spec"]["podSelector"]) for each in policies]
        # by what it is: a policy for everything in the namespace says nothing about this one
        component = {COMPONENT: _labels(workload).get(COMPONENT, "")}
        own = [each for each, selector in selectors if selector and selects(selector, component)]
        if not own:
            yield "no NetworkPolicy selects it"
        for policy in own:
            sources = [peer for rule in policy["spec"].get("ingress", []) for peer in rule.get("from", [{}])]
            yield from (f"{_name(policy)} lets everybody in" for peer in sources if not peer)

    def _service(self, service: Manifest) -> Iterator[str]:
        selector = {"matchLabels": service["spec"]["selector"]}
        hits = [each for each in self.workloads if selects(selector, _labels(each))]
        if len(hits) != 1:
            yield f"its selector meets {len(hits)} workloads"
        for workload in hits:
            containers = _pod(workload)["containers"]
            ports = {port["name"]: port["containerPort"] for each in containers for port in each["ports"]}
            wanted = {port["targetPort"] for port in service["spec"]["ports"]}
            yield from (f"{_name(workload)} has no port {port}" for port in sorted(wanted - ports.keys()))
            reached = self._open_ports(_labels(workload)[COMPONENT])
            shut = sorted(port for port in wanted & ports.keys() if ports[port] not in reached)
            yield from (f"nobody is let in at port {port} of {_name(workload)}" for port in shut)

    def _open_ports(self, component: str) -> set[int]:
        policies = [each["spec"] for each in self.of("NetworkPolicy")]
        own = [
            each
            for each in policies
            if each["podSelector"] and selects(each["podSelector"], {COMPONENT: component})
        ]
        return {
            port["port"] for policy in own for rule in policy.get("ingress", []) for port in rule["ports"]
        }

    def _ingress(self, ingress: Manifest) -> Iterator[str]:
        ports = {(_name(each), port["name"]) for each in self.of("Service") for port in each["spec"]["ports"]}
        covered = {host for tls in ingress["spec"].get("tls", []) for host in tls["hosts"]}
        for rule in ingress["spec"]["rules"]:
            if rule["host"] not in covered:
                yield f"{rule['host']} has no certificate"
            for path in rule["http"]["paths"]:
                backend = path["backend"]["service"]
                if (backend["name"], backend["port"]["name"]) not in ports:
                    yield f"{backend} is no Service"

    def _link(self, context: str) -> Iterator[str]:
        allowed: set[str] = set()
        for policy in self.of("NetworkPolicy"):
            if not selects(policy["spec"]["podSelector"], {COMPONENT: context}):
                continue
            for rule in policy["spec"].get("ingress", []):
                if any(port["port"] == GRPC_PORT for port in rule.get("ports", [])):
                    allowed |= {
                        role
                        for role in ROLES
                        if any(
                            selects(peer.get("podSelector", {}), {COMPONENT: role}) for peer in rule["from"]
                        )
                    }
        yield from (f"{role} calls it and is kept out" for role in sorted(self.callers[context] - allowed))
        yield from (
            f"{role} is let in and does not call it" for role in sorted(allowed - self.callers[context])
        )

    def _address(self, context: str) -> Iterator[str]:
        said = [each["data"].get(f"ENTREPOT_{context.upper()}_URL") for each in self.of("ConfigMap")]
        services = [each for each in self.of("Service") if _name(each) == context]
        ports = [port["port"] for service in services for port in service["spec"]["ports"]]
        if said != [f"http://{context}:{port}" for port in ports]:
            yield f"said to be at {said}, served at ports {ports}"


def _pod(workload: Manifest) -> Manifest:
    pod: Manifest = workload["spec"]["template"]["spec"]
    return pod


def _labels(workload: Manifest) -> dict[str, str]:
    labels: dict[str, str] = workload["spec"]["template"]["metadata"]["labels"]
    return labels


def restricted(workload: Manifest) -> Iterator[str]:
    """The restricted pod security standard, and a root file system that cannot be written."""
    pod = _pod(workload)
    context = pod.get("securityContext", {})
    if context.get("runAsNonRoot") is not True or not context.get("runAsUser"):
        yield "may run as root"
    if context.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield "has no seccomp profile"
    if pod.get("automountServiceAccountToken") is not False:
        yield "gets a token of the cluster"
    yield from (
        f"shares the host's {field}" for field in ("hostNetwork", "hostPID", "hostIPC") if pod.get(field)
    )
    for container in pod["containers"]:
        own = container.get("securityContext", {})
        if own.get("allowPrivilegeEscalation") is not False or own.get("privileged"):
            yield f"{container['name']} may gain privileges"
        if own.get("readOnlyRootFilesystem") is not True:
            yield f"{container['name']} may write its root file system"
        if own.get("capabilities") != {"drop": ["ALL"]}:
            yield f"{container['name']} keeps capabilities"


def _bounds(workload: Manifest) -> Iterator[str]:
    for container in _pod(workload)["containers"]:
        resources = container.get("resources", {})
        for kind, name in (("requests", "cpu"), ("requests", "memory"), ("limits", "memory")):
            if name not in resources.get(kind, {}):
                yield f"{container['name']} has no {kind} of {name}"
        tag = container["image"].rpartition("/")[2].partition(":")[2]
        if tag in ("", "latest"):
            yield f"{container['image']} is not a fixed version"


def _mounts(workload: Manifest) -> Iterator[str]:
    pod = _pod(workload)
    volumes = {volume["name"] for volume in pod.get("volumes", [])}
    volumes |= {claim["metadata"]["name"] for claim in workload["spec"].get("volumeClaimTemplates", [])}
    mounts = {mount["name"] for container in pod["containers"] for mount in container.get("volumeMounts", [])}
    yield from (f"{name} is mounted but is no volume" for name in sorted(mounts - volumes))
    yield from (f"{name} is a volume that nobody mounts" for name in sorted(volumes - mounts))


def _probes(workload: Manifest) -> Iterator[str]:
    for container in _pod(workload)["containers"]:
        ports = {port["name"]: port["containerPort"] for port in container.get("ports", [])}
        for probe, path in (("livenessProbe", "/livez"), ("readinessProbe", "/readyz")):
            asked = container.get(probe, {}).get("httpGet", {})
            if asked.get("path") != path or ports.get(asked.get("port")) != 8081:
                yield f"{container['name']} has no {probe} that asks {path} on the admin port"


def _runs(workload: Manifest) -> Iterator[str]:
    role = _name(workload)
    args = [container.get("args") for container in _pod(workload)["containers"]]
    if args != [["serve", role]] or _labels(workload).get(COMPONENT) != role:
        yield f"it runs {args} as {_labels(workload).get(COMPONENT)}"
    if not selects(workload["spec"]["selector"], _labels(workload)):
        yield "its selector does not meet its own pods"
