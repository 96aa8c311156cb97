//! Pages for people: what they show.

use kit::fault::{Kind, reason};
use proto::identity::v1::{Brand, Choice, Page, PageKind, Refusal, SignInStep, sign_in_step::Next};

use crate::{
    pages::{KINDS, ask, get, html, page, protected, saying, showing, shown},
    stage::fault,
};

#[tokio::test]
async fn pages_say_it_in_four_languages() {
    let words = [
        (
            "en",
            "Sign in",
            "The email address and the password do not match.",
        ),
        (
            "ja",
            "サインイン",
            "メール アドレスとパスワードが一致しません。",
        ),
        (
            "de",
            "Anmelden",
            "E-Mail-Adresse und Passwort passen nicht zusammen.",
        ),
        (
            "ko",
            "로그인",
            "이메일 주소와 비밀번호가 일치하지 않습니다.",
        ),
    ];
    for (language, button, problem) in words {
        let page = Page {
            language: language.to_owned(),
            problem: "WRONG_CREDENTIALS".to_owned(),
            ..page(PageKind::Password)
        };
        let stage = showing(page);
        let answer = ask(&stage, "POST", "/sign-in", &[], "form=F&action=password").await;
        assert_eq!(answer.status, 400);
        let html = html(&answer);
        for part in [&format!("<html lang=\"{language}\">"), button, problem] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(html.contains("role=\"alert\"") && html.contains("aria-invalid=\"true\""));
        // what cannot be asked of identity is said in the browser's language
        stage.refuse(fault(Kind::Unavailable, reason::UNAVAILABLE));
        let headers = [("accept-language", language)];
        let answer = get(&stage, "/sign-in", &headers).await;
        assert_eq!(answer.status, 503);
        let shown = String::from_utf8(answer.body).unwrap();
        assert!(shown.contains(&format!("<html lang=\"{language}\">")));
    }
}

