//! Random histories against a model: what the feed tells, what is stored and what was done agree,
//! and no two intervals of one slot overlap.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use kit::{scope::Scope, time::from_proto};
use proptest::prelude::*;
use proto::subscriber::v1::event;

use super::world::World;

/// People that come and go.
const PEOPLE: usize = 3;

#[derive(Debug, Clone)]
enum Step {
    Create(usize, &'static [&'static str]),
    Update(usize, &'static [&'static str]),
    Delete(usize),
    /// Clocks of two machines disagree now and then.
    Wait(i64),
}

/// Without calling, so that every choice is valid; seats have tests of their own.
fn choice() -> impl Strategy<Value = &'static [&'static str]> {
    prop_oneof![
        Just(&["meet"][..]),
        Just(&["meet", "plan"][..]),
        Just(&["scarce"][..]),
        Just(&["plan", "scarce"][..]),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..PEOPLE, choice()).prop_map(|(who, what)| Step::Create(who, what)),
        6 => (0..PEOPLE, choice()).prop_map(|(who, what)| Step::Update(who, what)),
        2 => (0..PEOPLE).prop_map(Step::Delete),
        4 => (-5_000_000..90_000_000_i64).prop_map(Step::Wait),
        1 => Just(Step::Wait(0)),
    ]
}

/// One package in one slot, from when to when.
type Interval = (String, DateTime<Utc>, Option<DateTime<Utc>>);

/// Intervals by subscriber and slot, in order.
type History = BTreeMap<(String, String), Vec<Interval>>;

/// What should be.
#[derive(Default)]
struct Model {
    /// Id, when its assignments last changed, what is held.
    living: BTreeMap<usize, (String, DateTime<Utc>, BTreeSet<String>)>,
    history: History,
    events: usize,
}

fn slot(package: &str) -> String {
    (if package == "plan" { "plan" } else { "base" }).to_owned()
}

impl Model {
    fn change(&mut self, who: usize, wanted: &[&str], now: DateTime<Utc>) {
        let (id, at, held) = self.living.get_mut(&who).unwrap();
        let wanted: BTreeSet<String> = wanted.iter().map(|&name| name.to_owned()).collect();
        if *held == wanted {
            return;
        }
        *at = now.max(*at);
        for package in held.difference(&wanted) {
            let intervals = self.history.get_mut(&(id.clone(), slot(package))).unwrap();
            intervals.last_mut().unwrap().2 = Some(*at);
            self.events += 1;
        }
        for package in wanted.difference(held) {
            let intervals = self.history.entry((id.clone(), slot(package))).or_default();
            intervals.push((package.clone(), *at, None));
            self.events += 1;
        }
        *held = wanted;
    }

    /// Whether somebody else holds the package of which there is one.
    fn scarce(&self, who: usize) -> bool {
        self.living
            .iter()
            .any(|(other, (_, _, held))| *other != who && held.contains("scarce"))
    }
}

async fn run(world: &World, steps: &[Step]) -> Model {
    let mut model = Model::default();
    for step in steps {
        let now = world.clock.now();
        match *step {
            Step::Wait(micros) => world.clock.advance(TimeDelta::microseconds(micros)),
            Step::Create(who, _) if model.living.contains_key(&who) => {}
            Step::Create(who, wanted) => {
                let email = format!("user{who}@example.com");
                let created = world.create(world.creation(&email, wanted)).await;
                if wanted.contains(&"scarce") && model.scarce(who) {
                    assert_eq!(created.unwrap_err().reason, "PACKAGE_LIMIT_REACHED");
                    continue;
                }
                let id = created.unwrap().subscriber_id;
                model.living.insert(who, (id, now, BTreeSet::new()));
                model.change(who, wanted, now);
            }
            Step::Update(who, wanted) => {
                let Some((id, ..)) = model.living.get(&who) else {
                    continue;
                };
                let changed = world.update(id, wanted).await;
                if wanted.contains(&"scarce") && model.scarce(who) {
                    assert_eq!(changed.unwrap_err().reason, "PACKAGE_LIMIT_REACHED");
                    continue;
                }
                assert_eq!(changed.unwrap().packages.len(), wanted.len());
                model.change(who, wanted, now);
            }
            Step::Delete(who) => {
                let Some((id, ..)) = model.living.get(&who) else {
                    continue;
                };
                world.delete(id).await.unwrap();
                model.change(who, &[], now);
                model.living.remove(&who);
            }
        }
    }
    model
}

/// As a follower would put it together.
async fn told(world: &World, events: usize) -> History {
    let mut history = History::new();
    let mut open = BTreeMap::new();
    for event in world.events(events).await {
        match event.kind.unwrap() {
            event::Kind::AssignmentStarted(start) => {
                let key = (start.subscriber_id, start.slot);
                let at = from_proto(&start.started_at.unwrap()).unwrap();
                open.insert(start.assignment_id, key.clone());
                let intervals = history.entry(key).or_default();
                if let Some((_, _, end)) = intervals.last() {
                    assert!(end.is_some_and(|end| end <= at), "two open in one slot");
                }
                intervals.push((start.package, at, None));
            }
            event::Kind::AssignmentEnded(end) => {
                let key = open
                    .remove(&end.assignment_id)
                    .expect("what ends was started");
                let last = history.get_mut(&key).unwrap().last_mut().unwrap();
                last.2 = Some(from_proto(&end.ended_at.unwrap()).unwrap());
                assert!(last.2.unwrap() >= last.1);
            }
            event::Kind::Audit(_) => {}
        }
    }
    history
}

/// Subscriber, slot, package, start, end.
type Row = (String, String, String, DateTime<Utc>, Option<DateTime<Utc>>);

/// As it is stored.
async fn stored(world: &World) -> History {
    let mut tx = world
        .context
        .db
        .begin(Scope::Whole("a test reads everything"))
        .await
        .unwrap();
    let rows: Vec<Row> = sqlx::query_as(
        "select subscriber_id::text, slot, package, started_at, ended_at
         from assignment
         order by started_at, ended_at nulls last, assignment_id",
    )
    .fetch_all(tx.conn())
    .await
    .unwrap();
    let mut history = History::new();
    for (subscriber, slot, package, started_at, ended_at) in rows {
        history
            .entry((subscriber, slot))
            .or_default()
            .push((package, started_at, ended_at));
    }
    history
}

/// Intervals of no length have no order among themselves.
fn sorted(mut history: History) -> History {
    for intervals in history.values_mut() {
        intervals.sort_by_key(|(package, start, end)| {
            (
                *start,
                end.unwrap_or(DateTime::<Utc>::MAX_UTC),
                package.clone(),
            )
        });
    }
    history
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn r101_r404_intervals_of_a_slot_never_overlap_and_are_the_whole_history(
        steps in proptest::collection::vec(step(), 5..40),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            let model = run(&world, &steps).await;
            let told = told(&world, model.events).await;
            for intervals in told.values() {
                for pair in intervals.windows(2) {
                    assert!(pair[0].2.unwrap() <= pair[1].1);
                }
            }
            // every living subscriber has one base package at any instant since it began
            for (id, ..) in model.living.values() {
                let base = &told[&(id.clone(), "base".to_owned())];
                assert!(base.windows(2).all(|pair| pair[0].2 == Some(pair[1].1)));
                assert_eq!(base.last().unwrap().2, None);
            }
            assert_eq!(sorted(told), sorted(model.history.clone()));
            assert_eq!(sorted(stored(&world).await), sorted(model.history));
            world.context.tasks.stop();
        });
    }
}
