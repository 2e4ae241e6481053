//! What goes into a statement and comes out of a row, without naming the engine.

use acl::{ActorId, DocumentId, GrantId, LinkId, Moment, SessionId, UserId};
use sqlx::Row as _;
use sqlx::sqlite::{Sqlite, SqliteRow};
use uuid::Uuid;

use crate::update_log::Seq;

/// One argument of a statement. Absent values keep their type, because Postgres wants to know it.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Int(Option<i64>),
    Bool(bool),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    Id(Option<Uuid>),
}

/// The arguments of a statement, in the order of `$1`, `$2`, …
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::value::Value::from($value)),*] };
}
pub(crate) use values;

/// A type that both engines store by themselves.
pub(crate) trait Stored: for<'r> sqlx::Decode<'r, Sqlite> + sqlx::Type<Sqlite> {}
impl<T: for<'r> sqlx::Decode<'r, Sqlite> + sqlx::Type<Sqlite>> Stored for T {}

/// A type that can be read from a column.
pub(crate) trait Column: Sized {
    type Stored: Stored;

    /// `None` when no such value can have been written.
    fn from_stored(stored: Self::Stored) -> Option<Self>;
}

/// A row of an answer.
pub(crate) struct Row(SqliteRow);

impl From<SqliteRow> for Row {
    fn from(row: SqliteRow) -> Self {
        Self(row)
    }
}

impl Row {
    /// The value in the column `name`.
    pub(crate) fn get<T: Column>(&self, name: &'static str) -> Result<T, sqlx::Error> {
        let stored = self.0.try_get::<T::Stored, _>(name)?;
        T::from_stored(stored).ok_or_else(|| sqlx::Error::ColumnDecode {
            index: name.into(),
            source: "no such value can be stored".into(),
        })
    }
}

/// Something that is read from a row.
pub(crate) trait Record: Sized {
    fn read(row: &Row) -> Result<Self, sqlx::Error>;
}

impl<T: Column> Column for Option<T>
where
    Option<T::Stored>: Stored,
{
    type Stored = Option<T::Stored>;

    fn from_stored(stored: Self::Stored) -> Option<Self> {
        match stored {
            Some(stored) => T::from_stored(stored).map(Some),
            None => Some(None),
        }
    }
}

macro_rules! plain {
    ($($type:ty => $variant:ident;)+) => {$(
        impl Column for $type {
            type Stored = $type;

            fn from_stored(stored: $type) -> Option<Self> {
                Some(stored)
            }
        }

        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Value::$variant(Some(value))
            }
        }

        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                Value::$variant(value)
            }
        }
    )+};
}

plain! {
    i64 => Int;
    String => Text;
    Vec<u8> => Bytes;
    Uuid => Id;
}

macro_rules! wrapped {
    ($($type:ty as $stored:ty: $from:expr, $to:expr;)+) => {$(
        impl Column for $type {
            type Stored = $stored;

            fn from_stored(stored: $stored) -> Option<Self> {
                $from(stored)
            }
        }

        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Value::from($to(value))
            }
        }

        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                Value::from(value.map($to))
            }
        }
    )+};
}

wrapped! {
    ActorId as Uuid: |id| Some(ActorId::from_uuid(id)), ActorId::uuid;
    DocumentId as Uuid: |id| Some(DocumentId::from_uuid(id)), DocumentId::uuid;
    GrantId as Uuid: |id| Some(GrantId::from_uuid(id)), GrantId::uuid;
    LinkId as Uuid: |id| Some(LinkId::from_uuid(id)), LinkId::uuid;
    SessionId as Uuid: |id| Some(SessionId::from_uuid(id)), SessionId::uuid;
    UserId as Uuid: |id| Some(UserId::from_uuid(id)), UserId::uuid;
    Moment as i64: |at| Some(Moment(at)), |at: Moment| at.0;
    Seq as i64: |seq| Some(Seq(seq)), |seq: Seq| seq.0;
    acl::Role as String: |role: String| role.parse().ok(), |role: acl::Role| role.as_str().to_owned();
    [u8; 32] as Vec<u8>: |bytes: Vec<u8>| bytes.try_into().ok(), |bytes: [u8; 32]| bytes.to_vec();
    serde_json::Value as String: |text: String| serde_json::from_str(&text).ok(), |json: serde_json::Value| json.to_string();
}

impl Column for bool {
    type Stored = bool;

    fn from_stored(stored: bool) -> Option<Self> {
        Some(stored)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Text(Some(value.to_owned()))
    }
}
