//! Passwords that are good once.

use super::wire;

wire! {
    /// A password that is good once, shown this once.
    struct OneTimePassword {
        /// The password.
        one_time_password: String,
        /// Seconds until it ends.
        expires_in: i64,
    }
}
