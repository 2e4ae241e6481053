//! Stet.
fn main() {}
