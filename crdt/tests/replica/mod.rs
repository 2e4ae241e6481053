//! A client in a test: a yrs document as a browser has one, that is edited at random.

use std::sync::Arc;

use crdt::ranges::StateVector;
use yrs::types::Attrs;
use yrs::types::text::YChange;
use yrs::updates::decoder::Decode;
use yrs::{
    Any, Array, ArrayRef, ClientID, Doc, GetString, Map, MapRef, OffsetKind, Options, Out, ReadTxn, Text, TextRef,
    Transact, TransactionMut, Update, Xml, XmlElementPrelim, XmlElementRef, XmlFragment, XmlFragmentRef, XmlOut,
    XmlTextPrelim, XmlTextRef,
};

/// A small generator (SplitMix64): a run can be played again from its number.
pub struct Dice(pub u64);

impl Dice {
    /// A number below `sides`.
    pub fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % sides.max(1) as u64) as usize
    }

    /// One of these.
    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

const WORDS: [&str; 8] = ["a", "word ", "ß", "😀", "字", "👩‍👩‍👧", "e\u{301}", "two words"];
const MARKS: [&str; 3] = ["bold", "italic", "link"];

pub struct Replica {
    pub doc: Doc,
    text: TextRef,
    array: ArrayRef,
    map: MapRef,
    xml: XmlFragmentRef,
}

impl Replica {
    pub fn new(client: u64) -> Replica {
        let mut options = Options::with_guid_and_client_id("".into(), ClientID::new(client));
        options.offset_kind = OffsetKind::Utf16;
        let doc = Doc::with_options(options);
        let text = doc.get_or_insert_text("text");
        let array = doc.get_or_insert_array("array");
        let map = doc.get_or_insert_map("map");
        let xml = doc.get_or_insert_xml_fragment("default");
        Replica { doc, text, array, map, xml }
    }

    /// A replica that has exactly this state.
    pub fn of(update: &[u8]) -> Replica {
        let replica = Replica::new(0);
        replica.apply(update);
        replica
    }

    pub fn apply(&self, update: &[u8]) {
        let mut transaction = self.doc.transact_mut();
        transaction.apply_update(Update::decode_v1(update).unwrap()).unwrap();
        drop(transaction);
        assert!(!self.doc.transact().has_missing_updates(), "an update came before what it stands on");
    }

    pub fn vector(&self) -> StateVector {
        self.doc.transact().state_vector().iter().map(|(client, clock)| (client.get(), *clock)).collect()
    }

    /// What a SyncStep2 would hold: everything above the vector.
    pub fn difference(&self, vector: &StateVector) -> Vec<u8> {
        let vector = yrs::StateVector::from_iter(vector.iter().map(|(client, clock)| (ClientID::new(client), clock)));
        self.doc.transact().encode_diff_v1(&vector)
    }

    /// One random edit, as one transaction; its update, or `None` when it changed nothing.
    pub fn edit(&self, dice: &mut Dice) -> Option<Vec<u8>> {
        let mut transaction = self.doc.transact_mut();
        match dice.below(12) {
            0..=2 => insert(&self.text, &mut transaction, dice),
            3 => remove(&self.text, &mut transaction, dice),
            4 => {
                let at = dice.below(self.array.len(&transaction) as usize + 1) as u32;
                self.array.insert(&mut transaction, at, Any::from(dice.below(1_000) as u32));
            }
            5 => {
                let length = self.array.len(&transaction) as usize;
                let at = dice.below(length);
                self.array.remove_range(&mut transaction, at as u32, dice.below(length - at + 1) as u32);
            }
            6 => drop(self.map.insert(&mut transaction, dice.pick(&["x", "y", "z"]), dice.pick(&WORDS))),
            7 => drop(self.map.remove(&mut transaction, dice.pick(&["x", "y", "z"]))),
            _ => edit_xml(&self.xml, &mut transaction, dice),
        }
        transaction.commit();
        let update = transaction.encode_update_v1();
        (update != [0, 0]).then_some(update)
    }

    /// Everything that people see, in one text; equal for equal documents.
    pub fn shown(&self) -> String {
        let transaction = self.doc.transact();
        let mut map: Vec<_> = self.map.iter(&transaction).map(|(key, value)| format!("{key}={value}")).collect();
        map.sort();
        let array: Vec<_> = self.array.iter(&transaction).map(|value| value.to_string(&transaction)).collect();
        let xml: Vec<_> = self.xml.children(&transaction).map(|node| shown_node(&node, &transaction)).collect();
        format!("text {}\narray {array:?}\nmap {map:?}\nxml {}", self.text.get_string(&transaction), xml.concat())
    }
}

