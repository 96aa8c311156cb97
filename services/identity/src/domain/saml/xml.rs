//! A small reader of XML: what SAML needs, and nothing that an attacker would like besides.
//!
//! Names are ASCII, namespaces absolute, a prefix means one thing in the whole document, and what XML offers
//! for writing the same text in two ways (document types, entities, comments, CDATA, processing instructions)
//! is refused before a parser sees it. So any two parsers read the same.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::{
    XmlVersion,
    events::{BytesStart, Event, attributes::Attribute},
    name::ResolveResult,
    reader::NsReader,
};

mod names;

use names::{check_namespace, is_identifier, is_name};

use super::refusal::Refusal;

/// How much of everything a document may have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes of the text.
    pub(crate) bytes: usize,
    /// Elements.
    pub(crate) elements: usize,
    /// Levels.
    pub(crate) depth: usize,
    /// Attributes of one element, declarations of namespaces included.
    pub(crate) attributes: usize,
    /// Comments are skipped: for metadata, which people write.
    pub(crate) comments: bool,
}

/// For what browsers bring.
pub(crate) const MESSAGE: Limits = Limits {
    bytes: 256 * 1024,
    elements: 4_000,
    depth: 48,
    attributes: 64,
    comments: false,
};

/// For metadata.
pub(crate) const METADATA: Limits = Limits {
    bytes: 1024 * 1024,
    elements: 10_000,
    depth: 48,
    attributes: 64,
    comments: true,
};

/// The namespaces that mean something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    /// `urn:oasis:names:tc:SAML:2.0:assertion`
    Assertion,
    /// `urn:oasis:names:tc:SAML:2.0:protocol`
    Protocol,
    /// `urn:oasis:names:tc:SAML:2.0:metadata`
    Metadata,
    /// XML signature.
    Signature,
    /// XML encryption.
    Encryption,
    /// Any other, or none.
    Other,
}

impl Space {
    fn of(uri: &str) -> Self {
        match uri {
            "urn:oasis:names:tc:SAML:2.0:assertion" => Self::Assertion,
            "urn:oasis:names:tc:SAML:2.0:protocol" => Self::Protocol,
            "urn:oasis:names:tc:SAML:2.0:metadata" => Self::Metadata,
            "http://www.w3.org/2000/09/xmldsig#" => Self::Signature,
            "http://www.w3.org/2001/04/xmlenc#" => Self::Encryption,
            _ => Self::Other,
        }
    }
}

/// An element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    /// Its namespace.
    pub(crate) space: Space,
    /// Its local name.
    pub(crate) name: String,
    /// Its attributes without a prefix; those with one mean nothing here.
    attributes: Vec<(String, String)>,
    /// Its elements.
    pub(crate) children: Vec<Element>,
    /// Its own text.
    text: String,
    /// Where it stands in the document.
    begins: usize,
    ends: usize,
}

impl Element {
    /// Whether it is this one.
    pub(crate) fn is(&self, space: Space, name: &str) -> bool {
        self.space == space && self.name == name
    }

    /// An attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Its attributes.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Its children of this name.
    pub(crate) fn all<'a>(&'a self, space: Space, name: &str) -> impl Iterator<Item = &'a Self> {
        self.children
            .iter()
            .filter(move |child| child.is(space, name))
    }

    /// Its only child of this name; more than one is refused.
    pub(crate) fn one(&self, space: Space, name: &str) -> Result<Option<&Self>, Refusal> {
        let mut found = self.all(space, name);
        let first = found.next();
        if found.next().is_some() {
            return Err(Refusal::STRUCTURE);
        }
        Ok(first)
    }

    /// Its only child of this name, which must be there.
    pub(crate) fn the(&self, space: Space, name: &str) -> Result<&Self, Refusal> {
        self.one(space, name)?.ok_or(Refusal::STRUCTURE)
    }

    /// Its text, when it has nothing else.
    pub(crate) fn leaf(&self) -> Option<&str> {
        self.children.is_empty().then_some(self.text.as_str())
    }

    /// Whether it has text of its own between its elements.
    pub(crate) fn has_text(&self) -> bool {
        !self.text.trim_ascii().is_empty()
    }

    /// Where it stands in the document, in bytes.
    pub(crate) fn span(&self) -> std::ops::Range<usize> {
        self.begins..self.ends
    }

    /// Whether both say the same, wherever they stand.
    pub(crate) fn reads_like(&self, other: &Self) -> bool {
        self.space == other.space
            && self.name == other.name
            && self.attributes == other.attributes
            && self.text == other.text
            && self.children.len() == other.children.len()
            && self
                .children
                .iter()
                .zip(&other.children)
                .all(|(one, two)| one.reads_like(two))
    }

    /// All elements below it, without itself.
    pub(crate) fn descendants(&self) -> impl Iterator<Item = &Self> {
        let mut rest: Vec<&Self> = self.children.iter().collect();
        std::iter::from_fn(move || {
            let next = rest.pop()?;
            rest.extend(next.children.iter());
            Some(next)
        })
    }
}