#[tokio::test]
async fn people_get_along_by_keyboard_and_with_a_password_manager() {
    let cases: [(PageKind, &[&str]); 3] = [
        (
            PageKind::Identifier,
            &["autocomplete=\"username\"", "<label for=\"email\">"],
        ),
        (
            PageKind::Password,
            &[
                "autocomplete=\"username\"",
                "autocomplete=\"current-password\"",
                "<label for=\"password\">",
            ],
        ),
        (
            PageKind::NewPassword,
            &[
                "autocomplete=\"username\"",
                "autocomplete=\"new-password\"",
                "<label for=\"new_password\">",
                "<label for=\"repeated\">",
            ],
        ),
    ];
    for (kind, parts) in cases {
        let answer = get(&showing(page(kind)), "/sign-in", &[]).await;
        let html = html(&answer);
        for part in parts {
            assert!(html.contains(part), "{kind:?}: {part}");
        }
        assert_eq!(html.matches("autofocus").count(), 1, "{kind:?}");
        assert!(html.contains("width=device-width"));
    }
    let answer = get(&showing(page(PageKind::Account)), "/sign-in/account", &[]).await;
    let html = html(&answer);
    for part in [
        "Firefox, Linux",
        "<time datetime=\"2026-11-21T10:00:00Z\">2026-11-21 10:00 UTC</time>",
        "<input type=\"hidden\" name=\"session_id\" value=\"S2\">",
        "This browser",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    // one's own session ends by the large button, which names none
    assert!(!html.contains("value=\"S1\""));
}

#[tokio::test]
async fn nothing_typed_is_ever_markup() {
    let evil = "\"'><script>alert(1)</script>{}<b a=";
    let text = || evil.to_owned();
    let choice = || Choice {
        key: text(),
        label: text(),
        detail: text(),
    };
    for kind in KINDS {
        for language in ["en", "ja", "de", "ko"] {
            let page = Page {
                kind: kind.into(),
                form: text(),
                problem: text(),
                email: text(),
                brand: Some(Brand {
                    display_name: text(),
                    color: text(),
                }),
                language: language.to_owned(),
                client_name: text(),
                scopes: vec![text()],
                choices: vec![choice(), choice()],
                form_target: text(),
                findings: Vec::new(),
                challenge: text(),
                busy: false,
            };
            let answer = get(&showing(page), "/sign-in", &[]).await;
            let html = html(&answer);
            assert!(html.contains("script"), "{kind:?}: nothing was shown");
            assert!(
                !html.contains("<script") && !html.contains("<b a"),
                "{kind:?}: {html}"
            );
            assert!(
                !html.contains("\"'") && !html.contains("\"\""),
                "{kind:?}: {html}"
            );
            assert!(!answer.header("content-security-policy").contains("script"));
        }
    }
    let refusal = Refusal {
        reason: text(),
        language: text(),
    };
    let step = SignInStep {
        next: Some(Next::Refusal(refusal)),
        cookies: Vec::new(),
    };
    let answer = get(
        &saying(&step).stage(),
        "/sign-in",
        &[("trackingid", "<script>")],
    )
    .await;
    assert!(!html(&answer).contains("<script"));
}

#[tokio::test]
async fn failures_of_pages_are_pages() {
    let stage = showing(page(PageKind::Identifier));
    let cases = [
        (Kind::Invalid, 400, "This cannot be read"),
        (Kind::Forbidden, 403, "This form is not valid"),
        (Kind::Missing, 404, "Nothing is here"),
        (Kind::Exhausted, 429, "Too many requests"),
        (Kind::Internal, 500, "Something went wrong"),
        (Kind::Unavailable, 503, "Not available right now"),
    ];
    for (kind, status, words) in cases {
        stage.refuse(fault(kind, "SOMETHING"));
        let answer = get(&stage, "/sign-in", &[]).await;
        assert_eq!(answer.status, status);
        protected(&answer);
        let html = html(&answer);
        assert!(html.contains(words), "{html}");
        assert!(html.contains(answer.header("trackingid")));
        let wait = matches!(status, 429 | 503);
        assert_eq!(answer.headers.contains_key("retry-after"), wait);
        assert!(!answer.headers.contains_key("www-authenticate"));
    }
    // steps that lead nowhere, and pages that nobody can show
    let odd = [
        SignInStep::default(),
        shown(Page::default()),
        SignInStep {
            next: Some(Next::RedirectUrl("/x\r\ny".to_owned())),
            cookies: Vec::new(),
        },
    ];
    for step in odd {
        let answer = get(&saying(&step).stage(), "/sign-in", &[]).await;
        assert_eq!(answer.status, 500);
        html(&answer);
    }
    for (reason, status, words) in [
        ("SIGN_IN_ENDED", 400, "This sign-in is over"),
        ("CLIENT_UNKNOWN", 400, "Unknown application"),
        ("REDIRECT_UNKNOWN", 400, "Wrong return address"),
        ("FORM_INVALID", 403, "This form is not valid"),
        ("SOMETHING_NEW", 400, "This cannot be read"),
    ] {
        let refusal = Refusal {
            reason: reason.to_owned(),
            language: "en".to_owned(),
        };
        let step = SignInStep {
            next: Some(Next::Refusal(refusal)),
            cookies: Vec::new(),
        };
        let answer = get(&saying(&step).stage(), "/sign-in", &[]).await;
        assert_eq!(answer.status, status, "{reason}");
        assert!(html(&answer).contains(words));
        protected(&answer);
    }
}

#[tokio::test]
async fn a31_when_too_many_sign_in_the_form_stays_and_says_so() {
    let page = Page {
        busy: true,
        ..page(PageKind::Password)
    };
    let stage = showing(page);
    let answer = ask(&stage, "POST", "/sign-in", &[], "form=F&action=password").await;
    assert_eq!(answer.status, 429);
    assert_eq!(answer.header("retry-after"), "2");
    let html = html(&answer);
    assert!(html.contains("Many people are signing in right now.") && html.contains("<form"));
}

#[tokio::test]
async fn a30_tries_of_one_address_are_slowed_down_whatever_token_they_bring() {
    let step = shown(page(PageKind::Password));
    let stage = saying(&step).stage_with(|config| {
        config.rate_per_second = 1;
        config.burst = 20;
    });
    let body = "form=F&action=password";
    let statuses = ["Bearer A", "Bearer B", "Bearer C"].map(|token| [("authorization", token)]);
    let mut seen = Vec::new();
    for headers in &statuses {
        let answer = ask(&stage, "POST", "/sign-in", headers, body).await;
        seen.push(answer.status.as_u16());
        html(&answer);
    }
    assert_eq!(seen, [200, 200, 429]);
}

#[tokio::test]
async fn the_style_sheet_may_be_kept_and_needs_nothing_from_elsewhere() {
    let stage = showing(page(PageKind::Identifier));
    let answer = get(&stage, "/sign-in", &[]).await;
    let html = html(&answer).to_owned();
    let link = html
        .split("href=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let sheet = get(&stage, link, &[]).await;
    assert_eq!(sheet.status, 200);
    assert_eq!(sheet.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(
        sheet.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let text = String::from_utf8(sheet.body.clone()).unwrap();
    assert!(!text.contains("url(") && !text.contains("@import"));
    let tag = sheet.header("etag");
    let again = get(&stage, link, &[("if-none-match", tag)]).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    let other = get(&stage, link, &[("if-none-match", "\"x\"")]).await;
    assert_eq!(other.status, 200);
}
