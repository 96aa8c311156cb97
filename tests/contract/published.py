"""The published API description, read where it lies and mended in memory."""

import json
import os
import pathlib

import house

PLACE = "../shared/reference/openapi/webex-wholesale.json"
ROOT = pathlib.Path(__file__).resolve().parents[2]


def path():
    return pathlib.Path(os.environ.get("ENTREPOT_PUBLISHED", ROOT / PLACE))


def load():
    description = json.loads(path().read_text())
    mend(description)
    return description


def mend(description):
    """What the description says in two ways at once; we keep to its prose and examples."""
    schemas = description["components"]["schemas"]
    for name in ("CustomerProvisioningPrecheckResponse", "SubscriberProvisioningPrecheckResponse"):
        info = schemas[name]["properties"]["info"]
        # typed as an object, shown as an array
        schemas[name]["properties"]["info"] = {"type": "array", "items": info}
    content = success(description["paths"]["/wholesale/subPartners"]["get"])["content"]
    # the example says `subPartners` where the schema says `items`
    example = content["application/json"].pop("example")
    schemas["SubPartnersListResponse"]["example"] = {"items": example["subPartners"]}


def success(operation):
    return next(answer for code, answer in operation["responses"].items() if code.startswith("2"))


def operations(description):
    """Every operation as (METHOD, path)."""
    for path, methods in description["paths"].items():
        for method in methods:
            if method in ("get", "post", "put", "delete", "patch"):
                yield method.upper(), path


def settle(description, world):
    """Examples that are good here: real ids, bodies that are accepted."""
    extra = world.provisioned("contract-delete")
    spare = world.subscribed(world.customer_id, "spare@contract-1.example", "1999")
    report = world.report("2026-01-03", "2026-01-04", "CUSTOMER")
    parameters = {
        "customerId": world.customer_id,
        "subscriberId": world.subscriber_id,
        "id": world.report_id,
        "externalId": "contract-1",
        "externalCustomerId": "contract-1",
        "email": "first@contract-1.example",
        "status": "provisioned",
        "sortBy": "created",
        "sortOrder": "ASC",
        "offset": "0",
        "max": "10",
        "billingStartDate": "2026-01-01",
        "billingEndDate": "2026-01-02",
        "type": "USER",
        "after": "1579046400245",
        "lastStatusChange": "2021-08-06T02:05:41Z",
        "provisioningState": "active",
        "includePackageLicenseInfo": True,
    }
    deletes = {"customerId": extra, "subscriberId": spare["id"], "id": report}
    for method, path in operations(description):
        operation = description["paths"][path][method.lower()]
        for parameter in operation.get("parameters", []):
            name = parameter["name"]
            values = {**parameters, **deletes} if method == "DELETE" else parameters
            if path == "/wholesale/billing/reports" and name in ("sortBy", "status"):
                values = {"sortBy": "status", "status": "COMPLETED"}
            parameter.pop("example", None)
            # acting for another, and filters by ids that come later, are tried elsewhere
            if name in values:
                value = values[name]
                kind = parameter["schema"].get("type")
                if kind in ("integer", "number"):
                    value = int(value)
                elif kind == "array":
                    value = [value]
                parameter["example"] = value
        if "requestBody" in operation:
            content = operation["requestBody"]["content"]["application/json"]
            content.pop("example", None)
            content.pop("examples", None)
            content["example"] = body(method, path, world)


def body(method, path, world):
    """A body that is accepted, once at least."""
    return {
        ("POST", "/wholesale/customers"): world.customer("contract-fuzz"),
        ("PUT", "/wholesale/customers/{customerId}"): {
            "externalId": "contract-1",
            "packages": house.PACKAGES,
        },
        ("POST", "/wholesale/customers/validate"): world.customer("contract-check"),
        ("POST", "/wholesale/subscribers"): world.subscriber(
            world.customer_id, "fuzz@contract-1.example", "1500"
        ),
        ("PUT", "/wholesale/subscribers/{subscriberId}"): {"packages": ["webex_calling"]},
        ("POST", "/wholesale/subscribers/validate"): {"email": "new@contract-1.example"},
        ("POST", "/wholesale/billing/reports"): {
            "billingStartDate": "2026-02-01",
            "billingEndDate": "2026-02-02",
            "type": "PARTNER",
        },
    }[method, path]
