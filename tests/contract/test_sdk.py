"""A partner's journey with `wxc_sdk`: its session, its paging, its error parsing, its id reading.

The package brings no wholesale classes, so they are written here the way its own are.
"""

import datetime
from typing import Optional

import pytest
import requests
from pydantic import Field
from wxc_sdk import WebexSimpleApi
from wxc_sdk.api_child import ApiChild
from wxc_sdk.base import ApiModel, webex_id_to_uuid
from wxc_sdk.rest import ErrorDetail, RestError, RestSession
from wxc_sdk.tokens import Tokens

import house


class Problem(ApiModel):
    error_code: Optional[int] = None
    description: Optional[str] = None


class Package(ApiModel):
    name: str
    status: str
    warnings: Optional[list[Problem]] = None
    errors: Optional[list[Problem]] = None
    license_ids: Optional[list[str]] = None


class Resources(ApiModel):
    packages: list[Package]


class Customer(ApiModel):
    id: str
    org_id: Optional[str] = None
    external_id: str
    address: dict
    status: str
    packages: list[str]
    resource_details: Optional[Resources] = None
    errors: Optional[list[Problem]] = None


class Subscriber(ApiModel):
    id: str
    person_id: Optional[str] = None
    email: str
    customer_id: str
    external_customer_id: str
    package: Optional[str] = None
    packages: list[str]
    status: str
    created: datetime.datetime
    last_status_change: datetime.datetime


class Report(ApiModel):
    id: str
    billing_start_date: datetime.date
    billing_end_date: datetime.date
    status: Optional[str] = None
    type: str
    category: str
    temp_download_url: Optional[str] = Field(alias="tempDownloadURL", default=None)


class Precheck(ApiModel):
    message: str
    info: list[dict]


class Customers(ApiChild, base="wholesale/customers"):
    def create(self, body):
        return self.post(self.ep(), json=body)["url"]

    def details(self, customer_id):
        return Customer.model_validate(self.get(self.ep(customer_id)))

    def list(self, **params):
        return self.session.follow_pagination(url=self.ep(), model=Customer, params=params)

    def update(self, customer_id, body):
        return self.put(self.ep(customer_id), json=body)["url"]

    def remove(self, customer_id):
        return self.delete(self.ep(customer_id))

    def precheck(self, body):
        return Precheck.model_validate(self.post(self.ep("validate"), json=body))


class Subscribers(ApiChild, base="wholesale/subscribers"):
    def create(self, body):
        return Subscriber.model_validate(self.post(self.ep(), json=body))

    def details(self, subscriber_id):
        return Subscriber.model_validate(self.get(self.ep(subscriber_id)))

    def list(self, **params):
        return self.session.follow_pagination(url=self.ep(), model=Subscriber, params=params)

    def update(self, subscriber_id, body):
        return Subscriber.model_validate(self.put(self.ep(subscriber_id), json=body))

    def remove(self, subscriber_id):
        return self.delete(self.ep(subscriber_id))

    def precheck(self, body):
        return Precheck.model_validate(self.post(self.ep("validate"), json=body))


class Reports(ApiChild, base="wholesale/billing/reports"):
    def create(self, body):
        return Report.model_validate(self.post(self.ep(), json=body))

    def details(self, report_id):
        return Report.model_validate(self.get(self.ep(report_id)))

    def list(self, **params):
        return self.session.follow_pagination(url=self.ep(), model=Report, params=params)

    def remove(self, report_id):
        return self.delete(self.ep(report_id))


class Session(RestSession):
    """The SDK's own session, at another place."""


@pytest.fixture(scope="module")
def sdk():
    Session.BASE = f"{house.WORLD.house.base}/v1"
    tokens = Tokens(access_token=house.WORLD.house.token("partner"))
    session = Session(tokens=tokens, concurrent_requests=4)
    with WebexSimpleApi(tokens=tokens, session=session) as api:
        api.customers = Customers(session=api.session)
        api.subscribers = Subscribers(session=api.session)
        api.reports_ = Reports(session=api.session)
        yield api


@pytest.fixture(scope="module")
def customer(sdk):
    url = sdk.customers.create(house.WORLD.customer("sdk-1"))
    house.WORLD.until(url, "provisioned")
    return sdk.customers.details(url.rsplit("/", 1)[1])


def test_customer_is_created_and_polled(customer):
    assert customer.status == "provisioned"
    assert customer.external_id == "sdk-1"
    assert sorted(customer.packages) == sorted(house.PACKAGES)
    assert {package.status for package in customer.resource_details.packages} == {"provisioned"}
    # the SDK reads our ids
    assert len(webex_id_to_uuid(customer.id)) == 36
    assert len(webex_id_to_uuid(customer.org_id)) == 36


def test_licences_are_shown_when_asked_for(sdk, customer):
    answer = sdk.session.rest_get(
        sdk.customers.ep(customer.id), params={"includePackageLicenseInfo": "true"}
    )
    shown = Customer.model_validate(answer)
    assert all(package.license_ids for package in shown.resource_details.packages)


def test_customers_are_listed_page_by_page(sdk, customer):
    every = list(sdk.customers.list(max="1"))
    ids = [one.id for one in every]
    assert customer.id in ids
    assert len(ids) == len(set(ids)) >= 2
    assert [one.id for one in sdk.customers.list(externalId="sdk-1")] == [customer.id]
    assert [one.id for one in sdk.customers.list(orgId=customer.org_id)] == [customer.id]
    # the generated class sends a list with commas
    some = sdk.customers.list(externalId="sdk-1", status="provisioned,error")
    assert [one.id for one in some] == [customer.id]


