//! Group commit: requests of one tenant that arrive while others are being served are served together,
//! so that they share round trips and a commit. Nobody waits for company: a request that comes alone is
//! served alone, at once.

use std::{
    collections::{HashMap, VecDeque},
    future::Future,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Notify, oneshot};

use crate::{db::Db, id::PartnerId, telemetry};

/// Most requests that are served together: their transaction stays short.
const MOST: usize = 64;

/// What can be done for many requests of one tenant at once.
pub trait Grouped: Send + Sync + 'static {
    /// A request.
    type Item: Send + Sync + 'static;
    /// Its answer, good or bad.
    type Done: Send + 'static;
    /// Why none of them was served.
    type Error: From<Lost> + Send + 'static;

    /// Serves them all or none: one answer for each, in their order. Where it fails for several, each
    /// is tried alone, so one request never spoils another's.
    fn serve(
        &self,
        partner: PartnerId,
        items: &[Self::Item],
    ) -> impl Future<Output = Result<Vec<Self::Done>, Self::Error>> + Send;
}

/// Requests that somebody waits for right now. What nobody waits for gives way to them, for a while.
#[derive(Debug, Clone, Default)]
pub(crate) struct Requests(Arc<State>);

#[derive(Debug, Default)]
struct State {
    waiting: AtomicUsize,
    /// Nobody waits any more.
    none: Notify,
}

/// A client that got an answer comes back this soon, if it comes back.
const SOON: Duration = Duration::from_millis(4);

impl Requests {
    fn enter(&self) -> Request {
        self.0.waiting.fetch_add(1, Ordering::Relaxed);
        Request(self.clone())
    }

    /// Waits until nobody waits, but not for longer than this.
    pub(crate) async fn give_way(&self, longest: Duration) {
        let quiet = async {
            loop {
                let none = self.0.none.notified();
                if self.0.waiting.load(Ordering::Relaxed) > 0 {
                    none.await;
                    tokio::time::sleep(SOON).await;
                } else {
                    return;
                }
            }
        };
        let _ = tokio::time::timeout(longest, quiet).await;
    }
}

/// One of them; ends when dropped.
struct Request(Requests);

impl Drop for Request {
    fn drop(&mut self) {
        if self.0.0.waiting.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.0.0.none.notify_waiters();
        }
    }
}

/// The work broke off, and nobody knows how far it came.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the work on a group of requests broke off")]
pub struct Lost;

/// Groups requests by tenant.
pub struct Group<G: Grouped>(Arc<Inner<G>>);

struct Inner<G: Grouped> {
    work: G,
    /// Where it counts that somebody waits.
    requests: Option<Requests>,
    /// Who waits, for each tenant that is being served.
    waiting: Mutex<HashMap<PartnerId, VecDeque<Waiting<G>>>>,
}

struct Waiting<G: Grouped> {
    item: G::Item,
    answer: Answer<G>,
}

type Answer<G> = oneshot::Sender<Result<<G as Grouped>::Done, <G as Grouped>::Error>>;

impl<G: Grouped> Clone for Group<G> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<G: Grouped> std::fmt::Debug for Group<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Group")
    }
}

impl<G: Grouped> Group<G> {
    /// Groups for this work.
    pub fn new(work: G) -> Self {
        Self::with(work, None)
    }

    /// Groups for the requests of a context's clients: its operations give way to them.
    pub fn of_requests(db: &Db, work: G) -> Self {
        Self::with(work, Some(db.signals.requests.clone()))
    }

    fn with(work: G, requests: Option<Requests>) -> Self {
        Self(Arc::new(Inner {
            work,
            requests,
            waiting: Mutex::default(),
        }))
    }

    /// Serves one request. Once called it is carried through, also when nobody waits for it any more.
    pub async fn call(&self, partner: PartnerId, item: G::Item) -> Result<G::Done, G::Error> {
        let _request = self.0.requests.as_ref().map(Requests::enter);
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { item, answer };
        let first = {
            let mut all = self.0.waiting();
            let first = !all.contains_key(&partner);
            all.entry(partner).or_default().push_back(waiting);
            first
        };
        if first {
            let turn = Turn {
                inner: Arc::clone(&self.0),
                partner,
                held: true,
            };
            let span = tracing::Span::current();
            #[expect(
                clippy::disallowed_methods,
                reason = "shutdown waits for the callers, who wait for this"
            )]
            tokio::spawn(telemetry::within(telemetry::current(), span, turn.run()));
        }
        answered.await.unwrap_or_else(|_| Err(Lost.into()))
    }
}

impl<G: Grouped> Inner<G> {
    fn waiting(&self) -> MutexGuard<'_, HashMap<PartnerId, VecDeque<Waiting<G>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to serve a tenant; dropped, whoever still waits is told that the work broke off.
struct Turn<G: Grouped> {
    inner: Arc<Inner<G>>,
    partner: PartnerId,
    held: bool,
}

impl<G: Grouped> Drop for Turn<G> {
    fn drop(&mut self) {
        if self.held {
            self.inner.waiting().remove(&self.partner);
        }
    }
}

impl<G: Grouped> Turn<G> {
    async fn run(mut self) {
        while let Some(batch) = self.next() {
            let (items, answers): (Vec<_>, Vec<_>) = batch
                .into_iter()
                .map(|waiting| (waiting.item, waiting.answer))
                .unzip();
            self.serve(&items, answers).await;
        }
    }

