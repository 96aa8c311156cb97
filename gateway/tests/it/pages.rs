//! Pages for people, with an identity that says what a test wants: what guards them.

use std::net::SocketAddr;

use axum::{body::Body, extract::ConnectInfo};
use http::{Request, header::CONTENT_TYPE};
use proto::identity::v1::{
    BeginRequest, Browser, Choice, ContinueRequest, Cookie, CookieKind, Page, PageKind, Parameter,
    ReadAccountRequest, SignInStep, SignOutRequest, sign_in_step::Next,
};

use crate::stage::{Answer, Contexts, Stage};

/// The public URL on this stage.
const OURS: &str = "https://api.example.net";

pub(crate) fn shown(page: Page) -> SignInStep {
    SignInStep {
        next: Some(Next::Page(page)),
        cookies: Vec::new(),
    }
}

pub(crate) fn page(kind: PageKind) -> Page {
    Page {
        kind: kind.into(),
        form: "F".to_owned(),
        language: "en".to_owned(),
        email: "ann@acme.example".to_owned(),
        choices: vec![
            Choice {
                key: "S1".to_owned(),
                label: "Firefox/1 Linux".to_owned(),
                detail: "10.0.0.1 2026-11-21T10:00:00Z".to_owned(),
            },
            Choice {
                key: "S2".to_owned(),
                ..Choice::default()
            },
        ],
        ..Page::default()
    }
}

pub(crate) const KINDS: [PageKind; 5] = [
    PageKind::Identifier,
    PageKind::Password,
    PageKind::NewPassword,
    PageKind::Account,
    PageKind::SignedOut,
];

/// Says the same step to every request.
pub(crate) fn saying(step: &SignInStep) -> Contexts {
    let [begin, go_on, account, out] = std::array::from_fn(|_| step.clone());
    Contexts::default()
        .on(
            "/entrepot.identity.v1.SignIn/Begin",
            move |_: &BeginRequest| Ok(begin.clone()),
        )
        .on(
            "/entrepot.identity.v1.SignIn/Continue",
            move |_: &ContinueRequest| Ok(go_on.clone()),
        )
        .on(
            "/entrepot.identity.v1.SignIn/ReadAccount",
            move |_: &ReadAccountRequest| Ok(account.clone()),
        )
        .on(
            "/entrepot.identity.v1.SignIn/SignOut",
            move |_: &SignOutRequest| Ok(out.clone()),
        )
}

pub(crate) fn showing(page: Page) -> Stage {
    saying(&shown(page)).stage()
}

pub(crate) async fn ask(
    stage: &Stage,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if method == "POST" {
        request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    let mut request = request.body(Body::from(body.to_owned())).unwrap();
    let peer = ConnectInfo(SocketAddr::from(([10, 0, 0, 9], 1)));
    request.extensions_mut().insert(peer);
    stage.send(request).await
}

pub(crate) async fn get(stage: &Stage, path: &str, headers: &[(&str, &str)]) -> Answer {
    ask(stage, "GET", path, headers, "").await
}

pub(crate) fn html(answer: &Answer) -> &str {
    assert_eq!(
        answer.header("content-type"),
        "text/html; charset=utf-8",
        "{answer:?}"
    );
    std::str::from_utf8(&answer.body).unwrap()
}

/// What must be true of everything that a browser shows.
pub(crate) fn protected(answer: &Answer) {
    let policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'";
    let policy_seen = answer.header("content-security-policy");
    assert!(policy_seen.starts_with(policy), "{answer:?}");
    assert!(
        policy_seen.ends_with("; frame-ancestors 'none'; base-uri 'none'"),
        "{policy_seen}"
    );
    assert_eq!(answer.header("x-frame-options"), "DENY");
    assert_eq!(answer.header("referrer-policy"), "same-origin");
    assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a12_pages_cannot_be_framed_forged_or_leak() {
    for kind in KINDS {
        let answer = get(&showing(page(kind)), "/sign-in", &[]).await;
        assert_eq!(answer.status, 200);
        protected(&answer);
        let html = html(&answer);
        for word in [
            "<script",
            "style=",
            "<style",
            " on",
            "javascript:",
            "http:",
            "https:",
        ] {
            let word = if word == " on" { " onload" } else { word };
            assert!(!html.contains(word), "{kind:?}: {word}");
        }
        // each form carries the value that only our page knows, and is sent to us
        let forms = html.matches("<form").count();
        let own = "<input type=\"hidden\" name=\"form\" value=\"F\">";
        assert_eq!(html.matches(own).count(), forms, "{kind:?}");
        assert_eq!(
            html.matches("method=\"post\" action=\"/sign-in").count(),
            forms
        );
    }
    let redirect = SignInStep {
        next: Some(Next::RedirectUrl(
            "https://app.example/back?code=1".to_owned(),
        )),
        cookies: Vec::new(),
    };
    let stage = saying(&redirect).stage();
    let answer = ask(&stage, "POST", "/sign-in", &[], "form=F&action=password").await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("location"), "https://app.example/back?code=1");
    protected(&answer);
}

#[tokio::test]
async fn a12_a_form_may_lead_to_the_client_that_asked_and_nowhere_else() {
    let cases = [
        ("https://app.example", " https://app.example"),
        ("com.example.app:", " com.example.app:"),
        ("http://[::1]:8080", " http://[::1]:8080"),
        ("*", ""),
        ("https://a.example; script-src *", ""),
        ("https://a.example https://b.example", ""),
        ("'unsafe-inline'", ""),
    ];
    for (target, wanted) in cases {
        let page = Page {
            form_target: target.to_owned(),
            ..page(PageKind::Password)
        };
        let answer = get(&showing(page), "/sign-in", &[]).await;
        let wanted = format!("form-action 'self'{wanted}; frame-ancestors");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains(&wanted), "{target}: {policy}");
    }
}

