"""SCIM 2.0 against scim2-tester: every check it has, on what our own discovery says we are."""

import time

import httpx2
import pytest
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server


@pytest.fixture(scope="module")
def customer(house):
    return house.customer("scim")


@pytest.fixture(scope="module")
def subscriber(house, customer):
    # somebody administers the organization, so that the people of the test may come and go
    person = {
        "customerId": customer["id"],
        "email": "owner@scim.example",
        "package": "webex_calling",
        "provisioningParameters": {"firstName": "Emily", "lastName": "Carter", "extension": "1000"},
    }
    made = house.call("POST", "/v1/wholesale/subscribers", json=person)
    assert made.status_code == 200, made.text
    return made.json()


@pytest.fixture(scope="module")
def client(house, customer, subscriber):
    http = httpx2.Client(
        base_url=f"{house.base}/identity/scim/{customer['orgId']}/v2",
        headers={"Authorization": f"Bearer {house.token()}"},
        timeout=30,
    )
    with http:
        yield SyncSCIMClient(http)


def test_a43_every_check_of_scim2_tester_passes(client):
    results = check_server(client)
    wrong = [result for result in results if result.status not in (Status.SUCCESS, Status.SKIPPED)]
    told = "\n".join(f"{result.title}: {result.reason}" for result in wrong)
    assert not wrong, told
    done = [result for result in results if result.status is Status.SUCCESS]
    skipped = [f"{result.title}: {result.reason}" for result in results if result.status is Status.SKIPPED]
    print(f"{len(done)} checks, skipped: {skipped}")
    assert len(done) > 100, "the tester looked at less than there is"
    assert not skipped, skipped


def test_r1002_a_new_address_reaches_the_subscriber_and_who_is_one_is_not_deleted(house, customer, subscriber):
    base = f"/identity/scim/{customer['orgId']}/v2/Users"
    found = house.call("GET", base, params={"filter": 'userName eq "owner@scim.example"'}).json()
    assert found["totalResults"] == 1, found
    user = f"{base}/{found['Resources'][0]['id']}"
    change = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "userName", "value": "emily@scim.example"}],
    }
    moved = house.call("PATCH", user, json=change)
    assert moved.status_code == 200, moved.text
    path = f"/v1/wholesale/subscribers/{subscriber['id']}"
    until = time.monotonic() + 30
    while house.call("GET", path).json()["email"] != "emily@scim.example":
        assert time.monotonic() < until, "the subscriber keeps the old address"
        time.sleep(0.2)
    refused = house.call("DELETE", user)
    assert refused.status_code == 409, refused.text
    assert "wholesale service" in refused.json()["detail"]
