//! What random tests grow from.

/// `ENTREPOT_SEED` repeats a run; otherwise it differs from run to run. Printed, so that a failure
/// can be repeated.
pub(crate) fn seed() -> u64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "a setting of the tests, read only here"
    )]
    let wanted = std::env::var("ENTREPOT_SEED").ok();
    let seed = match wanted {
        Some(text) => text.parse().expect("ENTREPOT_SEED is a number"),
        None => u64::from_le_bytes(kit::id::Random::system().bytes()) % 1_000_000_000,
    };
    println!("ENTREPOT_SEED={seed}");
    seed
}
