//! What is no longer good although it has not ended.
//!
//! A verifier takes a snapshot from the identity context and follows its feed from there. Nothing of it
//! is kept: after a loss it begins again. While identity is away, tokens still end within minutes.

use std::{collections::HashMap, time::Duration};

use arc_swap::ArcSwap;
use futures::StreamExt as _;
use proto::{
    feed::v1::FollowRequest,
    identity::v1::{
        ListRevocationsRequest, RevocationKind, Revoked, event, events_client::EventsClient,
        revocations_client::RevocationsClient,
    },
};
use uuid::{Uuid, fmt::Hyphenated};

use super::{Caller, ServiceToken, Verifier};
use crate::{
    fault::{Fault, Kind},
    metrics,
    stop::Tasks,
    time::from_proto,
};

/// How often the keys are fetched again.
const KEYS: Duration = Duration::from_mins(5);
/// Waits before a lost stream is opened again.
const PAUSE: Duration = Duration::from_millis(300);
/// The longest such wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Longer than any token lives: what is older concerns none.
const REMEMBERED_MS: i64 = 16 * 60 * 1000;

/// For each kind of revocation: tokens of that key issued at this millisecond or earlier are no longer
/// good. Empty most of the time, and then nothing is looked up.
#[derive(Debug, Clone, Default)]
struct Table {
    kinds: [HashMap<String, i64>; KINDS],
    newest: i64,
}

/// One more than the last of [`RevocationKind`].
const KINDS: usize = 7;

impl Table {
    fn kind(&self, kind: RevocationKind) -> Option<&HashMap<String, i64>> {
        let kind = usize::try_from(i32::from(kind)).ok()?;
        self.kinds.get(kind).filter(|keys| !keys.is_empty())
    }

    fn names(&self, kind: RevocationKind, key: &str, issued: i64) -> bool {
        let until = self.kind(kind).and_then(|keys| keys.get(key));
        until.is_some_and(|until| issued <= *until)
    }

    fn names_id(&self, kind: RevocationKind, key: Uuid, issued: i64) -> bool {
        let mut text = [0; Hyphenated::LENGTH];
        self.names(kind, key.as_hyphenated().encode_lower(&mut text), issued)
    }

    fn add(&mut self, revoked: &Revoked) {
        let until = revoked.issued_before.as_ref().and_then(from_proto);
        let kind = usize::try_from(revoked.kind).ok();
        let keys = kind.and_then(|kind| self.kinds.get_mut(kind));
        let (Some(until), Some(keys)) = (until, keys) else {
            tracing::error!(
                kind = revoked.kind,
                "a revocation that we do not understand"
            );
            return;
        };
        let until = until.timestamp_millis();
        let kept = keys.entry(revoked.key.clone()).or_insert(until);
        *kept = until.max(*kept);
        self.newest = self.newest.max(until);
        let oldest = self.newest - REMEMBERED_MS;
        for keys in &mut self.kinds {
            keys.retain(|_, until| *until >= oldest);
        }
    }
}

/// What a verifier knows to be revoked.
#[derive(Debug, Default)]
pub(super) struct Revocations(ArcSwap<Table>);

impl Revocations {
    /// Whether a caller's token is no longer good.
    pub(super) fn cover(&self, caller: &Caller) -> bool {
        let table = self.0.load();
        if table.newest == 0 {
            return false;
        }
        let issued = issued_ms(caller.token_id);
        let act = caller.actor.as_ref();
        table.names_id(RevocationKind::Token, caller.token_id, issued)
            || table.names(RevocationKind::Subject, &caller.subject, issued)
            || table.names(RevocationKind::Client, &caller.client, issued)
            || table.names_id(RevocationKind::Organization, caller.organization, issued)
            || table.names_id(RevocationKind::Partner, caller.partner.uuid(), issued)
            || caller
                .session
                .is_some_and(|id| table.names_id(RevocationKind::Session, id, issued))
            || act.is_some_and(|act| {
                table.names(RevocationKind::Subject, &act.sub, issued)
                    || table.names_id(RevocationKind::Partner, act.org.uuid(), issued)
                    || act
                        .sid
                        .is_some_and(|id| table.names_id(RevocationKind::Session, id, issued))
            })
    }

    /// Adds some.
    pub(super) fn add(&self, revoked: &[Revoked]) {
        if revoked.is_empty() {
            return;
        }
        self.0.rcu(|table| {
            let mut table = Table::clone(table);
            for one in revoked {
                table.add(one);
            }
            table
        });
    }
}

/// The millisecond in which a token was issued, as its id says; a strange id says the earliest.
fn issued_ms(id: Uuid) -> i64 {
    i64::try_from(id.as_u128() >> 80).unwrap_or(0)
}

