//! The sources of the project, read as text.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A file with Rust in it.
pub(super) struct Source {
    /// From the project's root.
    pub(super) path: String,
    /// All of it.
    pub(super) text: String,
    /// Without comments and without the tests at its end; empty for a file of tests.
    pub(super) product: String,
}

impl Source {
    /// Whether it is this file or in this folder; `*` stands for any one name.
    pub(super) fn is_under(&self, place: &str) -> bool {
        let (mut path, mut place) = (self.path.split('/'), place.split('/'));
        place.all(|wanted| match path.next() {
            Some(name) => wanted == "*" || wanted == name,
            None => false,
        })
    }

    /// Whether it is under one of these places.
    pub(super) fn is_under_any(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.is_under(place))
    }

    /// What is used directly below `root`, in paths and in lists: of `crate::app::x` and of
    /// `crate::{app::x, store}` the words `app` and `store`.
    pub(super) fn below(&self, root: &str) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let text = self.product.as_str();
        for (at, _) in text.match_indices(&format!("{root}::")) {
            let before = text[..at].chars().next_back();
            // a longer name that ends so, or a part of a longer path, is another thing
            if before.is_some_and(|before| is_word(before) || before == ':' || before == '$') {
                continue;
            }
            let rest = &text[at + root.len() + 2..];
            match rest.strip_prefix('{') {
                Some(list) => found.extend(heads(list)),
                None => found.extend(word(rest)),
            }
        }
        found
    }
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// The word that a text begins with.
fn word(text: &str) -> Option<&str> {
    let end = text.find(|character| !is_word(character));
    let word = &text[..end.unwrap_or(text.len())];
    (!word.is_empty()).then_some(word)
}

/// The first word of every entry of a list, up to its closing brace.
fn heads(list: &str) -> Vec<&str> {
    let (mut depth, mut fresh, mut found) = (1, true, Vec::new());
    for (at, character) in list.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 1 => break,
            '}' => depth -= 1,
            ',' if depth == 1 => fresh = true,
            character if depth == 1 && fresh && is_word(character) => {
                found.extend(word(&list[at..]));
                fresh = false;
            }
            _ => {}
        }
    }
    found
}

/// The project's root.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All sources, in the order of their paths.
pub(super) fn all() -> Vec<Source> {
    let mut found = Vec::new();
    for folder in ["src", "proto", "services", "gateway", "tests"] {
        walk(&root().join(folder), &mut |path| {
            if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(read(path));
            }
        });
    }
    assert!(found.len() > 100, "only {} sources", found.len());
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// Every file below a folder that is part of the project.
pub(super) fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).expect("a folder of the project") {
        let path: PathBuf = entry.expect("readable").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name == "target" || name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            walk(&path, visit);
        } else {
            visit(&path);
        }
    }
}

fn read(path: &Path) -> Source {
    let text = fs::read_to_string(path).expect("readable");
    let path = path.strip_prefix(root()).expect("below the root");
    let path = path.to_string_lossy().into_owned();
    let tests =
        path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("/tests.rs");
    let product = if tests {
        String::new()
    } else {
        let end = text.find("\n#[cfg(test)]\nmod tests");
        let lines = text[..end.unwrap_or(text.len())].lines();
        lines
            .filter(|line| !line.trim_start().starts_with("//"))
            .flat_map(|line| [line, "\n"])
            .collect()
    };
    Source {
        path,
        text,
        product,
    }
}

#[test]
fn lists_and_paths_are_read() {
    let source = Source {
        path: "services/billing/src/lib.rs".to_owned(),
        text: String::new(),
        product: "use crate::{\n    app::{self, State},\n    store,\n};\nmycrate::no; crate::error::Error"
            .to_owned(),
    };
    let found: Vec<_> = source.below("crate").into_iter().collect();
    assert_eq!(found, ["app", "error", "store"]);
    assert!(source.is_under("services/*/src"));
    assert!(!source.is_under("services/*/src/store"));
}
