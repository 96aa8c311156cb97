//! The dependency rule: who may know whom, read from the manifests and the sources.

use std::{collections::BTreeSet, fs};

use super::sources::{Source, all, root, walk};

const CONTEXTS: [&str; 5] = [
    "identity",
    "provisioning",
    "subscriber",
    "billing",
    "compliance",
];

/// Longest file.
const LINES: usize = 450;

/// What a crate may depend on of ours.
fn allowed(name: &str) -> Option<&'static [&'static str]> {
    match name {
        "proto" => Some(&[]),
        "kit" => Some(&["proto"]),
        "gateway" => Some(&["proto", "kit"]),
        name if CONTEXTS.contains(&name) => Some(&["proto", "kit"]),
        _ => None,
    }
}

/// A crate below the root: its folder, and what it depends on in all sections of its manifest.
fn crates() -> Vec<(String, BTreeSet<String>)> {
    let mut found = Vec::new();
    for folder in ["proto", "services", "gateway"] {
        walk(&root().join(folder), &mut |path| {
            if path.file_name().is_some_and(|name| name == "Cargo.toml") {
                let folder = path.parent().and_then(|folder| folder.file_name());
                let name = folder.unwrap_or_default().to_string_lossy().into_owned();
                let text = fs::read_to_string(path).expect("readable");
                found.push((name, dependencies(&text)));
            }
        });
    }
    assert_eq!(found.len(), 8, "a new crate: say here what it may know");
    found
}

fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.trim_matches(['[', ']']).ends_with("dependencies");
        } else if inside && let Some((name, _)) = line.split_once(['.', '=', ' ']) {
            found.insert(name.to_owned());
        }
    }
    found
}

fn ours(name: &str) -> bool {
    allowed(name).is_some() || name == "entrepot"
}

#[test]
fn a_context_depends_on_the_contract_and_the_kit_and_on_no_other_context() {
    for (name, dependencies) in crates() {
        let allowed = allowed(&name).unwrap_or_else(|| panic!("{name}: an unknown crate"));
        // the kit's tests switch on a feature of the kit
        let known = dependencies
            .iter()
            .filter(|other| ours(other) && **other != name);
        for other in known {
            assert!(
                allowed.contains(&other.as_str()),
                "{name} depends on {other}: a context is reached through `proto` and a link"
            );
        }
    }
}

/// Fails with all sources outside `places` whose product says one of `words`.
fn only_in(places: &[&str], words: &[&str], rule: &str) {
    let breaks = |source: &Source| {
        let word = words.iter().find(|word| source.product.contains(**word))?;
        Some(format!("{}: `{word}`", source.path))
    };
    let found: Vec<_> = all()
        .iter()
        .filter(|source| !source.is_under_any(places))
        .filter_map(breaks)
        .collect();
    assert!(found.is_empty(), "{rule}\n{}", found.join("\n"));
}

#[test]
fn sql_is_in_stores_and_in_the_kit() {
    let places = [
        "services/kit/src",
        "services/*/src/store",
        "services/*/src/store.rs",
        // tools that look at a database from outside, not parts of the product
        "src/bench",
        "src/doctor.rs",
    ];
    let words = [
        "sqlx::query",
        "query!(",
        "query_as!(",
        "query_scalar!(",
        "raw_sql(",
        "AssertSqlSafe(",
        ".fetch_one(",
        ".fetch_all(",
        ".fetch_optional(",
    ];
    only_in(&places, &words, "SQL is in `store/` and in the kit");
}

#[test]
fn http_is_at_the_edge() {
    let places = [
        "gateway/src",
        // a gRPC service is an axum router below: the stack around it, and its telemetry
        "services/kit/src/boot.rs",
        "services/kit/src/telemetry.rs",
        // listeners and health
        "src/platform.rs",
        // compares the platform with a bare server
        "src/bench",
    ];
    only_in(&places, &["axum::", "hyper::server"], "axum is at the edge");
}

