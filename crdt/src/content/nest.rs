//! A line of text as a tree: ProseMirror keeps marks flat on each text, HTML and Markdown nest them.

use super::node::{Mark, Node};
use super::schema;

/// A part of a line.
pub(super) enum Inline<'a> {
    /// A text or an inline node.
    Leaf(&'a Node),
    /// What stands in a mark.
    Marked(&'a Mark, Vec<Inline<'a>>),
}

/// Neighbours that share their first marks share the nested element, as in ProseMirror's serializer. Marks that the
/// schema lacks are left out; of two of one name the first counts. So the tree is no deeper than there are marks.
pub(super) fn nest(line: &[Node]) -> Vec<Inline<'_>> {
    let marked: Vec<(Vec<&Mark>, &Node)> = line.iter().map(|node| (known(&node.marks), node)).collect();
    group(&marked, 0)
}

fn known(marks: &[Mark]) -> Vec<&Mark> {
    let mut known: Vec<(usize, &Mark)> =
        marks.iter().filter_map(|mark| schema::find_mark(&mark.name).map(|(rank, _)| (rank, mark))).collect();
    known.sort_by_key(|(rank, _)| *rank);
    known.dedup_by_key(|(rank, _)| *rank);
    known.into_iter().map(|(_, mark)| mark).collect()
}

fn group<'a>(line: &[(Vec<&'a Mark>, &'a Node)], level: usize) -> Vec<Inline<'a>> {
    let runs = line.chunk_by(|(a, _), (b, _)| a.get(level).is_some() && a.get(level) == b.get(level));
    runs.flat_map(|run| match run.first().and_then(|(marks, _)| marks.get(level)) {
        Some(mark) => vec![Inline::Marked(mark, group(run, level + 1))],
        None => run.iter().map(|(_, node)| Inline::Leaf(node)).collect(),
    })
    .collect()
}
