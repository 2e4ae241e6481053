//! Yjs documents as bytes and rules: the wire dialects, the scanner that every client byte passes, causal admission,
//! presence, and the only door to yrs. Pure: no I/O, no clock, no tasks; time is an argument.

pub mod content;
pub mod frame;
pub mod known;
pub mod presence;
pub mod ranges;
pub mod row;
pub mod scan;
pub mod state;
