// A SAML 2.0 identity provider on samlify: `node samlify_idp.mjs PORT KEY CERTIFICATE`.
// The same paths as pysaml2_idp.py, but for /slo.

import http from "node:http";
import { readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import * as samlify from "samlify";

const [port, key, certificate] = process.argv.slice(2);
const base = `http://127.0.0.1:${port}`;
const mode = { assertion: true, response: false, encrypt: false, email: "alice@acme.example", name: "alice-at-samlify" };
let service = "";

// requests come from the service under test; what they are is looked at where they are read
samlify.setSchemaValidator({ validate: async () => "ok" });

const urn = samlify.Constants.namespace;

function provider() {
  return samlify.IdentityProvider({
    entityID: `${base}/metadata`,
    privateKey: readFileSync(key, "utf8"),
    signingCert: readFileSync(certificate, "utf8"),
    wantAuthnRequestsSigned: true,
    isAssertionEncrypted: mode.encrypt,
    messageSigningOrder: "sign-then-encrypt",
    requestSignatureAlgorithm: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    dataEncryptionAlgorithm: "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    keyEncryptionAlgorithm: "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
    singleSignOnService: [{ Binding: urn.binding.redirect, Location: `${base}/sso` }],
    nameIDFormat: [urn.format.persistent],
    loginResponseTemplate: {
      context: TEMPLATE,
      attributes: [{ name: "mail", nameFormat: "urn:oasis:names:tc:SAML:2.0:attrname-format:basic", valueTag: "mail", valueXsiType: "xs:string" }],
    },
  });
}

const TEMPLATE =
  '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{ID}" Version="2.0" IssueInstant="{IssueInstant}" Destination="{Destination}" InResponseTo="{InResponseTo}"><saml:Issuer>{Issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="{StatusCode}"/></samlp:Status><saml:Assertion xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{AssertionID}" Version="2.0" IssueInstant="{IssueInstant}"><saml:Issuer>{Issuer}</saml:Issuer><saml:Subject><saml:NameID Format="{NameIDFormat}">{NameID}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="{SubjectConfirmationDataNotOnOrAfter}" Recipient="{SubjectRecipient}" InResponseTo="{InResponseTo}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{ConditionsNotBefore}" NotOnOrAfter="{ConditionsNotOnOrAfter}"><saml:AudienceRestriction><saml:Audience>{Audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{IssueInstant}" SessionIndex="{AssertionID}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>{AttributeStatement}</saml:Assertion></samlp:Response>';

function filled(idp, sp, request) {
  return (template) => {
    const now = new Date();
    const later = new Date(now.getTime() + 5 * 60_000);
    const acs = sp.entityMeta.getAssertionConsumerService("post");
    const id = "_" + randomUUID();
    const tags = {
      ID: id,
      AssertionID: "_" + randomUUID(),
      Destination: acs,
      Audience: sp.entityMeta.getEntityID(),
      SubjectRecipient: acs,
      NameIDFormat: urn.format.persistent,
      NameID: mode.name,
      Issuer: idp.entityMeta.getEntityID(),
      IssueInstant: now.toISOString(),
      ConditionsNotBefore: now.toISOString(),
      ConditionsNotOnOrAfter: later.toISOString(),
      SubjectConfirmationDataNotOnOrAfter: later.toISOString(),
      InResponseTo: request,
      StatusCode: "urn:oasis:names:tc:SAML:2.0:status:Success",
      attrMail: mode.email,
    };
    return { id, context: samlify.SamlLib.replaceTagsByValue(template, tags) };
  };
}

async function signIn(query, raw) {
  const idp = provider();
  const sp = samlify.ServiceProvider({
    metadata: service,
    wantMessageSigned: mode.response,
    wantAssertionsSigned: mode.assertion,
  });
  // what was signed is the query as it came
  const octetString = raw.slice(0, raw.indexOf("&Signature="));
  const asked = await idp.parseLoginRequest(sp, "redirect", { query, octetString });
  const request = asked.extract.request.id;
  const sent = await idp.createLoginResponse(sp, asked, "post", { email: mode.email }, filled(idp, sp, request), mode.encrypt, query.RelayState);
  return `<html><body><form method="post" action="${sent.entityEndpoint}"><input type="hidden" name="SAMLResponse" value="${sent.context}"/><input type="hidden" name="RelayState" value="${query.RelayState ?? ""}"/></form></body></html>`;
}

http
  .createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", async () => {
      const body = Buffer.concat(chunks).toString();
      const url = new URL(request.url, base);
      try {
        if (request.method === "PUT") {
          if (url.pathname === "/sp") service = body;
          else Object.assign(mode, JSON.parse(body));
          response.writeHead(204).end();
        } else if (url.pathname === "/metadata") {
          response.writeHead(200, { "content-type": "application/samlmetadata+xml" }).end(provider().getMetadata());
        } else if (url.pathname === "/sso") {
          const html = await signIn(Object.fromEntries(url.searchParams), url.search.slice(1));
          response.writeHead(200, { "content-type": "text/html" }).end(html);
        } else {
          response.writeHead(404).end();
        }
      } catch (error) {
        response.writeHead(500).end(String(error?.stack ?? error));
      }
    });
  })
  .listen(Number(port), "127.0.0.1");
