//! Random texts that open something: refresh tokens, the set-up link. Only their hashes are stored.

use sha2::{Digest, Sha256};

/// 256 random bits as 64 hexadecimal digits.
pub fn new() -> String {
    hex(&rand::random())
}

/// 64 hexadecimal digits.
pub fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}"))
}

/// What is stored of a secret. A secret has 256 bits, so one round of SHA-256 is enough.
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
