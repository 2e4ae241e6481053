//! Signed tokens: JWTs under EdDSA (Ed25519) and nothing else, with a fixed issuer and audience and a key id.

use std::collections::HashMap;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::id::{ActorId, DocumentId, SessionId};
use crate::moment::Moment;

/// Who signs.
pub const ISSUER: &str = "stet";

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Whose token it is.
    pub sub: ActorId,
    /// The session it belongs to, and ends with.
    pub sid: SessionId,
    /// The first second at which it is no longer good, since 1970.
    pub exp: i64,
    /// The second in which it was signed, since 1970.
    pub iat: i64,
    /// What it is for.
    pub aud: Audience,
    /// [`ISSUER`].
    pub iss: String,
    /// The document it opens, for a ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<DocumentId>,
}

/// What a token is for. A token for one is refused as the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Audience {
    /// Calling the HTTP interface.
    #[serde(rename = "stet:access")]
    Access,
    /// Opening sockets of one document.
    #[serde(rename = "stet:ticket")]
    Ticket,
}

impl Audience {
    const fn as_str(self) -> &'static str {
        match self {
            Audience::Access => "stet:access",
            Audience::Ticket => "stet:ticket",
        }
    }
}

/// An Ed25519 key with its name.
#[derive(Clone)]
pub struct SigningKey {
    kid: String,
    pkcs8: Vec<u8>,
    public: [u8; 32],
}

/// The bytes are not an Ed25519 key in PKCS#8, or signing with it failed.
#[derive(thiserror::Error, Debug, Clone, Copy, PartialEq, Eq)]
#[error("not an Ed25519 key in PKCS#8")]
pub struct KeyError;

impl SigningKey {
    /// A new key from 32 random bytes.
    pub fn from_seed(kid: impl Into<String>, seed: &[u8; 32]) -> Result<Self, KeyError> {
        use ed25519_dalek::pkcs8::EncodePrivateKey;
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        let pkcs8 = key.to_pkcs8_der().map_err(|_| KeyError)?;
        Ok(Self { kid: kid.into(), pkcs8: pkcs8.as_bytes().to_vec(), public: key.verifying_key().to_bytes() })
    }

    /// A stored key.
    pub fn from_pkcs8(kid: impl Into<String>, pkcs8: &[u8]) -> Result<Self, KeyError> {
        use ed25519_dalek::pkcs8::DecodePrivateKey;
        let key = ed25519_dalek::SigningKey::from_pkcs8_der(pkcs8).map_err(|_| KeyError)?;
        Ok(Self { kid: kid.into(), pkcs8: pkcs8.to_vec(), public: key.verifying_key().to_bytes() })
    }

    /// The name that tokens carry in their header.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The key as it is stored.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }
}

/// The key that signs, and every key whose tokens are still taken.
#[derive(Clone)]
pub struct Keys {
    current_kid: String,
    current: EncodingKey,
    accepted: HashMap<String, DecodingKey>,
}

/// Why a token is refused.
#[derive(thiserror::Error, Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenError {
    /// Not a token of ours for this audience: its shape, algorithm, key, signature, issuer or audience is wrong.
    #[error("the token is not valid")]
    Invalid,
    /// It was one, and its time is over.
    #[error("the token has expired")]
    Expired,
}

impl Keys {
    /// Signs with `current`; takes tokens of `current` and of `older` keys, which are on their way out.
    pub fn new<'a>(current: &'a SigningKey, older: impl IntoIterator<Item = &'a SigningKey>) -> Self {
        let accepted = older.into_iter().chain([current]);
        Self {
            current_kid: current.kid.clone(),
            current: EncodingKey::from_ed_der(&current.pkcs8),
            accepted: accepted.map(|key| (key.kid.clone(), DecodingKey::from_ed_der(&key.public))).collect(),
        }
    }

    /// A token that says `claims`.
    pub fn sign(&self, claims: &Claims) -> Result<String, KeyError> {
        let header = Header { kid: Some(self.current_kid.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, claims, &self.current).map_err(|_| KeyError)
    }

    /// What a token says, if we signed it for this audience and `now` is before its end. No leeway: the clock that
    /// checks is the one that signed.
    pub fn verify(&self, token: &str, audience: Audience, now: Moment) -> Result<Claims, TokenError> {
        let kid = jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid).ok_or(TokenError::Invalid)?;
        let key = self.accepted.get(&kid).ok_or(TokenError::Invalid)?;
        let data = jsonwebtoken::decode::<Claims>(token, key, &rules(audience)).map_err(|_| TokenError::Invalid)?;
        if data.claims.exp <= now.seconds() { Err(TokenError::Expired) } else { Ok(data.claims) }
    }
}

