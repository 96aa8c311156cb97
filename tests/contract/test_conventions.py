"""The conventions of the published surface that no description can say, on the wire."""

import http.client
import re
import urllib.parse

import pytest

import house

CUSTOMERS = "/v1/wholesale/customers"
SUBSCRIBERS = "/v1/wholesale/subscribers"
REPORTS = "/v1/wholesale/billing/reports"


def raw(method, path, headers=None, body=None, token=True):
    """Exactly these bytes; no client puts a path in order first."""
    url = urllib.parse.urlsplit(house.WORLD.house.base)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        if token:
            connection.putheader("Authorization", house.WORLD.api.authorization())
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        return answer
    finally:
        connection.close()


@pytest.mark.parametrize(
    "path", ["//v1/wholesale/customers", "/v1//wholesale///customers?max=1", "///v1/wholesale/customers"]
)
def test_repeated_slashes_are_one(path):
    answer = raw("GET", path)
    assert answer.status == 200, answer.text
    assert '"items"' in answer.text


@pytest.mark.parametrize("method", ["TRACE", "PATCH", "OPTIONS", "PROPFIND", "BREW", "CONNECTED", "PUT"])
@pytest.mark.parametrize("path", [CUSTOMERS, SUBSCRIBERS, REPORTS, f"{CUSTOMERS}/validate"])
def test_a_wrong_method_is_405(method, path):
    answer = raw(method, path)
    # `validate` and an id are at the same place
    if method == "PUT" and path.endswith("validate"):
        assert answer.status in (400, 404, 405, 415), answer.text
        return
    assert answer.status == 405, f"{answer.status} {answer.text}"
    allowed = {one.strip() for one in answer.headers["Allow"].split(",")}
    assert allowed & {"GET", "POST"} and method not in allowed
    assert answer.headers["TrackingID"]


@pytest.mark.parametrize("method,path", [("DELETE", CUSTOMERS), ("POST", f"{CUSTOMERS}/x"), ("PATCH", f"{REPORTS}/x")])
def test_a_known_method_at_another_place_is_405(method, path):
    assert raw(method, path).status == 405


@pytest.mark.parametrize(
    "media", [None, "text/plain", "application/xml", "application/x-www-form-urlencoded", "application/json-patch+json"]
)
@pytest.mark.parametrize("path", [CUSTOMERS, f"{CUSTOMERS}/validate", SUBSCRIBERS, REPORTS])
def test_another_media_type_is_415(media, path):
    headers = {"Content-Type": media} if media else {}
    answer = raw("POST", path, headers, b"{}")
    assert answer.status == 415, answer.text


@pytest.mark.parametrize("media", ["application/json", "application/json;charset=utf-8", "Application/JSON; charset=UTF-8"])
def test_json_is_taken_however_it_is_spelt(media):
    answer = raw("POST", CUSTOMERS, {"Content-Type": media}, b"{}")
    assert answer.status == 400, answer.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 5000, b'{"a":1}{'])
def test_what_is_no_json_object_is_400(body):
    answer = raw("POST", CUSTOMERS, {"Content-Type": "application/json"}, body)
    assert answer.status == 400, answer.text
    assert '"trackingId"' in answer.text


def test_unknown_fields_are_ignored():
    body = house.WORLD.customer("conventions-unknown")
    body["provisioningParameters"]["calling"]["location"]["numbers"] = ["+15125550100"]
    body["provisioningParameters"]["calling"]["location"]["mainNumber"] = "+15125550100"
    body["nobodyKnows"] = {"this": [1, 2.5, None]}
    answer = house.WORLD.api.post(f"{CUSTOMERS}/validate", json=body)
    assert answer.status_code == 200, answer.text


def links(answer):
    """As the partner's sample reads it: by commas, then by semicolons."""
    found = {}
    for link in filter(None, answer.headers.get("Link", "").split(",")):
        url, relation = link.split(";")
        found[re.fullmatch(r' *rel="(\w+)"', relation)[1]] = re.fullmatch(r" *<(.*)>", url)[1]
    return found


@pytest.fixture(scope="module")
def crowd():
    """A customer with seven subscribers."""
    customer = house.WORLD.provisioned("conventions-crowd")
    for number in range(7):
        house.WORLD.subscribed(customer, f"user{number}@crowd.example", str(3000 + number))
    return customer


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10])
def test_links_lead_through_every_page_once(crowd, size):
    api = house.WORLD.api
    answer = api.get(SUBSCRIBERS, params={"customerId": crowd, "max": size})
    ids, pages, offsets = [], 0, []
    while True:
        assert answer.status_code == 200, answer.text
        page = [one["id"] for one in answer.json()["items"]]
        assert len(page) <= size
        ids += page
        pages += 1
        found = links(answer)
        if "next" not in found:
            break
        assert len(page) == size, "only a full page has a next one"
        assert found["next"].startswith(house.WORLD.house.base + SUBSCRIBERS)
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(found["next"]).query)
        offsets.append(int(query["offset"][0]))
        assert query["customerId"] == [crowd] and query["max"] == [str(size)]
        answer = api.get(found["next"])
    assert len(ids) == len(set(ids)) == 7
    assert offsets == list(range(size, size * pages, size))
    if pages > 1:
        assert {"first", "prev"} <= set(links(answer))