/// Reads a document.
pub(crate) fn parse(text: &str, limits: Limits) -> Result<Element, Refusal> {
    check_text(text, limits)?;
    let mut reader = NsReader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = true;
    config.allow_dangling_amp = false;
    config.trim_markup_names_in_closing_tags = true;
    reader
        .resolver_mut()
        .set_max_namespace_bindings(limits.attributes);
    let mut tree = Tree {
        limits,
        elements: 0,
        open: Vec::new(),
        root: None,
        prefixes: BTreeMap::new(),
        ids: BTreeSet::new(),
    };
    let mut begins = 0;
    loop {
        let (resolved, event) = reader
            .read_resolved_event()
            .map_err(|_| Refusal::MALFORMED)?;
        let space = space(&resolved);
        let ends = usize::try_from(reader.buffer_position()).map_err(|_| Refusal::TOO_LARGE)?;
        match event {
            Event::Start(start) => tree.begin(space?, &start, begins)?,
            Event::Empty(start) => {
                tree.begin(space?, &start, begins)?;
                tree.end(ends)?;
            }
            Event::End(_) => tree.end(ends)?,
            Event::Text(part) => tree.text(&part.xml10_content())?,
            Event::GeneralRef(reference) => {
                let found = match reference.resolve_char_ref() {
                    Ok(Some(character)) => Some(character),
                    Ok(None) => predefined(&reference.xml10_content()),
                    Err(_) => None,
                };
                let character = found.filter(|c| is_char(*c)).ok_or(Refusal::MALFORMED)?;
                tree.text(character.encode_utf8(&mut [0; 4]))?;
            }
            Event::Decl(_) => {}
            Event::Comment(_) if limits.comments => {}
            Event::Comment(_) | Event::CData(_) | Event::PI(_) | Event::DocType(_) => {
                return Err(Refusal::MARKUP);
            }
            Event::Eof => break,
        }
        begins = ends;
    }
    if tree.open.is_empty() {
        tree.root.ok_or(Refusal::MALFORMED)
    } else {
        Err(Refusal::MALFORMED)
    }
}

/// What stands in the text before anything is parsed.
fn check_text(text: &str, limits: Limits) -> Result<(), Refusal> {
    if text.len() > limits.bytes {
        return Err(Refusal::TOO_LARGE);
    }
    let mut body = text;
    if let Some(rest) = text.strip_prefix("<?xml ") {
        let (declaration, rest) = rest.split_once("?>").ok_or(Refusal::MALFORMED)?;
        let lower = declaration.to_ascii_lowercase();
        if lower.contains('<') || !lower.contains("version=") {
            return Err(Refusal::MALFORMED);
        }
        if lower.contains("encoding") && !lower.contains("\"utf-8\"") && !lower.contains("'utf-8'")
        {
            return Err(Refusal::ENCODING);
        }
        if lower.contains("1.1") {
            return Err(Refusal::MALFORMED);
        }
        body = rest;
    }
    // `<` and `&` stand for themselves nowhere else, so this finds all of them and nothing besides.
    let mut rest = body;
    while let Some((_, after)) = rest.split_once("<!") {
        if !(limits.comments && after.starts_with("--")) {
            return Err(Refusal::MARKUP);
        }
        rest = after.split_once("-->").ok_or(Refusal::MALFORMED)?.1;
    }
    if body.contains("<?") || body.contains("]]>") {
        return Err(Refusal::MARKUP);
    }
    if text.chars().all(is_char) {
        Ok(())
    } else {
        Err(Refusal::MALFORMED)
    }
}

