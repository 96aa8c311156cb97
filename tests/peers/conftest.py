"""One `entrepot up` on a free port and a directory of its own, for all tests of a run."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import pytest
import requests


class House:
    """The platform under test."""

    def __init__(self, binary):
        self.data = pathlib.Path(tempfile.mkdtemp(prefix="entrepot-peers-"))
        self.log = self.data / "up.log"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("ENTREPOT_")}
        environment.pop("DATABASE_URL", None)
        command = [binary, "up", "--data", str(self.data), "--port", "0", "--log", "warn"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment
            )
        try:
            self.credentials = self._ready()
        except BaseException:
            self.stop()
            raise
        self.base = self.credentials["base_url"]

    def _ready(self):
        file = self.data / "credentials.json"
        until = time.monotonic() + 120
        while time.monotonic() < until and self.process.poll() is None:
            if file.exists() and "is ready at" in self.log.read_text():
                return json.loads(file.read_text())
            time.sleep(0.1)
        raise RuntimeError("the platform did not start: " + self.log.read_text())

    def token(self, who="partner", **more):
        """An access token of a client, with all its scopes unless some are named."""
        client = self.credentials[who]
        form = {
            "grant_type": "client_credentials",
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
            **more,
        }
        answer = requests.post(f"{self.base}/v1/access_token", data=form, timeout=30)
        answer.raise_for_status()
        return answer.json()["access_token"]

    def call(self, method, path, who="partner", **more):
        """One request with a client's token."""
        headers = {"Authorization": f"Bearer {self.token(who)}", **more.pop("headers", {})}
        return requests.request(method, self.base + path, headers=headers, timeout=30, **more)

    def customer(self, name):
        """A wholesale customer that is ready, with its first administrator."""
        partner = self.credentials["partner"]
        address = {
            "addressLine1": "12 Maple Street",
            "city": "Austin",
            "stateOrProvince": "TX",
            "zipOrPostalCode": "78701",
            "country": "US",
        }
        location = {
            "name": "Headquarters",
            "address": address,
            "timezone": "America/Chicago",
            "language": "en_us",
        }
        body = {
            "provisioningId": partner["provisioning_id"],
            "packages": ["webex_calling"],
            "externalId": name,
            "address": address,
            "customerInfo": {
                "name": f"Prairie Bakery {name}",
                "primaryEmail": f"owner@{name}.example",
                "language": "en_US",
            },
            "provisioningParameters": {"calling": {"location": location}},
        }
        answer = self.call("POST", "/v1/wholesale/customers", json=body)
        assert answer.status_code == 202, answer.text
        path = answer.headers["Location"].removeprefix(self.base)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            found = self.call("GET", path).json()
            if found["status"] == "provisioned":
                return found
            time.sleep(0.2)
        raise AssertionError(f"{name} is still {found['status']}")

    def stop(self):
        """Ends what was started here; the private database ends with it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.data, ignore_errors=True)


@pytest.fixture(scope="session")
def house():
    platform = House(os.environ["ENTREPOT_BINARY"])
    yield platform
    platform.stop()