impl Verifier {
    /// Keeps the keys fresh, and learns at once which tokens are no longer good.
    pub fn watch(&self, token: ServiceToken, tasks: &Tasks) {
        let (verifier, stop) = (self.clone(), tasks.clone());
        tasks.spawn("verifying-keys", async move {
            while stop.sleep(KEYS).await {
                // a failure was logged; what we have is good for a while
                let _ = verifier.renew_keys().await;
            }
        });
        let (verifier, stop) = (self.clone(), tasks.clone());
        tasks.spawn("revocations", async move {
            let mut pause = PAUSE;
            while !stop.stopping() {
                let ended = verifier.follow(&token, &stop, &mut pause).await;
                report(&token, false);
                match ended {
                    Ok(()) => {}
                    Err(fault) if fault.is_transient() => {
                        tracing::debug!(%fault, "revocations interrupted");
                    }
                    Err(fault) => {
                        tracing::warn!(%fault, "revocations interrupted");
                        if fault.kind == Kind::Unauthenticated {
                            token.renew().await;
                        }
                    }
                }
                stop.sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        });
    }

    /// One snapshot, and the feed after it until it ends.
    async fn follow(
        &self,
        token: &ServiceToken,
        tasks: &Tasks,
        pause: &mut Duration,
    ) -> Result<(), Fault> {
        let request = token.request(ListRevocationsRequest {}).await?;
        let snapshot = RevocationsClient::new(self.identity())
            .list_revocations(request)
            .await?
            .into_inner();
        self.revocations().add(&snapshot.revoked);
        // keys may have been retired while nobody listened
        self.renew_keys().await?;
        self.forget();

        let request = FollowRequest {
            consumer: format!("revocations of {}", token.client_id()),
            after_position: snapshot.position,
        };
        let request = token.request(request).await?;
        let mut stream = EventsClient::new(self.identity())
            .follow(request)
            .await?
            .into_inner();
        report(token, true);
        loop {
            let event = tokio::select! {
                event = stream.next() => event,
                () = tasks.stopped() => None,
            };
            let Some(event) = event else { return Ok(()) };
            *pause = PAUSE;
            match event?.kind {
                Some(event::Kind::Revoked(revoked)) => self.revocations().add(&[revoked]),
                Some(event::Kind::KeysChanged(_)) => {
                    self.renew_keys().await?;
                    self.forget();
                    // our own may be signed with the key that is gone
                    token.renew().await;
                }
                _ => {}
            }
        }
    }
}

fn report(token: &ServiceToken, up: bool) {
    let context = token.client_id().trim_start_matches("svc-").to_owned();
    ::metrics::gauge!(metrics::REVOCATIONS_STREAM, "context" => context).set(if up {
        1.0
    } else {
        0.0
    });
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{
        access::Permissions,
        auth::{Act, CallerKind, OrgKind},
        id::PartnerId,
        time::to_proto,
    };

    const AT: i64 = 1_800_000_000_000;

    fn id(ms: i64, tail: u8) -> Uuid {
        let ms = u64::try_from(ms).unwrap();
        uuid::Builder::from_unix_timestamp_millis(ms, &[tail; 10]).into_uuid()
    }

    fn caller(issued: i64) -> Caller {
        Caller {
            subject: "subject".to_owned(),
            kind: CallerKind::Partner,
            partner: PartnerId::from_uuid(id(1, 1)),
            scopes: std::collections::BTreeSet::new(),
            actor: Some(Act {
                sub: "actor".to_owned(),
                org: PartnerId::from_uuid(id(1, 2)),
                sid: Some(id(1, 3)),
            }),
            suspended: false,
            client: "client".to_owned(),
            organization: id(1, 4),
            organization_kind: OrgKind::Partner,
            roles: Vec::new(),
            permissions: Permissions::NONE,
            masked: Permissions::NONE,
            restrictions: Vec::new(),
            session: Some(id(1, 5)),
            token_id: id(issued, 6),
            authenticated_at: None,
            methods: Vec::new(),
        }
    }

    fn revoked(kind: RevocationKind, key: &str, ms: i64) -> Revoked {
        let at = DateTime::from_timestamp_millis(ms).unwrap();
        Revoked {
            kind: kind.into(),
            key: key.to_owned(),
            issued_before: Some(to_proto(at)),
        }
    }

    #[test]
    fn a24_every_kind_of_revocation_covers_what_it_names_and_nothing_newer() {
        for (kind, key) in [
            (RevocationKind::Token, id(AT, 6).to_string()),
            (RevocationKind::Session, id(1, 5).to_string()),
            (RevocationKind::Session, id(1, 3).to_string()),
            (RevocationKind::Subject, "subject".to_owned()),
            (RevocationKind::Subject, "actor".to_owned()),
            (RevocationKind::Client, "client".to_owned()),
            (RevocationKind::Organization, id(1, 4).to_string()),
            (RevocationKind::Partner, id(1, 1).to_string()),
            (RevocationKind::Partner, id(1, 2).to_string()),
        ] {
            let revocations = Revocations::default();
            assert!(!revocations.cover(&caller(AT)));
            revocations.add(&[revoked(kind, "another", AT)]);
            assert!(!revocations.cover(&caller(AT)), "{kind:?}");
            revocations.add(&[revoked(kind, &key, AT), revoked(kind, &key, AT - 5)]);
            assert!(revocations.cover(&caller(AT)), "{kind:?} {key}");
            assert!(!revocations.cover(&caller(AT + 1)), "{kind:?} {key}");
        }
    }

    #[test]
    fn what_concerns_no_living_token_is_forgotten() {
        let revocations = Revocations::default();
        revocations.add(&[revoked(RevocationKind::Subject, "subject", AT)]);
        revocations.add(&[revoked(RevocationKind::Client, "x", AT + REMEMBERED_MS)]);
        assert!(revocations.cover(&caller(AT)));
        revocations.add(&[revoked(RevocationKind::Client, "y", AT + REMEMBERED_MS + 1)]);
        assert!(!revocations.cover(&caller(AT)));
    }
}