    /// Takes whoever waits, or gives the turn back.
    fn next(&mut self) -> Option<Vec<Waiting<G>>> {
        let mut all = self.inner.waiting();
        let queue = all.get_mut(&self.partner)?;
        if queue.is_empty() {
            // under the same lock: whoever comes next takes a new turn
            all.remove(&self.partner);
            self.held = false;
            return None;
        }
        let most = queue.len().min(MOST);
        Some(queue.drain(..most).collect())
    }

    /// Answers all; whoever asked may have gone.
    async fn serve(&self, items: &[G::Item], answers: Vec<Answer<G>>) {
        if let [alone] = items {
            for answer in answers {
                let _ = answer.send(self.alone(alone).await);
            }
            return;
        }
        if let Ok(done) = self.inner.work.serve(self.partner, items).await {
            for (done, answer) in done.into_iter().zip(answers) {
                let _ = answer.send(Ok(done));
            }
            return;
        }
        for (item, answer) in items.iter().zip(answers) {
            let _ = answer.send(self.alone(item).await);
        }
    }

    async fn alone(&self, item: &G::Item) -> Result<G::Done, G::Error> {
        let items = std::slice::from_ref(item);
        let done = self.inner.work.serve(self.partner, items).await?;
        done.into_iter().next().ok_or_else(|| Lost.into())
    }
}

#[cfg(test)]
mod tests {
    use futures::future::join_all;

    use super::*;

    /// Doubles numbers; a group with a 13 in it fails, and a 666 breaks off.
    #[derive(Default)]
    struct Doubling {
        turns: AtomicUsize,
        served: AtomicUsize,
    }

    #[derive(Debug, PartialEq)]
    enum Wrong {
        Unlucky,
        Lost,
    }

    impl From<Lost> for Wrong {
        fn from(_: Lost) -> Self {
            Self::Lost
        }
    }

    impl Grouped for Arc<Doubling> {
        type Item = u32;
        type Done = (PartnerId, u32);
        type Error = Wrong;

        async fn serve(&self, partner: PartnerId, items: &[u32]) -> Result<Vec<Self::Done>, Wrong> {
            self.turns.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(1)).await;
            assert!(!items.contains(&666), "broken off on purpose");
            if items.contains(&13) {
                return Err(Wrong::Unlucky);
            }
            self.served.fetch_add(items.len(), Ordering::SeqCst);
            Ok(items.iter().map(|item| (partner, item * 2)).collect())
        }
    }

    fn partner(n: u128) -> PartnerId {
        PartnerId::from_uuid(uuid::Uuid::from_u128(n))
    }

    fn group() -> (Arc<Doubling>, Group<Arc<Doubling>>) {
        let work = Arc::new(Doubling::default());
        (Arc::clone(&work), Group::new(work))
    }

    #[tokio::test]
    async fn everybody_gets_the_own_answer_of_the_own_tenant_in_few_turns() {
        let (work, group) = group();
        let calls = (700..1000).map(|n| group.call(partner(u128::from(n % 2)), n));
        for (n, answer) in (700..1000).zip(join_all(calls).await) {
            assert_eq!(answer, Ok((partner(u128::from(n % 2)), n * 2)));
        }
        // each tenant: who came first alone or in company, then 64 at a time
        assert!(work.turns.load(Ordering::SeqCst) <= 8);
        assert!(group.0.waiting().is_empty());
    }

    #[tokio::test]
    async fn one_request_does_not_spoil_the_others() {
        let (_, group) = group();
        let answers = join_all([1, 13, 2].map(|n| group.call(partner(1), n))).await;
        let wanted = [
            Ok((partner(1), 2)),
            Err(Wrong::Unlucky),
            Ok((partner(1), 4)),
        ];
        assert_eq!(answers, wanted);
    }

    #[tokio::test]
    async fn what_was_called_is_carried_through_when_nobody_waits() {
        let (work, group) = group();
        let call = group.call(partner(1), 1);
        let waited = tokio::time::timeout(Duration::ZERO, call).await;
        assert!(waited.is_err());
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(work.served.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_turn_that_breaks_off_is_told_and_the_next_one_works() {
        let (_, group) = group();
        let answers = join_all([666, 1].map(|n| group.call(partner(1), n))).await;
        assert_eq!(answers, [Err(Wrong::Lost), Err(Wrong::Lost)]);
        assert_eq!(group.call(partner(1), 2).await, Ok((partner(1), 4)));
    }

    #[tokio::test]
    async fn other_work_gives_way_to_requests_but_not_for_ever() {
        let requests = Requests::default();
        let hour = Duration::from_hours(1);
        // nobody waits
        requests.give_way(hour).await;
        // somebody waits for long
        let request = requests.enter();
        requests.give_way(Duration::from_millis(20)).await;
        // and then does not any more
        let gives = requests.give_way(hour);
        let ends = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            drop(request);
        };
        let both = futures::future::join(gives, ends);
        let gave = tokio::time::timeout(Duration::from_mins(1), both).await;
        assert!(gave.is_ok());
    }
}
