//! Lists of documents: which, in what order, page by page.

use acl::{DocumentId, Moment, UserId};
use uuid::Uuid;

use crate::Storage;
use crate::database::composed;
use crate::documents::{Document, SELECT_DOCUMENT, title_key};
use crate::error::StorageError;
use crate::value::values;

/// Which documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// All that the person has a role in.
    #[default]
    Recent,
    /// Those that are his.
    Mine,
    /// Those that others shared with him.
    Shared,
    /// Those in the trash that he may take out again.
    Trash,
}

/// In what order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The last written first.
    #[default]
    UpdatedAt,
    /// By title, capitals and small letters alike.
    Title,
}

/// What to list.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// Which documents.
    pub view: View,
    /// In what order.
    pub sort: Sort,
    /// Only titles that contain this, capitals and small letters alike.
    pub q: Option<String>,
    /// Where the page before ended: its `next_cursor`.
    pub cursor: Option<String>,
    /// How many, at most 200.
    pub limit: usize,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The documents.
    pub documents: Vec<Document>,
    /// Where the next page begins, if there is more.
    pub next_cursor: Option<String>,
}

/// Documents of one page.
const PAGE_DOCUMENTS_MAX: usize = 200;

impl Storage {
    /// A page of the documents of `user`. A cursor that is none begins at the beginning.
    pub async fn list_documents(&self, user: UserId, list: &ListQuery, now: Moment) -> Result<Page, StorageError> {
        let limit = list.limit.clamp(1, PAGE_DOCUMENTS_MAX);
        let (view, after, order) = (list.view.sql(), list.sort.after_sql(), list.sort.order_sql());
        let sql = format!(
            "{SELECT_DOCUMENT} and {view} and ($3 is null or d.title_key like $3 escape '\\')
             and ($4 is null or {after}) order by {order} limit $6"
        );
        let pattern = list.q.as_deref().map(contains_pattern);
        let cursor = list.cursor.as_deref().and_then(|text| Cursor::parse(text, list.sort));
        let mut values = values![user, now, pattern];
        match (list.sort, cursor) {
            (_, Some(Cursor::UpdatedAt(at, id))) => values.extend(values![at, id]),
            (_, Some(Cursor::Title(key, id))) => values.extend(values![key, id]),
            (Sort::UpdatedAt, None) => values.extend(values![None::<i64>, None::<Uuid>]),
            (Sort::Title, None) => values.extend(values![None::<String>, None::<Uuid>]),
        }
        // One more than asked for tells whether there is more.
        values.extend(values![limit as i64 + 1]);
        let mut documents: Vec<Document> = self.database().all(composed(sql), values).await?;
        let more = documents.len() > limit;
        documents.truncate(limit);
        let next_cursor = documents.last().filter(|_| more).map(|last| Cursor::of(last, list.sort).to_string());
        Ok(Page { documents, next_cursor })
    }
}

impl View {
    const fn sql(self) -> &'static str {
        match self {
            View::Recent => "d.deleted_at is null",
            View::Mine => "d.deleted_at is null and d.owner_id = $1",
            View::Shared => "d.deleted_at is null and d.owner_id <> $1",
            View::Trash => "d.deleted_at is not null and g.role = 'owner'",
        }
    }
}

impl Sort {
    const fn after_sql(self) -> &'static str {
        match self {
            Sort::UpdatedAt => "(h.updated_at, d.id) < ($4, $5)",
            Sort::Title => "(d.title_key, d.id) > ($4, $5)",
        }
    }

    const fn order_sql(self) -> &'static str {
        match self {
            Sort::UpdatedAt => "h.updated_at desc, d.id desc",
            Sort::Title => "d.title_key, d.id",
        }
    }
}

/// The last document of a page: its id as 32 digits, then what the list is sorted by.
enum Cursor {
    UpdatedAt(Moment, DocumentId),
    Title(String, DocumentId),
}

impl Cursor {
    const ID_DIGITS: usize = 32;

    fn of(document: &Document, sort: Sort) -> Self {
        match sort {
            Sort::UpdatedAt => Cursor::UpdatedAt(document.updated_at, document.id),
            Sort::Title => Cursor::Title(title_key(&document.title), document.id),
        }
    }

    fn parse(text: &str, sort: Sort) -> Option<Self> {
        let (id, key) = text.split_at_checked(Self::ID_DIGITS)?;
        let id = DocumentId::from_uuid(Uuid::try_parse(id).ok()?);
        match sort {
            Sort::UpdatedAt => key.parse().ok().map(|micros| Cursor::UpdatedAt(Moment(micros), id)),
            Sort::Title => Some(Cursor::Title(key.to_owned(), id)),
        }
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Cursor::UpdatedAt(at, id) => write!(f, "{}{}", id.uuid().simple(), at.0),
            Cursor::Title(key, id) => write!(f, "{}{key}", id.uuid().simple()),
        }
    }
}

/// A LIKE pattern for "contains", in which no letter of the text means anything else.
fn contains_pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in title_key(text).chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
