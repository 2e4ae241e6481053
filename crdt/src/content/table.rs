//! Makes a table rectangular: prosemirror-tables (`fixTable`) does so to every table it meets, and stores the repair as
//! an edit of whoever happens to open the document.

use super::node::Node;
use super::{ContentError, NODES_MAX};
use serde_json::Value;

/// Cuts spans that run into other cells or out of the table, fills short rows with empty cells, drops column widths that
/// do not fit. Returns how many nodes it added; fails with `TooManyNodes` when the table covers more than `NODES_MAX`
/// squares.
pub(super) fn square(table: &mut Node) -> Result<usize, ContentError> {
    let rows = table.content.len();
    // For each column, how many rows from the current one on are taken by a cell from above.
    let mut taken: Vec<usize> = Vec::new();
    let mut filled = Vec::with_capacity(rows);
    for (index, row) in table.content.iter_mut().enumerate() {
        let mut column = 0;
        for cell in &mut row.content {
            while taken.get(column).is_some_and(|&rows| rows > 0) {
                column += 1;
            }
            let wanted = span(cell, "colspan");
            let free = (column..column + wanted).take_while(|&at| taken.get(at).is_none_or(|&rows| rows == 0)).count();
            let height = span(cell, "rowspan").min(rows - index);
            set_spans(cell, free, height);
            let end = column + free;
            if taken.len() < end {
                taken.resize(end, 0);
            }
            if taken.len() * rows > NODES_MAX {
                return Err(ContentError::TooManyNodes);
            }
            taken[column..end].fill(height);
            column = end;
        }
        filled.push(taken.iter().filter(|&&rows| rows > 0).count());
        taken.iter_mut().for_each(|rows| *rows = rows.saturating_sub(1));
    }
    let width = taken.len().max(1);
    let mut added = 0;
    for (row, filled) in table.content.iter_mut().zip(filled) {
        let only_headers = !row.content.is_empty() && row.content.iter().all(|cell| cell.name == "tableHeader");
        for _ in filled..width {
            row.content.push(empty_cell(if only_headers { "tableHeader" } else { "tableCell" }));
            added += 2;
        }
    }
    Ok(added)
}

fn span(cell: &Node, name: &str) -> usize {
    cell.number(name).and_then(|span| usize::try_from(span).ok()).unwrap_or(1).max(1)
}

fn set_spans(cell: &mut Node, columns: usize, rows: usize) {
    cell.attrs.insert("colspan".into(), columns.into());
    cell.attrs.insert("rowspan".into(), rows.into());
    if cell.attrs.get("colwidth").and_then(Value::as_array).is_some_and(|widths| widths.len() != columns) {
        cell.attrs.insert("colwidth".into(), Value::Null);
    }
}

fn empty_cell(name: &str) -> Node {
    let paragraph = Node::new("paragraph", Vec::new()).with_defaults();
    Node::new(name, vec![paragraph]).with_defaults()
}
