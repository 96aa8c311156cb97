"""The platform under test, and what it is filled with before the first request."""

import base64
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import uuid

import requests

PACKAGES = ["webex_calling", "webex_suite", "webex_meetings"]
ADDRESS = {
    "addressLine1": "12 Maple Street",
    "city": "Austin",
    "stateOrProvince": "TX",
    "zipOrPostalCode": "78701",
    "country": "US",
}


def public_id(kind, key=None):
    """An id as the API writes it; of nothing that exists when there is no key."""
    text = f"ciscospark://us/{kind}/{key or uuid.uuid4()}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


class House:
    """One `entrepot up` on a directory of its own."""

    def __init__(self, binary, **settings):
        self.data = pathlib.Path(tempfile.mkdtemp(prefix="entrepot-contract-"))
        self.log = self.data / "up.log"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("ENTREPOT_")}
        environment.pop("DATABASE_URL", None)
        environment.update(settings)
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
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            if file.exists() and "is ready at" in self.log.read_text():
                return json.loads(file.read_text())
            time.sleep(0.1)
        raise RuntimeError("the platform did not start: " + self.log.read_text())

    def token(self, who, **more):
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

    def session(self, who="partner"):
        return Session(self.base, lambda: self.token(who))

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


class Session(requests.Session):
    """Paths instead of URLs; a new token when the old one is about to end."""

    def __init__(self, base, token):
        super().__init__()
        self.base = base
        self.new_token = token
        self.ends = 0.0

    def authorization(self):
        if time.monotonic() > self.ends:
            self.headers["Authorization"] = f"Bearer {self.new_token()}"
            # tokens live for ten minutes
            self.ends = time.monotonic() + 8 * 60
        return self.headers["Authorization"]

    def request(self, method, url, **more):
        more.setdefault("timeout", 30)
        url = url if url.startswith("http") else self.base + url
        self.authorization()
        return super().request(method, url, **more)


class World:
    """A partner with one of everything, and bodies that are good."""

    def __init__(self, house):
        self.house = house
        self.api = house.session()
        partner = house.credentials["partner"]
        self.provisioning_id = partner["provisioning_id"]
        self.subscription_id = partner["subscription_id"]
        self.customer_id = self.provisioned("contract-1")
        self.subscriber_id = self.subscribed(self.customer_id, "first@contract-1.example")["id"]
        self.sub_partner_id = self.sub_partner()
        self.report_id = self.report("2026-01-01", "2026-01-02", "USER")

    def customer(self, external_id):
        return {
            "provisioningId": self.provisioning_id,
            "packages": PACKAGES,
            "externalId": external_id,
            "address": ADDRESS,
            "customerInfo": {
                "name": f"Prairie Bakery {external_id}",
                "primaryEmail": f"owner@{external_id}.example",
                "language": "en_US",
            },
            "provisioningParameters": {
                "calling": {
                    "location": {
                        "name": "Headquarters",
                        "address": ADDRESS,
                        "timezone": "America/Chicago",
                        "language": "en_us",
                    }
                },
                "meetings": {"timezone": "America/Chicago"},
            },
        }

    def subscriber(self, customer_id, email, extension="1000", package="webex_calling"):
        return {
            "customerId": customer_id,
            "email": email,
            "packages": [package],
            "provisioningParameters": {
                "firstName": "Emily",
                "lastName": "Carter",
                "extension": extension,
            },
        }

    def provisioned(self, external_id):
        """A customer that is ready; its id."""
        answer = self.api.post("/v1/wholesale/customers", json=self.customer(external_id))
        assert answer.status_code == 202, answer.text
        return self.until(answer.headers["Location"], "provisioned")["id"]

    def until(self, url, status):
        """Polls as a client does."""
        ends = time.monotonic() + 60
        while True:
            answer = self.api.get(url)
            assert answer.status_code == 200, answer.text
            if answer.json()["status"] == status:
                return answer.json()
            assert time.monotonic() < ends, answer.text
            time.sleep(0.1)

    def subscribed(self, customer_id, email, extension="1000"):
        body = self.subscriber(customer_id, email, extension)
        answer = self.api.post("/v1/wholesale/subscribers", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def sub_partner(self):
        body = {
            "name": "Branch",
            "adminEmail": "admin@branch.example",
            "adminFirstName": "Ada",
            "adminLastName": "Byron",
            "subscriptionId": self.subscription_id,
        }
        answer = self.api.post("/platform/v1/sub-partners", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["orgId"]

    def report(self, first, last, level):
        """A report that is written; its id."""
        body = {"billingStartDate": first, "billingEndDate": last, "type": level}
        answer = self.api.post("/v1/wholesale/billing/reports", json=body)
        assert answer.status_code == 200, answer.text
        path = f"/v1/wholesale/billing/reports/{answer.json()['id']}"
        self.until(path, "COMPLETED")
        return answer.json()["id"]


# set by run.py before any test is collected
BINARY = None
WORLD = None