def test_customer_is_updated(sdk, customer):
    url = sdk.customers.update(customer.id, {"externalId": "sdk-1", "packages": house.PACKAGES[:2]})
    assert url.endswith(customer.id)
    house.WORLD.until(url, "provisioned")
    assert sorted(sdk.customers.details(customer.id).packages) == sorted(house.PACKAGES[:2])
    house.WORLD.until(
        sdk.customers.update(customer.id, {"externalId": "sdk-1", "packages": house.PACKAGES}),
        "provisioned",
    )


def test_customer_is_prechecked(sdk):
    passed = sdk.customers.precheck(house.WORLD.customer("sdk-check"))
    assert passed.message == "success"
    assert passed.info[0]["infoCode"] == 100
    body = {"address": house.ADDRESS, "customerInfo": {"primaryEmail": "new@sdk-check.example"}}
    assert sdk.customers.precheck(body).message == "success"


def test_subscriber_lives_and_goes(sdk, customer):
    body = house.WORLD.subscriber(customer.id, "admin@sdk-1.example", "2000")
    sdk.subscribers.create(body)
    made = sdk.subscribers.create(
        house.WORLD.subscriber(customer.id, "user@sdk-1.example", "2001")
    )
    assert made.status == "provisioned"
    assert made.customer_id == customer.id
    assert made.external_customer_id == "sdk-1"
    assert made.packages == [made.package] == ["webex_calling"]
    assert made.created.tzinfo is not None
    assert sdk.subscribers.details(made.id) == made

    for params in (
        {"email": "user@sdk-1.example"},
        {"personId": made.person_id},
        {"customerId": customer.id, "email": "user@sdk-1.example"},
        {"externalCustomerId": "sdk-1", "email": "user@sdk-1.example", "status": "provisioned"},
        {"customerId": customer.id, "after": made.created.isoformat(), "email": made.email},
    ):
        found = [one.id for one in sdk.subscribers.list(**params)]
        assert found in ([made.id], []) if "after" in params else found == [made.id], params
    walked = [one.id for one in sdk.subscribers.list(customerId=customer.id, max=1)]
    assert len(walked) == len(set(walked)) == 2

    changed = sdk.subscribers.update(made.id, {"package": "webex_suite"})
    assert changed.package == "webex_suite"
    sdk.subscribers.remove(made.id)
    with pytest.raises(RestError) as gone:
        sdk.subscribers.details(made.id)
    assert gone.value.response.status_code == 404


def test_subscriber_is_prechecked(sdk, customer):
    assert sdk.subscribers.precheck({"email": "other@sdk-1.example"}).message == "success"
    body = house.WORLD.subscriber(customer.id, "other@sdk-1.example", "2002")
    assert sdk.subscribers.precheck(body).info[0]["infoCode"] == 100


def test_report_is_made_read_and_deleted(sdk):
    body = {"billingStartDate": "2026-03-01", "billingEndDate": "2026-03-02", "type": "CUSTOMER"}
    made = sdk.reports_.create(body)
    assert made.status is None, "the published answer has no status"
    path = sdk.reports_.ep(made.id)
    house.WORLD.until(path, "COMPLETED")
    report = sdk.reports_.details(made.id)
    # whoever has the link needs no token
    file = requests.get(report.temp_download_url, timeout=30)
    assert file.status_code == 200
    assert file.headers["content-type"].startswith("text/csv")
    assert file.text.lstrip("\ufeff").startswith("PARTNER_NAME,PARTNER_ORG_ID,CUSTOMER_ORG_ID")
    # the generated class sends whole instants
    some = sdk.reports_.list(billingStartDate="2026-03-01T00:00:00.000Z", type="CUSTOMER")
    assert [one.id for one in some] == [made.id]
    with pytest.raises(RestError) as twice:
        sdk.reports_.create(body)
    assert twice.value.response.status_code == 409
    sdk.reports_.remove(made.id)
    with pytest.raises(RestError) as gone:
        sdk.reports_.details(made.id)
    assert gone.value.code == 2024
    again = requests.get(report.temp_download_url, timeout=30)
    assert again.status_code in (403, 404, 410)


def test_errors_are_parsed(sdk):
    with pytest.raises(RestError) as refused:
        sdk.customers.create({"packages": ["webex_calling"], "address": {"country": "XX"}})
    error = refused.value
    assert error.response.status_code == 400
    # text instead of details would mean that the SDK could not read it
    assert isinstance(error.detail, ErrorDetail), error.detail
    assert error.detail.tracking_id.startswith("SIMPLE_"), "our own id comes back"
    assert error.detail.message
    assert len(error.detail.errors) > 2
    assert all(isinstance(one.error_code, int) for one in error.detail.errors)
    assert 1001 in [one.code for one in error.detail.errors]
    with pytest.raises(RestError) as missing:
        sdk.customers.details(house.public_id("ENTERPRISE"))
    assert isinstance(missing.value.detail, ErrorDetail)
    assert missing.value.response.status_code == 404


def test_customer_goes(sdk, customer):
    for one in sdk.subscribers.list(customerId=customer.id):
        sdk.subscribers.remove(one.id)
    sdk.customers.remove(customer.id)
    for _ in range(200):
        try:
            sdk.customers.details(customer.id)
        except RestError as error:
            assert error.response.status_code == 404
            return
    raise AssertionError("still there")
