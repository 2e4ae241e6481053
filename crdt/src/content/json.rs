//! JSON text → nodes.

use super::node::Node;
use super::{ContentError, DEPTH_LEVELS_MAX};
use serde::Deserialize;
use serde_json::{Deserializer, Value};

/// serde_json's own limit is 128 levels of brackets. A node takes two, one for itself and one for its content, and the
/// last may carry attributes.
const BRACKET_LEVELS_MAX: usize = 2 * DEPTH_LEVELS_MAX + 16;

/// The node that the text holds. Fails with `Syntax`, or with `TooDeep`.
pub(super) fn parse(source: &str) -> Result<Node, ContentError> {
    if deepest(source) > BRACKET_LEVELS_MAX {
        return Err(ContentError::TooDeep);
    }
    let mut deserializer = Deserializer::from_str(source);
    deserializer.disable_recursion_limit();
    let json = Value::deserialize(&mut deserializer).and_then(|json| deserializer.end().map(|()| json));
    Node::from_json(&json.map_err(|fault| ContentError::Syntax(fault.to_string()))?)
}

/// The deepest level of brackets outside strings.
fn deepest(source: &str) -> usize {
    let (mut level, mut deepest, mut quoted, mut escaped) = (0usize, 0, false, false);
    for byte in source.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                level += 1;
                deepest = deepest.max(level);
            }
            b'}' | b']' if !quoted => level = level.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
