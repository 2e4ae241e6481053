//! Frames made by the stock packages' own encoders decode to what they say, and ours are those bytes.
//!
//! Golden bytes: yjs 13.6.33, lib0 0.2.120, y-protocols 1.0.7 (`writeSyncStep1`, `writeSyncStep2`, `writeUpdate`,
//! `encodeAwarenessUpdate`, `writePermissionDenied`) and @hocuspocus/common 4.8.0 (`writeAuthentication`,
//! `writeAuthenticated`, `writePermissionDenied`, `writeTokenSyncRequest`), put together as y-websocket 3.1.0,
//! @hocuspocus/provider 4.8.0 and @y-sweet/client 0.9.1 do. The document: client 3735928559, text `t` = "aß😀"; its
//! presence: `{"user":{"name":"Ada"}}` under clock 1; the Hocuspocus address: `notes NUL s1`.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use crdt::frame::{self, Dialect, Frame, Message, decode};
use crdt::ranges::StateVector;
use crdt::row;
use crdt::scan::Refusal;
use proptest::prelude::*;

const UPDATE: &str = "0101effdb6f50d00040101740761c39ff09f988000";
const PRESENCE: &str = "01effdb6f50d01177b2275736572223a7b226e616d65223a22416461227d7d";
const ADDRESS: &str = "notes\0s1";

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn vector() -> StateVector {
    StateVector::from_iter([(3_735_928_559, 4)])
}

/// The same message behind the Hocuspocus address.
fn behind_address(hex: &str) -> String {
    format!("086e6f746573007331{hex}")
}

#[test]
fn what_every_dialect_says() {
    let update = bytes(UPDATE);
    let payload = bytes(PRESENCE);
    let cases = [
        ("00000701effdb6f50d04".to_string(), Message::SyncStep1(vector()), frame::sync_step1(&vector())),
        ("00000100".to_string(), Message::SyncStep1(StateVector::new()), frame::sync_step1(&StateVector::new())),
        (format!("000115{UPDATE}"), Message::SyncStep2(&update), frame::sync_step2(&update)),
        (format!("000215{UPDATE}"), Message::Update(&update), frame::update(&update)),
        (format!("011f{PRESENCE}"), Message::Presence(&payload), frame::presence(&payload)),
        ("0002020000".to_string(), Message::Update(&[0, 0]), frame::heartbeat()),
        ("03".to_string(), Message::QueryPresence, vec![3]),
    ];
    for (golden, message, ours) in cases {
        let plain = bytes(&golden);
        assert_eq!(ours, plain);
        for dialect in [Dialect::YWebsocket, Dialect::YSweet] {
            assert_eq!(decode(dialect, &plain), Ok(Frame { address: "", message: message.clone() }));
        }
        let addressed = bytes(&behind_address(&golden));
        assert_eq!(frame::addressed(ADDRESS, &ours), addressed);
        assert_eq!(decode(Dialect::Hocuspocus, &addressed), Ok(Frame { address: ADDRESS, message }));
    }
}

#[test]
fn what_only_hocuspocus_says() {
    let cases = [
        ("02000474c3b66b05342e382e30", Message::Token { token: "tök", version: Some("4.8.0") }),
        ("020000", Message::Token { token: "", version: None }),
        ("05077b226e223a317d", Message::Stateless("{\"n\":1}")),
        ("07", Message::Detach),
    ];
    for (golden, message) in cases {
        let addressed = bytes(&behind_address(golden));
        assert_eq!(decode(Dialect::Hocuspocus, &addressed), Ok(Frame { address: ADDRESS, message }));
        let plain = bytes(golden);
        assert_eq!(
            decode(Dialect::YWebsocket, &plain),
            Err(Refusal::UnknownMessage),
            "kind {golden} is Hocuspocus's own"
        );
    }
    assert_eq!(decode(Dialect::Hocuspocus, &[10]), Ok(Frame { address: "", message: Message::Pong }));

    assert_eq!(frame::authenticated(ADDRESS, true), bytes(&behind_address("02020a726561642d7772697465")));
    assert_eq!(frame::authenticated(ADDRESS, false), bytes(&behind_address("020208726561646f6e6c79")));
    let denied = bytes(&behind_address("0201117065726d697373696f6e2d64656e696564"));
    assert_eq!(frame::authentication_failed(ADDRESS, "permission-denied"), denied);
    assert_eq!(frame::token_request(ADDRESS), bytes(&behind_address("0200")));
    assert_eq!(frame::acknowledge(ADDRESS, true), bytes(&behind_address("0801")));
    assert_eq!(frame::acknowledge(ADDRESS, false), bytes(&behind_address("0800")));
    assert_eq!(frame::close(ADDRESS, "signed_out"), bytes(&behind_address("070a7369676e65645f6f7574")));
    assert_eq!(frame::stateless(ADDRESS, "{\"n\":1}"), bytes(&behind_address("05077b226e223a317d")));
    assert_eq!(frame::ping(), [9]);
}

