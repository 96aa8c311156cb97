//! What a sign-in does with whatever comes.

use chrono::DateTime;
use kit::{
    id::{Ids, Random},
    time::Clock,
};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const ONE_TIME: &str = "abcd-efgh-jkmn-pqrs-tvwx";
const GOOD: &str = "correct horse battery";

fn account(seed: u64) -> Account {
    let clock = Clock::manual(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
    let ids = Ids::new(clock, Random::seeded(seed));
    Account {
        partner: PartnerId::new(&ids),
        organization: OrganizationId::new(&ids),
        person: PersonId::new(&ids),
    }
}

fn at_password() -> Flow {
    let mut flow = Flow::new(Language::De);
    let step = flow.step(Input::Address(" Ann@Example.COM ".to_owned()));
    assert!(matches!(step, Step::Route(_)), "{step:?}");
    flow.routed(None);
    flow
}

#[test]
fn an_address_then_a_password() {
    let mut flow = at_password();
    assert_eq!(
        (flow.stage.clone(), flow.email.as_str()),
        (Stage::Password, "ann@example.com")
    );
    let Step::Prove(email, Credential::Password(_)) = flow.step(Input::Password(GOOD.to_owned()))
    else {
        panic!("a password is to be proved")
    };
    assert_eq!(email.as_str(), "ann@example.com");
    let ann = account(1);
    let Onward::Passed(passed) = flow.proved(ann, Proof::Password) else {
        panic!("a right password is enough")
    };
    assert_eq!(passed.account(), ann);
}

#[test]
fn a32_a_password_that_is_good_once_leads_to_a_new_one_only() {
    let mut flow = at_password();
    let step = flow.step(Input::Password(ONE_TIME.to_uppercase()));
    assert!(matches!(step, Step::Prove(_, Credential::OneTime(_))));
    let ann = account(1);
    let Onward::Flow(mut flow) = flow.proved(ann, Proof::OneTime) else {
        panic!("it is no sign-in by itself")
    };
    assert_eq!(flow.stage, Stage::NewPassword(ann));
    let differ = flow.step(Input::NewPassword(GOOD.to_owned(), "other".to_owned()));
    assert!(matches!(differ, Step::Show(Some(Problem::Differ))));
    let short = flow.step(Input::NewPassword("short".to_owned(), "short".to_owned()));
    assert!(matches!(short, Step::Show(Some(Problem::Unfit(_)))));
    let good = flow.step(Input::NewPassword(GOOD.to_owned(), GOOD.to_owned()));
    assert!(matches!(good, Step::Keep(whose, _) if whose == ann));
    assert_eq!(flow.chosen().map(Passed::account), Some(ann));
}

#[test]
fn what_is_no_address_is_said_and_nothing_else() {
    let mut flow = Flow::new(Language::En);
    let step = flow.step(Input::Address("nobody".to_owned()));
    assert!(matches!(step, Step::Show(Some(Problem::InvalidEmail))));
    assert_eq!(flow, Flow::new(Language::En));
}

#[test]
fn a_flow_is_kept_as_text() {
    let mut flow = at_password();
    flow.stage = Stage::NewPassword(account(1));
    let text = serde_json::to_string(&flow).unwrap();
    assert_eq!(serde_json::from_str::<Flow>(&text).unwrap(), flow);
}

/// What may come from outside.
fn inputs() -> impl Strategy<Value = Input> {
    let text = prop_oneof![
        Just("ann@example.com".to_owned()),
        Just(ONE_TIME.to_owned()),
        Just(GOOD.to_owned()),
        "\\PC{0,20}",
    ];
    prop_oneof![
        text.clone().prop_map(Input::Address),
        text.clone().prop_map(Input::Password),
        (text.clone(), text).prop_map(|(a, b)| Input::NewPassword(a, b)),
        Just(GOOD).prop_map(|good| Input::NewPassword(good.to_owned(), good.to_owned())),
        Just(Input::Restart),
        Just(Input::Unknown),
    ]
}

proptest! {
    /// Whatever is done in whatever order: nobody passes but who has proved to be that person, and
    /// what was proved before a new beginning counts no more.
    #[test]
    fn nobody_passes_without_a_proof(
        acts in proptest::collection::vec((inputs(), any::<bool>(), 0..3_u64), 0..40),
    ) {
        let mut flow = Flow::new(Language::En);
        let mut proved = None;
        for (input, right, who) in acts {
            let restart = matches!(input, Input::Restart);
            match flow.step(input) {
                Step::Show(_) => if restart && flow.stage == Stage::Identify { proved = None },
                // who signs in through a provider is asked for no password here
                Step::Route(_) => {
                    let through = ConnectionId::from_uuid(Uuid::from_u128(9));
                    flow.routed((!right).then_some(through));
                }
                Step::Prove(_, credential) => {
                    prop_assert_eq!(&flow.stage, &Stage::Password);
                    if !right { continue }
                    let proof = match credential {
                        Credential::Password(_) => Proof::Password,
                        Credential::OneTime(_) => Proof::OneTime,
                    };
                    proved = Some(account(who));
                    match flow.clone().proved(account(who), proof) {
                        Onward::Flow(next) => {
                            prop_assert_eq!(proof, Proof::OneTime);
                            flow = next;
                        }
                        Onward::Passed(passed) => {
                            prop_assert_eq!(proof, Proof::Password);
                            prop_assert_eq!(passed.account(), account(who));
                            flow = Flow::new(Language::En);
                            proved = None;
                        }
                    }
                }
                Step::Keep(whose, _) => {
                    prop_assert_eq!(flow.chosen().map(Passed::account), Some(whose));
                    prop_assert_eq!(proved, Some(whose));
                }
            }
            if let Some(passed) = flow.chosen() {
                prop_assert_eq!(Some(passed.account()), proved);
            }
        }
    }
}
