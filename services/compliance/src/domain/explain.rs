//! Evidence in words, for the person who decides.

use super::{
    fixed::wide,
    index::{Index, Listed, Name},
    query::{Form, Query},
    score::{Agreement, Basis, COMMON, COMPANY, Match, OTHER_COUNTRY, SAME_COUNTRY},
    screen::Hit,
    text::Words,
};

/// Describes a hit.
pub(crate) fn hit(index: &Index, hit: &Match, asked: &str, query: &Query, country: &str) -> Hit {
    let name = &index.names[wide(hit.name)];
    let listed = index.listed(name);
    let matched_name = listed.entry.names[wide(name.number)].clone();
    let mut evidence = vec![basis(hit, asked, query)];
    if let Basis::Alike { pairs, common, .. } = &hit.basis {
        for &(i, j, alike) in pairs {
            let word = query.words[i].text();
            let held = index.spell(name.words[j]);
            let weight = index.dictionary.weight(name.words[j].id) * 10 / 1024;
            let (bits, tenth) = (weight / 10, weight % 10);
            evidence.push(format!(
                "word {word:?} ~ {held:?}: {alike}, weight {bits}.{tenth}"
            ));
        }
        if *common {
            evidence.push(format!("only common words agree: -{COMMON}"));
        }
    }
    if query.form == Form::Divided {
        evidence.push("words were joined or split to match".to_owned());
    }
    evidence.push(countries(hit, listed, country));
    if hit.basis != Basis::Exact && hit.basis != Basis::Joined {
        let policy = if hit.threshold == COMPANY {
            "company"
        } else {
            "person"
        };
        evidence.push(format!("threshold: {} ({policy})", hit.threshold));
    }
    evidence.push(entry(listed, name));
    Hit {
        list: listed.list.to_string(),
        entry_id: listed.entry.id.clone(),
        matched_name,
        score: hit.score,
        evidence,
    }
}

fn basis(hit: &Match, asked: &str, query: &Query) -> String {
    let script = if query.form == Form::Original {
        " in its own script"
    } else {
        ""
    };
    match &hit.basis {
        Basis::Exact => format!("name {asked:?}: all words are equal{script}"),
        Basis::Joined => format!("name {asked:?}: same letters, other spaces{script}"),
        Basis::Alike {
            asked: share,
            listed,
            ..
        } => format!(
            "name {asked:?}: {share} of 1000 found on the list, {listed} of 1000 of the listed name{script}"
        ),
    }
}

fn countries(hit: &Match, listed: &Listed, country: &str) -> String {
    let fuzzy = matches!(hit.basis, Basis::Alike { .. });
    let entry: Vec<String> = listed
        .entry
        .countries
        .iter()
        .map(ToString::to_string)
        .collect();
    let entry = entry.join(", ");
    match (hit.country, fuzzy) {
        (Agreement::Same, true) => format!("country {country} agrees: +{SAME_COUNTRY}"),
        (Agreement::Same, false) => format!("country {country} agrees"),
        (Agreement::Differs, true) => {
            format!("country {country} differs from {entry}: -{OTHER_COUNTRY}")
        }
        (Agreement::Differs, false) => {
            format!("country {country} differs from {entry}; an exact name is a hit all the same")
        }
        (Agreement::Unknown, _) => "country not known on one side".to_owned(),
    }
}

fn entry(listed: &Listed, name: &Name) -> String {
    let role = if name.number == 0 {
        "principal name"
    } else {
        "alias"
    };
    let principal = &listed.entry.names[0];
    if listed.entry.source.is_empty() {
        format!("{role} of {principal:?}")
    } else {
        format!("{role} of {principal:?}; source: {}", listed.entry.source)
    }
}

/// Why a name cannot be cleared whatever the lists say; `None` when it can.
pub(crate) fn doubt(name: &str, words: &Words) -> Option<Hit> {
    let mut evidence = Vec::new();
    for script in &words.unmatched {
        evidence.push(format!("script cannot be matched: {script}"));
    }
    if words.mixed {
        evidence.push("a word mixes scripts: look-alike letters".to_owned());
    }
    if words.list.iter().all(|word| word.ascii.is_empty()) {
        evidence.push("name has no letters that can be matched".to_owned());
    }
    (!evidence.is_empty()).then(|| Hit {
        list: String::new(),
        entry_id: String::new(),
        matched_name: name.to_owned(),
        score: 0,
        evidence,
    })
}
