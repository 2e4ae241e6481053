//! Statements about many things at once: few texts, so that each is prepared once, and few statements for any number
//! of things, because each one is handed to another thread and back.

use crate::value::Value;

/// Items of the largest statement. SQLite takes 32,766 arguments, Postgres 65,535.
const ITEMS_MAX: usize = 128;

/// One statement for 1, 2, 4, … items. What is missing to the next of these numbers is filled with tuples of nulls, so
/// the statement must pass over an item whose first column is null.
pub(crate) struct Bulk {
    columns: usize,
    texts: Vec<String>,
}

/// A text of a [`Bulk`] and its arguments.
pub(crate) struct Piece {
    pub(crate) sql: &'static str,
    pub(crate) values: Vec<Value>,
    /// Whether it is of the largest size.
    pub(crate) full: bool,
}

impl Bulk {
    /// `head`, then a list of tuples of so many columns each, then `tail`.
    pub(crate) fn new(head: &str, columns: usize, tail: &str) -> Self {
        let sizes = std::iter::successors(Some(1), |size| Some(size * 2)).take_while(|size| *size <= ITEMS_MAX);
        // Not `$1`: sqlx asks SQLite for the name of each argument, and SQLite looks through all names for it.
        let item = format!("({})", vec!["?"; columns].join(","));
        let texts = sizes.map(|size| format!("{head} {} {tail}", vec![item.as_str(); size].join(","))).collect();
        Self { columns, texts }
    }

    /// The statements for so many items, the full ones first; `values` appends the columns of one.
    pub(crate) fn pieces<T>(
        &'static self,
        items: &[T],
        values: impl Fn(&T, &mut Vec<Value>),
    ) -> impl Iterator<Item = Piece> {
        items.chunks(ITEMS_MAX).map(move |chunk| {
            let size = chunk.len().next_power_of_two();
            let mut all = Vec::with_capacity(size * self.columns);
            for item in chunk {
                values(item, &mut all);
            }
            all.resize(size * self.columns, Value::Int(None));
            Piece { sql: &self.texts[size.ilog2() as usize], values: all, full: size == ITEMS_MAX }
        })
    }
}
