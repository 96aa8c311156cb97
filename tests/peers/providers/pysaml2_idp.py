"""A SAML 2.0 identity provider on pysaml2: `pysaml2_idp.py PORT DIRECTORY KEY CERTIFICATE`.

GET /metadata describes it; PUT /sp takes the metadata of the one service it serves, PUT /mode what it signs and
encrypts (JSON). GET /sso signs the only person in at once and answers with the form that a browser would post.
GET /slo ends the session and answers with the address that a browser would go to.
"""

import http.server
import json
import pathlib
import sys
import urllib.parse

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.metadata import entity_descriptor
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

port, directory, key, certificate = int(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4]
BASE = f"http://127.0.0.1:{port}"
MODE = {"assertion": True, "response": False, "encrypt": False, "email": "alice@acme.example", "name": "alice-at-pysaml2"}


def config(with_service):
    settings = {
        "entityid": f"{BASE}/metadata",
        "key_file": key,
        "cert_file": certificate,
        "encryption_keypairs": [{"key_file": key, "cert_file": certificate}],
        "xmlsec_binary": "/usr/bin/xmlsec1",
        "allow_unknown_attributes": True,
        "service": {
            "idp": {
                "endpoints": {
                    "single_sign_on_service": [(f"{BASE}/sso", BINDING_HTTP_REDIRECT)],
                    "single_logout_service": [(f"{BASE}/slo", BINDING_HTTP_REDIRECT)],
                },
                "want_authn_requests_signed": True,
                "signing_algorithm": SIG_RSA_SHA256,
                "digest_algorithm": DIGEST_SHA256,
                "policy": {"default": {"lifetime": {"minutes": 5}, "attribute_restrictions": None}},
            }
        },
    }
    if with_service:
        settings["metadata"] = {"local": [str(directory / "sp.xml")]}
    loaded = IdPConfig()
    loaded.load(settings)
    return loaded


def form(action, fields):
    inputs = "".join(f'<input type="hidden" name="{name}" value="{text}"/>' for name, text in fields.items())
    return f'<html><body><form method="post" action="{action}">{inputs}</form></body></html>'


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body, media="text/html", **headers):
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("content-type", media)
        self.send_header("content-length", str(len(body)))
        for name, text in headers.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/sp":
            (directory / "sp.xml").write_bytes(body)
        else:
            MODE.update(json.loads(body))
        self.answer(204, b"")

    def do_GET(self):
        where = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(where.query))
        if where.path == "/metadata":
            self.answer(200, str(entity_descriptor(config(False))), "application/samlmetadata+xml")
        elif where.path == "/sso":
            self.sign_in(query)
        elif where.path == "/slo":
            self.sign_out(query)
        else:
            self.answer(404, b"")

    def sign_in(self, query):
        server = Server(config=config(True))
        # refuses a request that is not signed by the service
        asked = server.parse_authn_request(
            query["SAMLRequest"],
            BINDING_HTTP_REDIRECT,
            relay_state=query.get("RelayState"),
            sigalg=query.get("SigAlg"),
            signature=query.get("Signature"),
        )
        place = server.response_args(asked.message, [BINDING_HTTP_POST])
        place.pop("name_id_policy", None)
        sent = server.create_authn_response(
            identity={"mail": [MODE["email"]], "givenName": ["Alice"], "sn": ["Ackermann"]},
            userid=MODE["name"],
            name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text=MODE["name"]),
            authn={"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport", "authn_auth": BASE},
            sign_assertion=MODE["assertion"],
            sign_response=MODE["response"],
            encrypt_assertion=MODE["encrypt"],
            encrypted_advice_attributes=False,
            sign_alg=SIG_RSA_SHA256,
            digest_alg=DIGEST_SHA256,
            **place,
        )
        import base64

        fields = {"SAMLResponse": base64.b64encode(str(sent).encode()).decode(), "RelayState": query.get("RelayState", "")}
        self.answer(200, form(place["destination"], fields))

    def sign_out(self, query):
        server = Server(config=config(True))
        asked = server.parse_logout_request(
            query["SAMLRequest"],
            BINDING_HTTP_REDIRECT,
            relay_state=query.get("RelayState"),
            sigalg=query.get("SigAlg"),
            signature=query.get("Signature"),
        )
        sent = server.create_logout_response(asked.message, [BINDING_HTTP_REDIRECT])
        place = server.apply_binding(
            BINDING_HTTP_REDIRECT,
            str(sent),
            sent.destination,
            query.get("RelayState", ""),
            response=True,
            sign=True,
            sigalg=SIG_RSA_SHA256,
        )
        self.answer(303, b"", location=dict(place["headers"])["Location"])

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
