//! Wire forms of keys that sign tokens.

use super::wire;

wire! {
    /// What became of a key.
    struct RetiredSigningKey {
        /// The key that signs from now on.
        successor_key_id: String,
    }
}
