//! S39 to S53: what can be done with XML.

use super::*;

fn genuine() -> String {
    forge().document(&KEYS.provider)
}

/// With something within the name.
fn in_name(inserted: &str) -> String {
    let mut forged = forge();
    forged.name_id = format!("admin{inserted}.evil");
    // signed as it would be without it, which is how such attacks pass
    forged.document(&KEYS.provider)
}

#[test]
fn s39_comment_in_name_id() {
    refused(&in_name("<!---->"), Refusal::MARKUP);
}

#[test]
fn s40_processing_instruction() {
    refused(&in_name("<?x y?>"), Refusal::MARKUP);
    refused(
        &format!("<?xml-stylesheet href=\"x\"?>{}", genuine()),
        Refusal::MARKUP,
    );
}

#[test]
fn s41_cdata() {
    refused(&in_name("<![CDATA[x]]>"), Refusal::MARKUP);
}

#[test]
fn s42_entity() {
    refused(&in_name("&x;"), Refusal::MALFORMED);
    refused(&in_name("&#0;"), Refusal::MALFORMED);
    refused(&in_name("&amp"), Refusal::MALFORMED);
}

#[test]
fn s43_doctype() {
    refused(
        &format!("<!DOCTYPE Response>{}", genuine()),
        Refusal::MARKUP,
    );
}

#[test]
fn s44_xxe_file() {
    let document = format!(
        "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{}",
        in_name("&x;")
    );
    refused(&document, Refusal::MARKUP);
}

#[test]
fn s45_xxe_http_calls_nobody() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let document = format!(
        "<!DOCTYPE r SYSTEM \"http://127.0.0.1:{port}/x.dtd\">{}",
        genuine()
    );
    refused(&document, Refusal::MARKUP);
    assert!(listener.accept().is_err(), "nobody was called");
}

#[test]
fn s46_billion_laughs() {
    let mut entities = String::from("<!ENTITY l0 \"ha\">");
    for level in 1..10 {
        let below = format!("&l{};", level - 1).repeat(10);
        entities = format!("{entities}<!ENTITY l{level} \"{below}\">");
    }
    refused(
        &format!("<!DOCTYPE r [{entities}]>{}", in_name("&l9;")),
        Refusal::MARKUP,
    );
}

#[test]
fn s47_quadratic_blow_up() {
    let document = format!(
        "<!DOCTYPE r [<!ENTITY a \"{}\">]>{}",
        "a".repeat(50_000),
        in_name(&"&a;".repeat(5_000))
    );
    refused(&document, Refusal::MARKUP);
}

#[test]
fn s48_depth_20k() {
    let deep = format!("{}{}", "<x>".repeat(20_000), "</x>".repeat(20_000));
    refused(&forge().response(&deep), Refusal::TOO_LARGE);
}

#[test]
fn s49_attributes_20k() {
    let many = super::forge::all(&(0..20_000).collect::<Vec<_>>(), |n| format!(" a{n}=\"\""));
    let document = genuine().replacen("<samlp:Response", &format!("<samlp:Response{many}"), 1);
    assert!(document.len() > 256 * 1024 || consume(&document) == Err(Refusal::TOO_LARGE));
    let many = super::forge::all(&(0..2_000).collect::<Vec<_>>(), |n| format!(" a{n}=\"\""));
    let document = genuine().replacen("<samlp:Response", &format!("<samlp:Response{many}"), 1);
    refused(&document, Refusal::TOO_LARGE);
    let many = super::forge::all(&(0..2_000).collect::<Vec<_>>(), |n| {
        format!(" xmlns:a{n}=\"urn:{n}\"")
    });
    let document = genuine().replacen("<samlp:Response", &format!("<samlp:Response{many}"), 1);
    assert!(consume(&document).is_err());
    let many = "<x/>".repeat(5_000);
    refused(&forge().response(&many), Refusal::TOO_LARGE);
}

#[test]
fn s50_more_than_256_kib() {
    let document = format!("{}{}", genuine(), " ".repeat(256 * 1024));
    refused(&document, Refusal::TOO_LARGE);
}

#[test]
fn s51_other_encodings() {
    let text = genuine();
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    let latin = text.replace("alice-4711", "ali\u{e9}e");
    let latin: Vec<u8> = latin
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    for (bytes, refusal) in [
        (wide, Refusal::ENCODING),
        (marked, Refusal::MALFORMED),
        (latin, Refusal::ENCODING),
        (
            format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{text}").into_bytes(),
            Refusal::ENCODING,
        ),
        (
            format!("<?xml version=\"1.1\"?>{text}").into_bytes(),
            Refusal::MALFORMED,
        ),
    ] {
        assert_eq!(
            consume_with(&bytes, &provider(), &expected(), now()),
            Err(refusal)
        );
    }
    let declared = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}");
    assert!(consume(&declared).is_ok());
}

#[test]
fn s52_second_root() {
    let two = format!("{}{}", genuine(), forge().response(""));
    assert!(consume(&two).is_err());
    refused(&format!("{}text", genuine()), Refusal::MALFORMED);
    refused(&format!("{}<x/>", genuine()), Refusal::STRUCTURE);
}

#[test]
fn s53_base64_garbage() {
    for garbage in ["%%%", "AAA", "====", "PHg+ PC94Pg==", "\u{0}"] {
        assert_eq!(
            guard::posted(garbage, Message::Response).err(),
            Some(Refusal::ENCODING)
        );
    }
    assert!(guard::posted("", Message::Response).is_err());
    assert!(guard::posted(&STANDARD.encode("not xml"), Message::Response).is_err());
}
