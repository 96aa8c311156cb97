//! Messages and what they stand for.

use kit::{
    fault::{Violations, reason},
    time::to_proto,
};
use proto::{common::v1 as common, compliance::v1 as wire};

use crate::{
    app::read_cases::Read,
    domain::{
        case::State,
        screen::{Address, Decision, Hit, Party},
    },
};

/// Longest name, in letters; the public API allows less.
const LONGEST_NAME: usize = 500;
/// Most other names.
const MOST_ALIASES: usize = 50;

/// Reads a party. It must have a name: nobody is cleared without one.
pub(super) fn party(party: Option<wire::Party>, wrong: &mut Violations) -> Party {
    let party = party.unwrap_or_default();
    let name = wrong.text("customerInfo.name", &party.name, LONGEST_NAME);
    let few = party.aliases.len() <= MOST_ALIASES;
    wrong.check(few, "aliases", reason::TOO_LONG, "more than 50 other names");
    let aliases = party.aliases.iter().take(MOST_ALIASES);
    let aliases = aliases.filter(|alias| !alias.trim().is_empty());
    let aliases = aliases
        .map(|alias| wrong.text("aliases", alias, LONGEST_NAME))
        .collect();
    let address = party.address.unwrap_or_default();
    let address = Address {
        line1: address.line1,
        line2: address.line2,
        city: address.city,
        state: address.state,
        postal_code: address.postal_code,
        country: address.country,
    };
    Party {
        name,
        aliases,
        address,
    }
}

/// Writes a party.
fn party_out(party: Party) -> wire::Party {
    let address = party.address;
    wire::Party {
        name: party.name,
        aliases: party.aliases,
        address: Some(common::Address {
            line1: address.line1,
            line2: address.line2,
            city: address.city,
            state: address.state,
            postal_code: address.postal_code,
            country: address.country,
        }),
    }
}

/// Writes hits.
pub(super) fn hits(hits: Vec<Hit>) -> Vec<wire::Hit> {
    hits.into_iter()
        .map(|hit| wire::Hit {
            list: hit.list,
            entry_id: hit.entry_id,
            matched_name: hit.matched_name,
            score: i32::try_from(hit.score).unwrap_or(i32::MAX),
            evidence: hit.evidence,
        })
        .collect()
}

/// Writes a decision.
pub(super) fn decision(decision: Decision) -> i32 {
    match decision {
        Decision::Clear => wire::ScreeningDecision::Clear,
        Decision::Review => wire::ScreeningDecision::Review,
    }
    .into()
}

/// Writes a case.
pub(super) fn case(read: Read) -> wire::Case {
    let Read {
        case,
        party,
        index_version,
        hits: found,
    } = read;
    let state = match case.state {
        State::Open => wire::CaseState::Open,
        State::Approved => wire::CaseState::Approved,
        State::Rejected => wire::CaseState::Rejected,
        State::Expired => wire::CaseState::Expired,
    };
    wire::Case {
        case_id: case.id.to_string(),
        partner_id: case.partner.to_string(),
        customer_id: case.customer.to_string(),
        party: Some(party_out(party)),
        state: state.into(),
        hits: hits(found),
        opened_at: Some(to_proto(case.opened_at)),
        deadline: Some(to_proto(case.deadline)),
        decided_at: case.decided_at.map(to_proto),
        decided_by: case.decided_by,
        reason: case.reason,
        index_version,
    }
}