fn edit_xml(xml: &XmlFragmentRef, transaction: &mut TransactionMut<'_>, dice: &mut Dice) {
    let length = xml.len(transaction) as usize;
    let at = dice.below(length);
    let paragraph = xml.get(transaction, at as u32).and_then(XmlOut::into_xml_element);
    match (dice.below(8), paragraph) {
        (0, _) | (_, None) => {
            let at = dice.below(length + 1) as u32;
            let paragraph = xml.insert(transaction, at, XmlElementPrelim::empty("paragraph"));
            let word = XmlTextPrelim::new(dice.pick(&WORDS));
            paragraph.insert(transaction, 0, word);
        }
        (1, Some(_)) => xml.remove_range(transaction, at as u32, 1),
        (2, Some(paragraph)) => {
            let align = dice.pick(&["left", "right"]);
            paragraph.insert_attribute(transaction, dice.pick(&["textAlign", "dir"]), align);
        }
        (_, Some(paragraph)) => edit_paragraph(&paragraph, transaction, dice),
    }
}

fn edit_paragraph(paragraph: &XmlElementRef, transaction: &mut TransactionMut<'_>, dice: &mut Dice) {
    let Some(text) = paragraph.get(transaction, 0).and_then(XmlOut::into_xml_text) else { return };
    match dice.below(6) {
        0 => remove(&text, transaction, dice),
        1 | 2 => {
            let (from, to) = span(&text, transaction, dice);
            let value = if dice.below(3) == 0 { Any::Null } else { Any::Bool(true) };
            text.format(transaction, from, to - from, Attrs::from([(Arc::from(dice.pick(&MARKS)), value)]));
        }
        3 => {
            let (at, _) = span(&text, transaction, dice);
            let marks = Attrs::from([(Arc::from(dice.pick(&MARKS)), Any::Bool(true))]);
            text.insert_with_attributes(transaction, at, dice.pick(&WORDS), marks);
        }
        _ => insert(&text, transaction, dice),
    }
}

fn insert(text: &impl Text, transaction: &mut TransactionMut<'_>, dice: &mut Dice) {
    let (at, _) = span(text, transaction, dice);
    text.insert(transaction, at, dice.pick(&WORDS));
}

fn remove(text: &impl Text, transaction: &mut TransactionMut<'_>, dice: &mut Dice) {
    let (from, to) = span(text, transaction, dice);
    text.remove_range(transaction, from, to - from);
}

/// Two positions that split no character, in UTF-16 units.
fn span(text: &impl Text, transaction: &TransactionMut<'_>, dice: &mut Dice) -> (u32, u32) {
    let mut borders = vec![0];
    for piece in text.diff(transaction, YChange::identity) {
        let Out::Any(Any::String(piece)) = piece.insert else { continue };
        for character in piece.chars() {
            borders.push(borders[borders.len() - 1] + character.len_utf16() as u32);
        }
    }
    let (one, other) = (borders[dice.below(borders.len())], borders[dice.below(borders.len())]);
    (one.min(other), one.max(other))
}

fn shown_node(node: &XmlOut, transaction: &impl ReadTxn) -> String {
    match node {
        XmlOut::Text(text) => shown_text(text, transaction),
        XmlOut::Fragment(_) => String::new(),
        XmlOut::Element(element) => {
            let attributes = element.attributes(transaction);
            let mut attributes: Vec<_> =
                attributes.map(|(key, value)| format!(" {key}={}", value.to_string(transaction))).collect();
            attributes.sort();
            let children: Vec<_> = element.children(transaction).map(|node| shown_node(&node, transaction)).collect();
            format!("<{}{}>{}</>", element.tag(), attributes.concat(), children.concat())
        }
    }
}

/// Runs of equal marks; how they are cut into items is not shown.
fn shown_text(text: &XmlTextRef, transaction: &impl ReadTxn) -> String {
    let mut shown = String::new();
    let mut marks_before = String::new();
    for piece in text.diff(transaction, YChange::identity) {
        let mut marks: Vec<_> = piece.attributes.iter().flat_map(|marks| marks.iter()).collect();
        marks.sort_by_key(|(mark, _)| *mark);
        let marks: Vec<_> = marks.iter().map(|(mark, value)| format!("{mark}={value}")).collect();
        let marks = format!("[{}]", marks.join(","));
        if marks != marks_before {
            shown.push_str(&marks);
        }
        shown.push_str(&piece.insert.to_string(transaction));
        marks_before = marks;
    }
    shown
}
