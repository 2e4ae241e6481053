//! What belongs to the whole instance: the keys it signs with, and a few named values.

use acl::Moment;
use acl::token::SigningKey;

use crate::Storage;
use crate::database::damaged;
use crate::error::StorageError;
use crate::value::{Record, Row, values};

impl Storage {
    /// The keys whose tokens are taken, the newest (which signs) first.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKey>, StorageError> {
        const SQL: &str = "select kid, pkcs8 from signing_keys where retired_at is null order by created_at desc, kid";
        let keys: Vec<StoredKey> = self.database().all(SQL, vec![]).await?;
        let keys = keys.iter().map(|key| SigningKey::from_pkcs8(key.kid.as_str(), &key.pkcs8));
        keys.collect::<Result<_, _>>().or_else(|_| damaged("a signing key"))
    }

    /// Adds a key, which signs from now on.
    pub async fn add_signing_key(&self, key: &SigningKey, now: Moment) -> Result<(), StorageError> {
        const SQL: &str = "insert into signing_keys (kid, pkcs8, created_at) values ($1, $2, $3)";
        let mut transaction = self.database().begin().await?;
        transaction.execute(SQL, values![key.kid(), key.pkcs8().to_vec(), now]).await?;
        Ok(transaction.commit().await?)
    }

    /// A named value of the instance, such as the hash of the set-up token.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, StorageError> {
        const SQL: &str = "select value from settings where name = $1";
        let setting: Option<Setting> = self.database().optional(SQL, values![name]).await?;
        Ok(setting.map(|setting| setting.0))
    }

    /// Keeps a named value; `None` forgets it.
    pub async fn put_setting(&self, name: &str, value: Option<&str>) -> Result<(), StorageError> {
        const PUT: &str = "insert into settings (name, value) values ($1, $2)
            on conflict (name) do update set value = excluded.value";
        let mut transaction = self.database().begin().await?;
        match value {
            Some(value) => transaction.execute(PUT, values![name, value]).await?,
            None => transaction.execute("delete from settings where name = $1", values![name]).await?,
        };
        Ok(transaction.commit().await?)
    }
}

struct StoredKey {
    kid: String,
    pkcs8: Vec<u8>,
}

impl Record for StoredKey {
    fn read(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self { kid: row.get("kid")?, pkcs8: row.get("pkcs8")? })
    }
}

struct Setting(String);

impl Record for Setting {
    fn read(row: &Row) -> Result<Self, sqlx::Error> {
        row.get("value").map(Self)
    }
}