/// Everything but time, which `jsonwebtoken` would take from the machine's clock.
fn rules(audience: Audience) -> Validation {
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.validate_exp = false;
    rules.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    rules.set_audience(&[audience.as_str()]);
    rules.set_issuer(&[ISSUER]);
    rules
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const NOW: Moment = Moment::from_seconds(1_000);

    fn key(number: u8) -> SigningKey {
        SigningKey::from_seed(format!("key-{number}"), &[number; 32]).unwrap()
    }

    fn claims() -> Claims {
        Claims {
            sub: ActorId::from_uuid(Uuid::from_u128(1)),
            sid: SessionId::from_uuid(Uuid::from_u128(2)),
            exp: 1_060,
            iat: 1_000,
            aud: Audience::Access,
            iss: ISSUER.into(),
            doc: None,
        }
    }

    fn verify(keys: &Keys, token: &str) -> Result<Claims, TokenError> {
        keys.verify(token, Audience::Access, NOW)
    }

    #[test]
    fn a_token_says_what_was_signed() {
        let keys = Keys::new(&key(1), &[]);
        let ticket = Claims { aud: Audience::Ticket, doc: Some(DocumentId::from_uuid(Uuid::from_u128(3))), ..claims() };
        for (claims, audience) in [(claims(), Audience::Access), (ticket, Audience::Ticket)] {
            let token = keys.sign(&claims).unwrap();
            assert_eq!(keys.verify(&token, audience, NOW), Ok(claims));
        }
    }

    #[test]
    fn a_stored_key_comes_back() {
        let stored = SigningKey::from_pkcs8("key-1", key(1).pkcs8()).unwrap();
        let token = Keys::new(&key(1), &[]).sign(&claims()).unwrap();
        assert_eq!(verify(&Keys::new(&stored, &[]), &token), Ok(claims()));
        assert_eq!(SigningKey::from_pkcs8("key-1", b"not a key").err(), Some(KeyError));
    }

    #[test]
    fn a_token_ends_on_its_second() {
        let keys = Keys::new(&key(1), &[]);
        let token = keys.sign(&claims()).unwrap();
        let at = |micros| keys.verify(&token, Audience::Access, Moment(micros)).map(|claims| claims.exp);
        assert_eq!(at(1_059_999_999), Ok(1_060));
        assert_eq!(at(1_060_000_000), Err(TokenError::Expired));
    }

    #[test]
    fn an_older_key_is_taken_until_it_is_dropped() {
        let token = Keys::new(&key(1), &[]).sign(&claims()).unwrap();
        assert_eq!(verify(&Keys::new(&key(2), &[key(1)]), &token), Ok(claims()));
        assert_eq!(verify(&Keys::new(&key(2), &[]), &token), Err(TokenError::Invalid));
    }

    #[test]
    fn another_audience_or_issuer_is_refused() {
        let keys = Keys::new(&key(1), &[]);
        let ticket = keys.sign(&Claims { aud: Audience::Ticket, ..claims() }).unwrap();
        assert_eq!(verify(&keys, &ticket), Err(TokenError::Invalid));
        let stranger = keys.sign(&Claims { iss: "other".into(), ..claims() }).unwrap();
        assert_eq!(verify(&keys, &stranger), Err(TokenError::Invalid));
    }

    #[test]
    fn a_changed_or_forged_token_is_refused() {
        let keys = Keys::new(&key(1), &[]);
        let good = keys.sign(&claims()).unwrap();
        let parts: Vec<&str> = good.split('.').collect();
        let other = keys.sign(&Claims { sub: ActorId::from_uuid(Uuid::from_u128(9)), ..claims() }).unwrap();
        let other_payload = other.split('.').nth(1).unwrap();

        // Somebody else's key under our key's name.
        let forger = SigningKey { kid: "key-1".into(), ..key(2) };
        let forged = Keys::new(&forger, &[]).sign(&claims()).unwrap();
        let swapped = format!("{}.{other_payload}.{}", parts[0], parts[2]);
        let unsigned = format!("{}.{}.", parts[0], parts[1]);
        // {"alg":"none","typ":"JWT","kid":"key-1"}
        let none_header = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIiwia2lkIjoia2V5LTEifQ";
        let none = format!("{none_header}.{}.", parts[1]);
        let none_with_signature = format!("{none_header}.{}.{}", parts[1], parts[2]);
        // Our public key taken as an HMAC secret.
        let header = Header { kid: Some("key-1".into()), ..Header::new(Algorithm::HS256) };
        let hmac = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(&key(1).public)).unwrap();
        // No key id.
        let nameless = jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims(), &keys.current).unwrap();

        let refused = [&forged, &swapped, &unsigned, &none, &none_with_signature, &hmac, &nameless];
        for token in refused.into_iter().map(String::as_str).chain(["", ".", "..", "a.b.c"]) {
            assert_eq!(verify(&keys, token), Err(TokenError::Invalid), "{token}");
        }
        assert_eq!(verify(&keys, &good), Ok(claims()));
    }
}