#[tokio::test]
async fn a12_a_post_from_elsewhere_is_refused() {
    let stage = showing(page(PageKind::Password));
    let own = "form=F&action=identify&email=a%40b.example";
    let bad: [(&[(&str, &str)], &str); 10] = [
        (&[("origin", "https://evil.example")], own),
        (&[("origin", "http://api.example.net")], own),
        (&[("origin", "https://api.example.net.evil.example")], own),
        (&[("origin", "null")], own),
        (&[("origin", OURS), ("origin", "https://evil.example")], own),
        (&[("sec-fetch-site", "cross-site")], own),
        (&[("sec-fetch-site", "same-site"), ("origin", OURS)], own),
        (&[], "action=identify&email=a%40b.example"),
        (&[], "form=&action=identify"),
        (&[], ""),
    ];
    for path in ["/sign-in", "/sign-in/out"] {
        for (headers, body) in bad {
            let answer = ask(&stage, "POST", path, headers, body).await;
            assert_eq!(answer.status, 403, "{path} {headers:?} {body}");
            protected(&answer);
            assert!(html(&answer).contains("This form is not valid"));
            assert!(stage.seen().is_empty());
        }
        let good: [&[(&str, &str)]; 4] = [
            &[],
            &[("origin", OURS), ("sec-fetch-site", "same-origin")],
            &[("origin", "https://API.example.net:443")],
            &[("sec-fetch-site", "none")],
        ];
        for headers in good {
            assert_eq!(
                ask(&stage, "POST", path, headers, own).await.status,
                200,
                "{headers:?}"
            );
        }
        stage.seen();
    }
    // without a public URL the host that was asked counts
    let stage =
        saying(&shown(page(PageKind::Password))).stage_with(|config| config.base_url = None);
    let host = ("host", "localhost:8080");
    let from = |origin| [host, ("origin", origin)];
    for (origin, status) in [
        ("http://localhost:8080", 200),
        ("http://localhost:8081", 403),
    ] {
        let answer = ask(&stage, "POST", "/sign-in", &from(origin), own).await;
        assert_eq!(answer.status, status, "{origin}");
    }
}

