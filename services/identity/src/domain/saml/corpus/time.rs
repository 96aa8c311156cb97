//! S55 to S60: what is too early or too late.

use chrono::TimeDelta;

use super::*;

/// A genuine document that says something of its own.
fn saying(change: impl FnOnce(&mut Forge)) -> String {
    let mut forged = forge();
    change(&mut forged);
    forged.document(&KEYS.provider)
}

#[track_caller]
fn refused_with(change: impl FnOnce(&mut Forge), refusals: &[Refusal]) {
    let refusal = consume(&saying(change)).expect_err("too early or too late");
    assert!(refusals.contains(&refusal), "{refusal}");
}

const HOUR: TimeDelta = TimeDelta::hours(1);

#[test]
fn s55_expired_conditions() {
    refused_with(|f| f.not_on_or_after = now() - HOUR, &[Refusal::TIME]);
}

#[test]
fn s56_not_yet_valid() {
    refused_with(|f| f.not_before = now() + HOUR, &[Refusal::TIME]);
    refused_with(|f| f.issued = now() + HOUR, &[Refusal::TIME]);
    refused_with(|f| f.now = now() + HOUR, &[Refusal::TIME]);
}

#[test]
fn s57_subject_confirmation_expired_or_endless() {
    let confirmation = [Refusal::CONFIRMATION, Refusal::TIME];
    refused_with(|f| f.confirmed_until = Some(now() - HOUR), &confirmation);
    refused_with(|f| f.confirmed_until = None, &confirmation);
}

#[test]
fn s58_session_is_over() {
    refused_with(
        |f| f.session_until = Some(now() - HOUR),
        &[Refusal::SESSION_OVER, Refusal::TIME],
    );
}

#[test]
fn s59_lifetime_is_capped() {
    let long = |f: &mut Forge| {
        f.not_on_or_after = now() + HOUR * 24;
        f.confirmed_until = Some(now() + HOUR * 24);
    };
    let asserted = consume(&saying(long)).unwrap();
    assert!(asserted.usable_until <= now() + HOUR + TimeDelta::seconds(180));
    let document = saying(long);
    let later = now() + HOUR + TimeDelta::seconds(180);
    assert_eq!(
        consume_with(document.as_bytes(), &provider(), &expected(), later),
        Err(Refusal::TIME)
    );
    let just = later - TimeDelta::seconds(1);
    assert!(consume_with(document.as_bytes(), &provider(), &expected(), just).is_ok());
}

#[test]
fn s60_skew_of_180_seconds() {
    let second = TimeDelta::seconds(1);
    let skew = TimeDelta::seconds(180);
    assert!(consume(&saying(|f| f.not_on_or_after = now() - skew + second)).is_ok());
    assert!(consume(&saying(|f| f.not_on_or_after = now() - skew)).is_err());
    assert!(consume(&saying(|f| f.not_before = now() + skew)).is_ok());
    assert!(consume(&saying(|f| f.not_before = now() + skew + second)).is_err());
    assert!(consume(&saying(|f| f.confirmed_until = Some(now() - skew + second))).is_ok());
    assert!(consume(&saying(|f| f.confirmed_until = Some(now() - skew))).is_err());
    assert!(consume(&saying(|f| f.issued = now() + skew)).is_ok());
    assert!(consume(&saying(|f| f.issued = now() + skew + second)).is_err());
}

#[test]
fn s93_a_fresh_sign_in_is_one_after_the_request() {
    let document = saying(|f| f.authenticated = Some(now() - HOUR));
    assert!(consume(&document).is_ok());
    let fresh = Expected {
        fresh_since: Some(now()),
        ..expected()
    };
    assert_eq!(
        consume_with(document.as_bytes(), &provider(), &fresh, now()),
        Err(Refusal::AUTHENTICATION)
    );
}
