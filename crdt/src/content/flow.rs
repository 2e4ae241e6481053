//! Gathers what comes out of HTML, texts and blocks mixed, into blocks that the schema allows: a run of texts becomes a
//! paragraph, its white space what a browser shows of it.

use super::node::Node;

/// The blocks so far, and the line that is being written.
pub(super) struct Flow {
    blocks: Vec<Node>,
    line: Vec<Node>,
    /// What a line becomes: a paragraph or heading with its attributes.
    frame: Node,
}

impl Flow {
    pub fn new() -> Flow {
        Flow { blocks: Vec::new(), line: Vec::new(), frame: Node::new("paragraph", Vec::new()) }
    }

    pub fn inline(&mut self, node: Node) {
        self.line.push(node);
    }

    /// Ends the line, and puts the block after it.
    pub fn block(&mut self, block: Node) {
        self.end_line();
        self.blocks.push(block);
    }

    /// Ends the line; what follows goes into lines like `frame`. Returns what lines went into until now, and how many
    /// blocks there are.
    pub fn begin(&mut self, frame: Node) -> (Node, usize) {
        self.end_line();
        (std::mem::replace(&mut self.frame, frame), self.blocks.len())
    }

    /// Ends what `begin` began. An element without content was an empty line.
    pub fn end(&mut self, (outer, blocks_before): (Node, usize)) {
        self.end_line();
        let frame = std::mem::replace(&mut self.frame, outer);
        if self.blocks.len() == blocks_before {
            self.blocks.push(frame);
        }
    }

    /// Ends the line. White space alone is no line; a line break alone is an empty one.
    pub fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let has_break = line.iter().any(|node| node.name == "hardBreak");
        let mut block = self.frame.clone();
        for node in collapse(line) {
            block.push(node);
        }
        if has_break || !block.content.is_empty() {
            self.blocks.push(block);
        }
    }

    /// The blocks, perhaps none.
    pub fn into_blocks(mut self) -> Vec<Node> {
        self.end_line();
        self.blocks
    }

    /// The blocks; at least one paragraph.
    pub fn finish(self) -> Vec<Node> {
        let mut blocks = self.into_blocks();
        if blocks.is_empty() {
            blocks.push(Node::new("paragraph", Vec::new()));
        }
        blocks
    }
}

/// The content of a list item: it begins with a paragraph, as the editor would have it.
pub(super) fn item(mut blocks: Vec<Node>) -> Vec<Node> {
    if blocks.first().is_none_or(|first| first.name != "paragraph") {
        blocks.insert(0, Node::new("paragraph", Vec::new()));
    }
    blocks
}

/// White space as CSS collapses it (`white-space: normal`): a run is one space, none at the ends of a line. The last
/// line break of a block is not shown.
fn collapse(line: Vec<Node>) -> Vec<Node> {
    let mut shown: Vec<Node> = Vec::with_capacity(line.len());
    let mut after_space = true;
    for mut node in line {
        if node.is_text() {
            let mut text = String::with_capacity(node.text.len());
            for character in node.text.chars().filter(|c| !c.is_control() || c.is_ascii_whitespace()) {
                let is_space = character.is_ascii_whitespace();
                if !(is_space && after_space) {
                    text.push(if is_space { ' ' } else { character });
                }
                after_space = is_space;
            }
            node.text = text;
            if node.text.is_empty() {
                continue;
            }
        } else if node.name == "hardBreak" {
            trim_end(&mut shown);
            after_space = true;
        } else {
            after_space = false;
        }
        shown.push(node);
    }
    trim_end(&mut shown);
    if shown.last().is_some_and(|last| last.name == "hardBreak") {
        shown.pop();
    }
    shown
}

/// Takes away the one space that a collapsed line may end with.
fn trim_end(line: &mut Vec<Node>) {
    if let Some(last) = line.last_mut().filter(|last| last.text.ends_with(' ')) {
        last.text.pop();
        if last.text.is_empty() {
            line.pop();
        }
    }
}