/// What XML 1.0 allows; the mark of byte order is none of it here.
fn is_char(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' | '\u{feff}' => false,
        c => c >= ' ' && c != '\u{7f}',
    }
}

/// The five entities that need no declaration.
fn predefined(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

fn space(resolved: &ResolveResult<'_>) -> Result<Space, Refusal> {
    match resolved {
        ResolveResult::Bound(uri) => Ok(Space::of(uri.into_inner())),
        ResolveResult::Unbound => Ok(Space::Other),
        ResolveResult::Unknown(_) => Err(Refusal::NAMESPACE),
    }
}

/// The document while it is read.
struct Tree {
    limits: Limits,
    elements: usize,
    open: Vec<Element>,
    root: Option<Element>,
    /// What each prefix means.
    prefixes: BTreeMap<String, String>,
    /// All values of attributes that could be taken for an identifier.
    ids: BTreeSet<String>,
}

impl Tree {
    fn begin(
        &mut self,
        space: Space,
        start: &BytesStart<'_>,
        begins: usize,
    ) -> Result<(), Refusal> {
        self.elements += 1;
        if self.elements > self.limits.elements || self.open.len() >= self.limits.depth {
            return Err(Refusal::TOO_LARGE);
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err(Refusal::STRUCTURE);
        }
        let (local, prefix) = start.name().decompose();
        let name = local.into_inner();
        if !is_name(name) || prefix.is_some_and(|p| !is_name(p.into_inner())) {
            return Err(Refusal::MALFORMED);
        }
        let mut attributes = Vec::new();
        for (index, attribute) in start.attributes().enumerate() {
            if index >= self.limits.attributes {
                return Err(Refusal::TOO_LARGE);
            }
            let attribute = attribute.map_err(|_| Refusal::MALFORMED)?;
            if let Some(pair) = self.attribute(&attribute)? {
                attributes.push(pair);
            }
        }
        self.open.push(Element {
            space,
            name: name.to_owned(),
            attributes,
            children: Vec::new(),
            text: String::new(),
            begins,
            ends: begins,
        });
        Ok(())
    }

    /// The attribute, when it has no prefix and declares none.
    fn attribute(
        &mut self,
        attribute: &Attribute<'_>,
    ) -> Result<Option<(String, String)>, Refusal> {
        let raw = attribute.value.as_ref();
        if raw.contains('<') {
            return Err(Refusal::MALFORMED);
        }
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|_| Refusal::MALFORMED)?
            .into_owned();
        if !value.chars().all(is_char) {
            return Err(Refusal::MALFORMED);
        }
        let (local, prefix) = attribute.key.decompose();
        let local = local.into_inner();
        if !is_name(local) {
            return Err(Refusal::MALFORMED);
        }
        let Some(prefix) = prefix else {
            if local == "xmlns" {
                check_namespace(raw, &value)?;
                return Ok(None);
            }
            if is_identifier(local) && !self.ids.insert(value.clone()) {
                return Err(Refusal::IDENTIFIER);
            }
            return Ok(Some((local.to_owned(), value)));
        };
        let prefix = prefix.into_inner();
        if prefix == "xmlns" {
            check_namespace(raw, &value)?;
            let known = self
                .prefixes
                .entry(local.to_owned())
                .or_insert_with(|| value.clone());
            return if *known == value {
                Ok(None)
            } else {
                Err(Refusal::NAMESPACE)
            };
        }
        if !is_name(prefix) {
            return Err(Refusal::MALFORMED);
        }
        if is_identifier(local) {
            return Err(Refusal::IDENTIFIER);
        }
        Ok(None)
    }

    fn end(&mut self, ends: usize) -> Result<(), Refusal> {
        let mut element = self.open.pop().ok_or(Refusal::MALFORMED)?;
        element.ends = ends;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, part: &str) -> Result<(), Refusal> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(part),
            None if part.trim_ascii().is_empty() => {}
            None => return Err(Refusal::MALFORMED),
        }
        Ok(())
    }
}
