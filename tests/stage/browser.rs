//! A person with a browser: keeps cookies, follows redirects, fills in the forms of pages.

use std::collections::BTreeMap;

use entrepot::client::{Answer, Client};
use hyper::{Method, body::Bytes};

use super::Stage;

/// A browser, at some page.
pub(crate) struct Browser {
    api: Client,
    cookies: BTreeMap<String, String>,
    page: String,
    /// Status of the page.
    pub(crate) status: u16,
}

impl Browser {
    /// One that was never here.
    pub(crate) fn new(stage: &Stage) -> Self {
        Self {
            api: stage.nobody(),
            cookies: BTreeMap::new(),
            page: String::new(),
            status: 0,
        }
    }

    /// Opens a page.
    pub(crate) async fn open(&mut self, path: &str) {
        self.go(Method::GET, path.to_owned(), String::new()).await;
    }

    /// Fills in the form that has this in its markup, and sends it.
    pub(crate) async fn send(&mut self, markup: &str, fields: &[(&str, &str)]) {
        let form = self
            .page
            .split("<form")
            .skip(1)
            .map(|form| form.split("</form>").next().unwrap_or(form))
            .find(|form| form.contains(markup));
        let form = form.unwrap_or_else(|| panic!("no form with {markup}: {}", self.page));
        let mut body: Vec<(&str, &str)> = form
            .split('<')
            .filter(|tag| tag.starts_with("input type=\"hidden\"") || tag.contains(markup))
            .filter_map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value")?)))
            .collect();
        body.extend(fields);
        let body: Vec<String> = body
            .iter()
            .map(|(name, text)| format!("{name}={}", encoded(text)))
            .collect();
        let action = attribute(form, "action").expect("a form leads somewhere");
        let action = action.to_owned();
        self.go(Method::POST, action, body.join("&")).await;
    }

    /// Whether the page says this.
    pub(crate) fn sees(&self, text: &str) -> bool {
        self.page.contains(text)
    }

    /// The page, for when something is wrong.
    pub(crate) fn page(&self) -> &str {
        &self.page
    }

    /// The cookies of this moment.
    pub(crate) fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.clone()
    }

    /// Puts cookies back that were kept.
    pub(crate) fn set_cookies(&mut self, cookies: BTreeMap<String, String>) {
        self.cookies = cookies;
    }

    async fn go(&mut self, method: Method, path: String, body: String) {
        let (mut method, mut path, mut body) = (method, path, body);
        for _ in 0..8 {
            let answer = self.ask(&method, &path, body).await;
            self.keep(&answer);
            if answer.status != 303 {
                self.status = answer.status.as_u16();
                self.page = answer.text;
                return;
            }
            (method, path, body) = (
                Method::GET,
                answer.header("location").to_owned(),
                String::new(),
            );
        }
        panic!("{path} leads round in a circle");
    }

    async fn ask(&self, method: &Method, path: &str, body: String) -> Answer {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, text)| format!("{name}={text}"))
            .collect();
        let cookies = cookies.join("; ");
        let mut headers = vec![
            ("cookie", cookies.as_str()),
            ("user-agent", "Mozilla/5.0 (X11; Linux) Firefox/140"),
            ("accept-language", "en"),
            ("sec-fetch-site", "same-origin"),
        ];
        if *method == Method::POST {
            headers.push(("content-type", "application/x-www-form-urlencoded"));
        }
        let sent = self
            .api
            .send(method.clone(), path, &headers, Bytes::from(body));
        sent.await.expect("an answer")
    }

    fn keep(&mut self, answer: &Answer) {
        for header in answer.headers.get_all("set-cookie") {
            let text = header.to_str().expect("text");
            let (pair, flags) = text.split_once(';').expect("flags");
            let (name, value) = pair.split_once('=').expect("a name");
            if flags.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()
}

/// As a form sends it.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