#[tokio::test]
async fn what_is_filled_in_is_handed_on_and_nothing_else() {
    let stage = showing(page(PageKind::Password));
    let headers = [
        (
            "cookie",
            "__Host-entrepot=S; other=1; __Host-entrepot-flow=W",
        ),
        ("user-agent", "Firefox"),
        ("accept-language", "de-CH, en;q=0.5"),
        ("origin", OURS),
    ];
    let body = "form=F&action=password&password=+a%26b%3D%C3%A4+&email=ann%40acme.example";
    ask(&stage, "POST", "/sign-in?ui_locales=ko", &headers, body).await;
    let browser = Browser {
        session_cookie: "S".to_owned(),
        flow_cookie: "W".to_owned(),
        sso_cookie: String::new(),
        address: "10.0.0.9".to_owned(),
        agent: "Firefox".to_owned(),
        languages: vec!["ko".to_owned(), "de-ch".to_owned(), "en".to_owned()],
    };
    let field = |name: &str, text: &str| Parameter {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let wanted = ContinueRequest {
        browser: Some(browser.clone()),
        form: "F".to_owned(),
        action: "password".to_owned(),
        fields: vec![
            field("password", " a&b=ä "),
            field("email", "ann@acme.example"),
        ],
    };
    assert_eq!(stage.asked::<ContinueRequest>(), wanted);
    ask(
        &stage,
        "POST",
        "/sign-in/out",
        &headers,
        "form=F&session_id=S2",
    )
    .await;
    let asked = stage.asked::<SignOutRequest>();
    assert_eq!(
        (asked.form.as_str(), asked.session_id.as_str()),
        ("F", "S2")
    );
    // neither of two
    ask(
        &stage,
        "POST",
        "/sign-in/out",
        &headers,
        "form=F&session_id=S2&session_id=S3",
    )
    .await;
    assert_eq!(stage.asked::<SignOutRequest>().session_id, "");

    for body in [
        "form=F&password=%00",
        &format!("form=F{}", "&a=1".repeat(64)),
    ] {
        let answer = ask(&stage, "POST", "/sign-in", &[], body).await;
        assert_eq!(answer.status, 400);
        protected(&answer);
    }
    let large = format!("form=F&password={}", "x".repeat(64 * 1024));
    assert_eq!(
        ask(&stage, "POST", "/sign-in", &[], &large).await.status,
        400
    );
    assert!(stage.seen().is_empty());
}

#[tokio::test]
async fn a35_cookie_flags() {
    let cookie = |kind: CookieKind, text: &str, secure, seconds: i64| Cookie {
        kind: kind.into(),
        text: text.to_owned(),
        ends_at: (seconds > 0).then_some(prost_types::Timestamp {
            seconds: 1_700_000_000 + seconds,
            nanos: 0,
        }),
        secure,
    };
    let cases = [
        (
            cookie(CookieKind::Session, "a_-9", true, 0),
            "__Host-entrepot=a_-9; Path=/; HttpOnly; SameSite=Lax; Secure",
        ),
        (
            cookie(CookieKind::Flow, "b", true, 1800),
            "__Host-entrepot-flow=b; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=1800",
        ),
        (
            cookie(CookieKind::Sso, "c", true, 600),
            "__Host-entrepot-sso=c; Path=/; HttpOnly; SameSite=None; Secure; Max-Age=600",
        ),
        (
            cookie(CookieKind::Session, "a", false, 0),
            "entrepot=a; Path=/; HttpOnly; SameSite=Lax",
        ),
        (
            cookie(CookieKind::Sso, "c", false, 600),
            "entrepot-sso=c; Path=/; HttpOnly; SameSite=Lax; Max-Age=600",
        ),
        (
            cookie(CookieKind::Flow, "", true, 1800),
            "__Host-entrepot-flow=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0",
        ),
    ];
    let step = SignInStep {
        cookies: cases.iter().map(|(cookie, _)| cookie.clone()).collect(),
        ..shown(page(PageKind::Identifier))
    };
    let answer = get(&saying(&step).stage(), "/sign-in", &[]).await;
    let set: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    let wanted: Vec<_> = cases.iter().map(|(_, header)| *header).collect();
    assert_eq!(set, wanted);

    for bad in ["a; Domain=example.net", "a\r\nx: y", "ä"] {
        let step = SignInStep {
            cookies: vec![cookie(CookieKind::Session, bad, true, 0)],
            ..shown(page(PageKind::Identifier))
        };
        assert_eq!(
            get(&saying(&step).stage(), "/sign-in", &[]).await.status,
            500,
            "{bad}"
        );
    }
}

#[tokio::test]
async fn a35_a_cookie_that_a_neighbour_could_plant_does_not_count() {
    let plain =
        |config: &mut gateway::Config| config.base_url = Some("http://x.example".to_owned());
    let step = shown(page(PageKind::Account));
    let (guarded, open) = (saying(&step).stage(), saying(&step).stage_with(plain));
    let cases = [
        (&guarded, "entrepot=A", ""),
        (&guarded, "entrepot=A; __Host-entrepot=B", "B"),
        (&guarded, "__Host-entrepot=B; __Host-entrepot=C", ""),
        (&guarded, "__Host-entrepot=B; __Host-entrepot=B", "B"),
        (&guarded, "__Host-entrepot=\"B\"", ""),
        (&open, "entrepot=A", "A"),
        (&open, "entrepot=A; __Host-entrepot=B", "B"),
        (&open, "entrepot=A; __Host-entrepot-flow=B", ""),
        (&open, "xentrepot=A; entrepot", ""),
    ];
    for (stage, sent, wanted) in cases {
        get(stage, "/sign-in/account", &[("cookie", sent)]).await;
        let browser = stage.asked::<ReadAccountRequest>().browser.unwrap();
        assert_eq!(browser.session_cookie, wanted, "{sent}");
    }
    let long = format!("__Host-entrepot={}", "x".repeat(513));
    get(&guarded, "/sign-in/account", &[("cookie", &long)]).await;
    assert_eq!(
        guarded
            .asked::<ReadAccountRequest>()
            .browser
            .unwrap()
            .session_cookie,
        ""
    );
}