#[test]
fn grpc_is_at_the_edge_of_a_context() {
    let places = [
        "proto/src",
        "gateway/src",
        "services/kit/src",
        "services/*/src/grpc",
        "services/*/src/grpc.rs",
        "services/*/src/worker",
        "services/*/src/worker.rs",
        // an error becomes a status, the services become routes
        "services/*/src/error.rs",
        "services/*/src/lib.rs",
        // calls to other contexts while an operation runs
        "services/provisioning/src/app/peer.rs",
        "src",
    ];
    let rule = "tonic is in `grpc/`, in workers that call others, in kit and gateway";
    only_in(&places, &["tonic::"], rule);
}

#[test]
fn what_a_layer_may_know_of_the_others() {
    // domain ← store ← app ← {grpc, worker}
    let rules: [(&str, &[&str]); 3] = [
        (
            "domain",
            &[
                "store", "app", "grpc", "worker", "engine", "config", "message",
            ],
        ),
        ("store", &["app", "grpc", "worker", "engine", "config"]),
        ("app", &["grpc", "worker"]),
    ];
    let mut found = Vec::new();
    for source in all() {
        for (layer, forbidden) in rules {
            let file = format!("services/*/src/{layer}.rs");
            let folder = format!("services/*/src/{layer}");
            if !source.is_under_any(&[&file, &folder]) {
                continue;
            }
            let known = source.below("crate");
            let wrong = forbidden.iter().filter(|other| known.contains(**other));
            found.extend(wrong.map(|other| format!("{}: knows `{other}`", source.path)));
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// Whether a word stands there by itself, and not as a part of a longer name.
fn has_word(text: &str, word: &str) -> bool {
    let joins = |next: Option<char>| next.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let whole = word.ends_with(char::is_alphanumeric);
    text.match_indices(word).any(|(at, _)| {
        let after = text
            .get(at + word.len()..)
            .and_then(|rest| rest.chars().next());
        let before = text.get(..at).and_then(|rest| rest.chars().next_back());
        !(joins(before) || whole && joins(after))
    })
}

#[test]
fn a_domain_is_pure() {
    let words = [
        "sqlx",
        "tonic",
        "tokio",
        "axum",
        "proto::",
        "kit::db",
        "kit::link",
        "kit::auth",
        "Clock",
        "async fn",
    ];
    let mut found = Vec::new();
    for source in all() {
        if source.is_under_any(&["services/*/src/domain", "services/*/src/domain.rs"]) {
            let wrong = words.iter().filter(|word| has_word(&source.product, word));
            found.extend(wrong.map(|word| format!("{}: `{word}`", source.path)));
        }
    }
    assert!(
        found.is_empty(),
        "no I/O and no clock\n{}",
        found.join("\n")
    );
}

#[test]
fn the_kit_knows_no_noun_of_the_trade() {
    // the envelope of events, and the keys that verify tokens
    let allowed = ["common", "feed", "identity"];
    let headers = "services/kit/src/feed.rs";
    for source in all() {
        if !source.is_under("services/kit/src") || source.path == headers {
            continue;
        }
        for context in source.below("proto") {
            let keys = context != "identity" || source.is_under("services/kit/src/auth");
            assert!(
                allowed.contains(&context) && keys,
                "{}: knows proto::{context}",
                source.path
            );
        }
    }
}

#[test]
fn only_the_root_sees_contexts_and_only_their_front() {
    let front = ["parts", "Config", "MIGRATIONS", "bootstrap"];
    for source in all() {
        if source.is_under("src") {
            for context in CONTEXTS {
                for used in source.below(context) {
                    // a list of `proto` begins with the same word
                    let fine = front.contains(&used) || used == "v1";
                    assert!(fine, "{}: uses {context}::{used}", source.path);
                }
            }
        }
    }
    for context in CONTEXTS {
        let path = format!("services/{context}/src/lib.rs");
        let source = all().into_iter().find(|source| source.path == path);
        let source = source.expect("every context has a lib.rs");
        for line in source
            .product
            .lines()
            .filter(|line| line.starts_with("pub "))
        {
            let fine = ["pub fn parts", "pub static MIGRATIONS", "pub use config::"];
            // the first credentials, which nobody could ask for
            let bootstrap = context == "identity" && line == "pub mod bootstrap;";
            assert!(
                bootstrap || fine.iter().any(|start| line.starts_with(start)),
                "{path}: `{line}` is public"
            );
        }
    }
}

#[test]
fn every_audited_action_is_in_the_list_and_every_listed_one_is_told() {
    let mut told = BTreeSet::new();
    for source in all() {
        for start in ["audit::by(", "audit::nobody(", "audit::system("] {
            for (at, _) in source.product.match_indices(start) {
                let call = source.product[at..].split(')').next().unwrap_or_default();
                let action = call.split('"').rfind(|text| text.contains('.'));
                let text = action.unwrap_or_else(|| panic!("{}: {call}", source.path));
                told.insert(text.to_owned());
            }
        }
    }
    let listed = kit::audit::ACTIONS
        .iter()
        .map(|(name, _, _)| (*name).to_owned());
    assert_eq!(told, listed.collect::<BTreeSet<_>>());
}

#[test]
fn a_file_can_be_read_in_one_sitting() {
    let long: Vec<_> = all()
        .iter()
        .map(|source| (source.text.lines().count(), source.path.clone()))
        .filter(|(lines, _)| *lines > LINES)
        .collect();
    assert!(long.is_empty(), "more than {LINES} lines: {long:?}");
}

#[test]
fn nothing_is_left_open_or_silenced() {
    // put together here, or this file would break its own rule
    let words = [
        ["to", "do!("].concat(),
        ["unimple", "mented!("].concat(),
        ["#[ig", "nore"].concat(),
        ["allow", "("].concat(),
        ["FIX", "ME"].concat(),
        ["TO", "DO"].concat(),
    ];
    let mut found = Vec::new();
    for source in all() {
        for line in source.text.lines() {
            let attribute = |word: &String| word != "allow(" || line.trim_start().starts_with('#');
            let wrong = words
                .iter()
                .filter(|word| attribute(word) && line.contains(word.as_str()));
            found.extend(wrong.map(|word| format!("{}: `{word}`", source.path)));
        }
        let name = source.path.rsplit('/').next().unwrap_or_default();
        if name == "mod.rs" {
            found.push(format!(
                "{}: a folder is named by a file beside it",
                source.path
            ));
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// The names that the seed of the catalogue gives its packages.
fn packages() -> Vec<String> {
    let seed = root().join("services/provisioning/migrations/0002_catalogue.sql");
    let text = fs::read_to_string(seed).expect("the seed of the catalogue");
    let row = |line: &str| {
        let rest = line.trim_start().strip_prefix('(')?;
        let (ordinal, rest) = rest.split_once(',')?;
        ordinal.trim().parse::<i32>().ok()?;
        let name = rest.trim_start().strip_prefix('\'')?;
        Some(name.split_once('\'')?.0.to_owned())
    };
    text.lines().filter_map(row).collect()
}

#[test]
fn r105_the_catalogue_is_data() {
    let packages = packages();
    assert!(packages.len() > 8, "{packages:?}");
    let mut found = Vec::new();
    let mut look = |path: &str, text: &str| {
        for name in &packages {
            let named = text.match_indices(name.as_str()).any(|(at, _)| {
                let edge = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_');
                edge(text[..at].chars().next_back()) && edge(text[at + name.len()..].chars().next())
            });
            if named {
                found.push(format!("{path}: {name}"));
            }
        }
    };
    for source in all() {
        look(&source.path, &source.product);
    }
    for context in CONTEXTS {
        walk(
            &root().join(format!("services/{context}/migrations")),
            &mut |path| {
                if !path.ends_with("provisioning/migrations/0002_catalogue.sql") {
                    let text = fs::read_to_string(path).expect("readable");
                    look(&path.to_string_lossy(), &text);
                }
            },
        );
    }
    assert!(
        found.is_empty(),
        "a package is named in code\n{}",
        found.join("\n")
    );
}