#[test]
fn what_only_y_sweet_says() {
    let status = bytes("6602ac02");
    let expected = Frame { address: "", message: Message::SyncStatus(&[0xac, 0x02]) };
    assert_eq!(decode(Dialect::YSweet, &status), Ok(expected));
    assert_eq!(frame::sync_status(&[0xac, 0x02]), status);
    assert_eq!(decode(Dialect::YWebsocket, &status), Err(Refusal::UnknownMessage));

    // Its answer to a query is a query with a body; nobody else sends one.
    let query = bytes(&format!("031f{PRESENCE}"));
    assert_eq!(decode(Dialect::YSweet, &query), Ok(Frame { address: "", message: Message::QueryPresence }));
    assert_eq!(decode(Dialect::YWebsocket, &query), Err(Refusal::TrailingBytes));
    assert_eq!(frame::permission_denied("signed out"), bytes("02000a7369676e6564206f7574"));
}

#[test]
fn what_nobody_says_is_refused() {
    let long_address = [vec![0x81, 0x08], vec![b'a'; frame::ADDRESS_BYTES_MAX + 1], vec![3]].concat();
    let long_status = [vec![102, 17], vec![0; 17]].concat();
    let cases: [(Dialect, Vec<u8>, Refusal); 14] = [
        (Dialect::YWebsocket, vec![], Refusal::Truncated),
        (Dialect::YWebsocket, vec![0], Refusal::Truncated),
        (Dialect::YWebsocket, vec![0, 0, 1], Refusal::Truncated),
        (Dialect::YWebsocket, vec![0, 2, 3, 0, 0], Refusal::Truncated),
        (Dialect::YWebsocket, vec![0, 2, 2, 0, 0, 0], Refusal::TrailingBytes),
        (Dialect::YWebsocket, vec![0, 3, 0], Refusal::UnknownMessage),
        (Dialect::YWebsocket, vec![2, 0, 0], Refusal::UnknownMessage),
        (Dialect::YWebsocket, vec![0x80, 0x80, 0x04], Refusal::UnknownMessage),
        (Dialect::YWebsocket, vec![0, 0, 5, 0x80, 0x94, 0xeb, 0xdc, 0x03], Refusal::CountTooLarge),
        (Dialect::Hocuspocus, vec![9], Refusal::Truncated),
        (Dialect::Hocuspocus, vec![1, 0xff, 3], Refusal::InvalidUtf8),
        (Dialect::Hocuspocus, vec![1, b'a', 2, 2, 0], Refusal::UnknownMessage),
        (Dialect::Hocuspocus, long_address, Refusal::TooLarge),
        (Dialect::YSweet, long_status, Refusal::TooLarge),
    ];
    for (dialect, frame, refusal) in cases {
        assert_eq!(decode(dialect, &frame), Err(refusal), "{dialect:?} {frame:?}");
    }
}

#[test]
fn encoders_reserve_what_they_need_and_no_more() {
    for length in [0, 1, 127, 128, 16_383, 16_384, 300_000] {
        let frame = frame::sync_step2(&vec![7; length]);
        assert_eq!(frame.capacity(), frame.len());
    }
}

fn any_dialect() -> impl Strategy<Value = Dialect> {
    prop_oneof![Just(Dialect::YWebsocket), Just(Dialect::Hocuspocus), Just(Dialect::YSweet)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(dialect in any_dialect(), frame in prop::collection::vec(any::<u8>(), 0..64)) {
        // Small first bytes reach the bodies; a fully random kind is nearly always unknown.
        let mut tamed = frame.clone();
        tamed.iter_mut().take(4).for_each(|byte| *byte %= 11);
        let _ = decode(dialect, &frame);
        let _ = decode(dialect, &tamed);
        let _ = row::unpack(&frame);
    }

    #[test]
    fn what_is_written_is_read(
        dialect in any_dialect(),
        address in "\\PC{1,40}",
        body in prop::collection::vec(any::<u8>(), 0..300),
        clocks in prop::collection::btree_map(0u64..1 << 53, 1u32..1 << 31, 0..20),
        which in 0..4,
    ) {
        let vector = StateVector::from_iter(clocks);
        let (plain, message) = match which {
            0 => (frame::sync_step1(&vector), Message::SyncStep1(vector)),
            1 => (frame::sync_step2(&body), Message::SyncStep2(&body)),
            2 => (frame::update(&body), Message::Update(&body)),
            _ => (frame::presence(&body), Message::Presence(&body)),
        };
        let is_addressed = dialect == Dialect::Hocuspocus;
        let frame = if is_addressed { frame::addressed(&address, &plain) } else { plain };
        let address = if is_addressed { address.as_str() } else { "" };
        prop_assert_eq!(decode(dialect, &frame), Ok(Frame { address, message }));
    }

    #[test]
    fn what_is_packed_is_unpacked(updates in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20)) {
        let row = row::pack(updates.iter().map(Vec::as_slice));
        prop_assert_eq!(row::unpack(&row), Ok(updates.iter().map(Vec::as_slice).collect()));
        if let Some(cut) = row.len().checked_sub(1).filter(|_| updates.last().is_some_and(|last| !last.is_empty())) {
            prop_assert_eq!(row::unpack(&row[..cut]), Err(Refusal::Truncated));
        }
    }
}
