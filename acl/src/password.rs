//! Passwords: Argon2id at the cost that OWASP's password storage sheet names first for it.
//!
//! One hash or verification takes some 19 MiB and tens of milliseconds: callers run it on a blocking task and bound
//! how many run at once.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

/// Memory of one hash or verification, in KiB.
pub const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Length of a salt in bytes.
pub const SALT_BYTES: usize = 16;

/// A well-formed hash of the same cost that no password has. Verify against it when there is no such user: the
/// answer then takes as long as for a user who exists.
pub const DUMMY_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c3RldHN0ZXRzdGV0c3RldA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The password could not be hashed: it is longer than Argon2 takes (4 GiB).
#[derive(thiserror::Error, Debug, Clone, Copy, PartialEq, Eq)]
#[error("the password could not be hashed")]
pub struct HashError;

/// The PHC string of `password` under a random `salt`.
pub fn hash(password: &str, salt: &[u8; SALT_BYTES]) -> Result<String, HashError> {
    let hash: PasswordHash = hasher()?.hash_password_with_salt(password.as_bytes(), salt).map_err(|_| HashError)?;
    Ok(hash.to_string())
}

/// Whether `password` has the hash `phc`. A text that is no hash is nobody's password.
pub fn verify(password: &str, phc: &str) -> bool {
    let Ok(hasher) = hasher() else { return false };
    PasswordHash::new(phc).is_ok_and(|hash| hasher.verify_password(password.as_bytes(), &hash).is_ok())
}

fn hasher() -> Result<Argon2<'static>, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| HashError)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_verifies() {
        let phc = hash("correct horse", &[5; SALT_BYTES]).unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(verify("correct horse", &phc));
        assert!(!verify("correct horse ", &phc));
        assert!(!verify("", &phc));
        assert_ne!(phc, hash("correct horse", &[6; SALT_BYTES]).unwrap());
    }

    #[test]
    fn texts_that_are_no_hash_verify_nothing() {
        for text in ["", "correct horse", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$c3RldHN0ZXRzdGV0c3RldA"] {
            assert!(!verify(text, text), "{text}");
        }
    }

    #[test]
    fn the_dummy_costs_what_a_real_hash_costs() {
        assert!(!verify("", DUMMY_HASH));
        let (dummy, real) = (PasswordHash::new(DUMMY_HASH).unwrap(), hash("x", &[1; SALT_BYTES]).unwrap());
        let real = PasswordHash::new(&real).unwrap();
        assert_eq!((dummy.algorithm, dummy.version, &dummy.params), (real.algorithm, real.version, &real.params));
    }
}
