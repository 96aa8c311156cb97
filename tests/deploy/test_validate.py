"""The validator itself: the project passes, and each rule notices when it is broken.

.venv/deploy/bin/python -m unittest discover --start-directory tests/deploy
"""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import validate

ROOT = Path(__file__).resolve().parents[2]
BASE = "deploy/kubernetes/base"
# What the checks read.
PARTS = ("deploy", ".github", "services", "gateway", "src", "Cargo.toml", "rust-toolchain.toml")

# fmt: off
# A name, a file, what to replace in it, with what, and what the validator must say.
BREAKS = [
    ("yaml_that_does_not_parse", f"{BASE}/gateway.yaml", "kind: Service\n", "kind: [Service\n", "parses"),
    ("a_key_given_twice", f"{BASE}/migrate.yaml", "  backoffLimit: 6\n", "  backoffLimit: 6\n  backoffLimit: 7\n", "given twice"),
    ("json_that_does_not_parse", "deploy/grafana/dashboards/overview.json", '"uid": "entrepot-overview",', '"uid"', "parses"),
    ("a_field_the_api_does_not_know", f"{BASE}/pod.yaml", "failureThreshold: 60", "failureTreshold: 60", "schema of Deployment"),
    ("a_type_the_api_does_not_take", f"{BASE}/billing.yaml", "replicas: 2", 'replicas: "two"', "schema of Deployment billing"),
    ("no_liveness_probe", f"{BASE}/pod.yaml", "          livenessProbe:\n            httpGet:\n              path: /livez\n              port: admin\n            periodSeconds: 10\n            timeoutSeconds: 3\n            failureThreshold: 3\n", "", "no livenessProbe"),
    ("readiness_of_the_wrong_path", f"{BASE}/pod.yaml", "path: /readyz", "path: /livez", "asks /readyz"),
    ("no_resources", f"{BASE}/identity.yaml", "cpu: 250m", "ephemeral-storage: 1Gi", "no requests of cpu"),
    ("root", f"{BASE}/pod.yaml", "runAsNonRoot: true", "runAsNonRoot: false", "may run as root"),
    ("a_root_file_system_to_write", f"{BASE}/pod.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "root file system"),
    ("capabilities", f"{BASE}/migrate.yaml", "drop: [ALL]", "drop: [NET_RAW]", "keeps capabilities"),
    ("no_seccomp", f"{BASE}/pod.yaml", "type: RuntimeDefault", "type: Unconfined", "no seccomp profile"),
    ("no_budget", f"{BASE}/subscriber.yaml", "kind: PodDisruptionBudget", "kind: PodDisruptionBudgets", "PodDisruptionBudget"),
    ("a_budget_of_others", f"{BASE}/billing.yaml", "  maxUnavailable: 1\n  selector:\n    matchLabels:\n      app.kubernetes.io/component: billing", "  maxUnavailable: 1\n  selector:\n    matchLabels:\n      app.kubernetes.io/component: bills", "0 PodDisruptionBudgets"),
    ("no_default_deny", f"{BASE}/network.yaml", "policyTypes: [Ingress, Egress]\n---", "policyTypes: [Ingress]\n---", "nothing denies"),
    ("a_caller_kept_out", f"{BASE}/network.yaml", "values: [gateway, provisioning]", "values: [gateway]", "provisioning calls it and is kept out"),
    ("a_stranger_let_in", f"{BASE}/network.yaml", "values: [gateway, provisioning]", "values: [gateway, provisioning, subscriber]", "subscriber is let in"),
    ("a_gateway_that_nobody_reaches", f"{BASE}/network.yaml", "{ port: 8080 }", "{ port: 8088 }", "nobody is let in at port http of gateway"),
    ("a_setting_that_is_none", f"{BASE}/settings.yaml", "ENTREPOT_LOG: info", "ENTREPOT_LOGLEVEL: info", "ENTREPOT_LOGLEVEL is not a setting"),
    ("an_environment_variable_that_is_none", f"{BASE}/context.yaml", "ENTREPOT_GRPC_LISTEN", "ENTREPOT_GRPC", "ENTREPOT_GRPC is not a setting"),
    ("a_secret_that_is_none", f"{BASE}/billing.yaml", "name: entrepot-billing", "name: entrepot-bills", "Secret entrepot-bills"),
    ("a_service_without_pods", f"{BASE}/compliance.yaml", "  selector:\n    app.kubernetes.io/component: compliance", "  selector:\n    app.kubernetes.io/component: compliant", "meets 0 workloads"),
    ("a_role_that_is_another", f"{BASE}/billing.yaml", "args: [serve, billing]", "args: [serve, gateway]", "it runs"),
    ("a_context_elsewhere", f"{BASE}/settings.yaml", "http://billing:9000", "http://billing:9001", "billing is where it is said to be"),
    ("an_ingress_to_nowhere", f"{BASE}/ingress.yaml", "name: gateway\n                port", "name: gate\n                port", "is no Service"),
    ("two_scalers", f"{BASE}/gateway.yaml", "spec:\n  selector:\n    matchLabels", "spec:\n  replicas: 3\n  selector:\n    matchLabels", "undo each other"),
    ("a_setting_that_was_renamed", "src/config.rs", "pub billing_url", "pub bills_url", "settings exist: ENTREPOT_BILLING_URL"),
    ("a_job_beside_the_base_without_a_fence", "deploy/kubernetes/bootstrap/network.yaml", "component: bootstrap", "component: boot", "Job bootstrap is fenced"),
    ("a_volume_that_is_none", "deploy/kubernetes/components/lists/compliance.yaml", "- name: lists\n          persistent", "- name: list\n          persistent", "is mounted but is no volume"),
    ("an_image_that_moves", "deploy/kubernetes/overlays/local/postgres.yaml", "postgres:15-bookworm", "postgres", "not a fixed version"),
    ("a_kustomize_field_not_understood", f"{BASE}/kustomization.yaml", "labels:\n", "commonLabels: {a: b}\nlabels:\n", "not understood here"),
    ("a_patch_that_meets_nothing", f"{BASE}/kustomization.yaml", "tier=context", "tier=contexts", "meets nothing"),
    ("compose_waits_for_nobody", "deploy/compose.yaml", "depends_on: [blackbox]", "depends_on: [blackboxes]", "blackboxes does not exist"),
    ("compose_sets_what_is_no_setting", "deploy/compose.yaml", "ENTREPOT_LOG:", "ENTREPOT_LOGG:", "ENTREPOT_LOGG"),
    ("compose_mounts_nothing", "deploy/compose.yaml", "./otel/tempo.yaml", "./otel/temp.yaml", "./otel/temp.yaml does not exist"),
    ("compose_publishes_to_the_world", "deploy/compose.yaml", "127.0.0.1:3000:3000", "3000:3000", "open to the world"),
    ("compose_forgets_a_role", "deploy/compose.yaml", "command: [serve, billing]", "command: [serve, identity]", "every role once"),
    ("compose_writes_its_root", "deploy/compose.yaml", "read_only: true", "read_only: false", "root file system"),
    ("a_dashboard_of_unknown_metrics", "deploy/grafana/dashboards/overview.json", "entrepot_screenings_total", "entrepot_screened_total", "nobody exports entrepot_screened_total"),
    ("a_dashboard_without_a_source", "deploy/grafana/provisioning/datasources/datasources.yaml", "uid: prometheus", "uid: prom", "has a source"),
    ("a_rule_of_unknown_metrics", "services/kit/src/metrics.rs", "entrepot_operations_stuck_total", "entrepot_stuck_total", "nobody exports entrepot_operations_stuck_total"),
    ("a_rule_that_is_no_query", "deploy/prometheus/rules.yaml", "increase(entrepot_operations_stuck_total[15m])", "increase(entrepot_operations_stuck_total)", "expected type"),
    ("a_target_that_is_nobody", "deploy/prometheus/prometheus.yml", '"billing:8081"', '"bills:8081"', "bills"),
    ("a_collector_without_its_part", "deploy/otel/collector.yaml", "processors: [memory_limiter, batch]", "processors: [memory_limit, batch]", "memory_limit"),
    ("traces_sent_elsewhere", "deploy/otel/collector.yaml", "endpoint: 0.0.0.0:4317", "endpoint: 0.0.0.0:4318", "listens where traces are sent"),
    ("a_unit_that_is_root", "deploy/entrepot.service", "User=entrepot\n", "", "runs as root"),
    ("a_unit_less_hardened", "deploy/entrepot.service", "ProtectSystem=strict", "ProtectSystem=full", "ProtectSystem"),
    ("an_image_that_is_root", "deploy/Dockerfile", "USER 10001:10001", "USER root", "numbered user"),
    ("an_image_of_another_toolchain", "rust-toolchain.toml", "1.95.0", "1.96.0", "toolchain"),
    ("ci_that_checks_nothing", ".github/workflows/ci.yml", "- run: .ci/run", "- run: true", "ci.yml"),
]
# fmt: on


def verdict(root: Path) -> tuple[int, str]:
    """The exit code and what was printed."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        code = validate.main(root)
    return code, output.getvalue()


class TheProject(unittest.TestCase):
    """As it is."""

    def test_it_passes(self) -> None:
        code, output = verdict(ROOT)
        self.assertEqual(code, 0, output)
        self.assertRegex(output.splitlines()[-1], r"^[1-9]\d+ passed, 0 failed$")


class Broken(unittest.TestCase):
    """A copy with one fault in it."""

    def setUp(self) -> None:
        # kubectl would say the same again, slowly
        absent = mock.patch("shutil.which", return_value=None)
        absent.start()
        self.addCleanup(absent.stop)
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.root = Path(place.name)
        for part in PARTS:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, self.root / part)
            else:
                shutil.copy(ROOT / part, self.root / part)

    def test_each_fault_is_noticed(self) -> None:
        for name, file, old, new, said in BREAKS:
            with self.subTest(name):
                path = self.root / file
                sound = path.read_text(encoding="utf-8")
                self.assertIn(old, sound, "the fault cannot be made: the file has changed")
                path.write_text(sound.replace(old, new), encoding="utf-8")
                code, output = verdict(self.root)
                path.write_text(sound, encoding="utf-8")
                self.assertEqual(code, 1, output)
                self.assertIn(said, output)
                self.assertRegex(output.splitlines()[-1], r" passed, [1-9]\d* failed$")

    def test_a_link_that_no_policy_allows_is_noticed(self) -> None:
        source = self.root / "services/subscriber/src/lib.rs"
        source.write_text("fn call() { context.links.billing.clone(); }", encoding="utf-8")
        code, output = verdict(self.root)
        self.assertEqual(code, 1)
        self.assertIn("subscriber calls it and is kept out", output)


if __name__ == "__main__":
    unittest.main()