def test_offsets_lead_through_every_page_once(crowd):
    ids, offset = [], 0
    while True:
        params = {"customerId": crowd, "max": "3", "offset": str(offset)}
        page = house.WORLD.api.get(SUBSCRIBERS, params=params).json()["items"]
        ids += [one["id"] for one in page]
        if len(page) < 3:
            break
        offset += 3
    assert len(ids) == len(set(ids)) == 7


@pytest.mark.parametrize("query", ["max=0", "max=-1", "max=x", "offset=-1", "offset=x", "max=99999999999999999999"])
def test_pages_that_are_none_are_refused_or_bounded(query):
    answer = house.WORLD.api.get(f"{CUSTOMERS}?{query}")
    assert answer.status_code in (200, 400), answer.text
    if answer.status_code == 200:
        assert len(answer.json()["items"]) <= 1000


def test_arrays_in_a_query_come_in_two_ways():
    api = house.WORLD.api
    one = api.get(f"{CUSTOMERS}?status=provisioned&status=error").json()
    other = api.get(f"{CUSTOMERS}?status=provisioned,error").json()
    assert one == other and one["items"]
    assert api.get(f"{CUSTOMERS}?status=nonsense").status_code == 400


def test_tracking_ids_come_back():
    answer = house.WORLD.api.get(f"{CUSTOMERS}/x", headers={"TrackingID": "MINE_1"})
    assert answer.headers["TrackingID"] == "MINE_1" == answer.json()["trackingId"]
    one, other = (house.WORLD.api.get(f"{CUSTOMERS}/x").json()["trackingId"] for _ in range(2))
    assert one and other and one != other


def test_ids_are_read_in_every_alphabet():
    api, mine = house.WORLD.api, house.WORLD.customer_id
    padded = mine + "=" * (-len(mine) % 4)
    standard = padded.replace("-", "+").replace("_", "/")
    for text in (mine, padded, standard):
        path = f"{CUSTOMERS}/{urllib.parse.quote(text, safe='')}"
        answer = api.get(path)
        assert answer.status_code == 200 and answer.json()["id"] == mine, text
        assert answer.headers["Location"] == f"{house.WORLD.house.base}{CUSTOMERS}/{mine}"


def test_locations_are_absolute():
    answer = house.WORLD.api.post(CUSTOMERS, json=house.WORLD.customer("conventions-location"))
    assert answer.status_code == 202
    assert answer.headers["Location"].startswith(house.WORLD.house.base + CUSTOMERS + "/")
    assert answer.json() == {"url": answer.headers["Location"]}
    house.WORLD.until(answer.headers["Location"], "provisioned")


def test_sub_partners_are_items():
    body = house.WORLD.api.get("/v1/wholesale/subPartners").json()
    assert [one["orgId"] for one in body["items"]] == [house.WORLD.sub_partner_id]
    assert body["items"][0]["provisioningState"] == "active"


def test_no_token_is_401():
    for token in (None, "", "Bearer", "Bearer x.y.z", "Basic eDp5"):
        headers = {"Authorization": token} if token is not None else {}
        answer = raw("GET", CUSTOMERS, headers, token=False)
        assert answer.status == 401, answer.text
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_head_is_a_get_without_a_body():
    answer = raw("HEAD", CUSTOMERS)
    assert answer.status in (200, 405) and not answer.text


@pytest.fixture(scope="module")
def slow():
    """A platform that lets few requests through."""
    small = {"ENTREPOT_GATEWAY__RATE_PER_SECOND": "1", "ENTREPOT_GATEWAY__BURST": "5"}
    other = house.House(house.BINARY, **small)
    yield other
    other.stop()


def test_too_many_requests_are_told_how_long_to_wait(slow):
    api = slow.session()
    answers = [api.get(CUSTOMERS) for _ in range(12)]
    limited = [answer for answer in answers if answer.status_code == 429]
    assert {answer.status_code for answer in answers} == {200, 429}
    for answer in limited:
        # whole seconds: clients read an integer
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert isinstance(answer.json()["errors"][0]["errorCode"], int)
