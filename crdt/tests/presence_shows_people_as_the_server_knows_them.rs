//! Presence: names from the server, ids that belong to people, removal, return, expiry, statuses, bounds.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod awareness;

use std::fmt::Write;

use awareness::{payload, read};
use crdt::presence::*;
use crdt::scan::Refusal;
use proptest::prelude::*;
use serde_json::{Value, json};

const ADA: u128 = 1;
const BOB: u128 = 2;

fn identity(person: u128) -> Identity {
    let name = if person == ADA { "Ada" } else { "Bob" };
    Identity { person, user: json!({"id": person as u64, "name": name, "color": "#123456"}) }
}

fn shown(entries: &[(u64, u64, Value)]) -> String {
    entries.iter().fold(String::new(), |mut out, (client, clock, state)| {
        let who = state["user"]["name"].as_str().unwrap_or("-");
        let status = state["user"]["status"].as_str().unwrap_or("gone");
        write!(out, "{client}@{clock} {who} {status}; ").unwrap();
        out
    })
}

fn everybody(presence: &Presence) -> String {
    shown(&read(&presence.everybody()))
}

fn changed(presence: &mut Presence) -> String {
    shown(&read(&presence.take_changed().unwrap_or_default()))
}

/// Ada on peer 10 with client 100 under clock 1, published.
fn with_ada() -> Presence {
    let mut presence = Presence::new();
    let announced = presence.announce(10, &identity(ADA), &payload(&[(100, 1, r#"{"cursor":1}"#)]), 0).unwrap();
    assert_eq!(announced.ids, [100]);
    assert_eq!(changed(&mut presence), "100@1 Ada online; ");
    presence
}

#[test]
fn the_name_is_the_servers_and_the_rest_the_clients() {
    let mut presence = Presence::new();
    let forged = r#"{"cursor":{"anchor":[1,"ß😀"]},"user":{"name":"Root","admin":true},"n":1.5}"#;
    presence.announce(10, &identity(ADA), &payload(&[(100, 7, forged)]), 0).unwrap();
    let expected = json!({
        "cursor": {"anchor": [1, "ß😀"]}, "n": 1.5,
        "user": {"id": 1, "name": "Ada", "color": "#123456", "status": "online"},
    });
    assert_eq!(read(&presence.everybody()), [(100, 7, expected.clone())]);
    assert_eq!(read(&presence.take_changed().unwrap()), [(100, 7, expected)]);
    assert_eq!(presence.take_changed(), None);

    let nameless = Identity { person: BOB, user: Value::Null };
    presence.announce(11, &nameless, &payload(&[(200, 1, r#"{"user":{"name":"Root"}}"#)]), 0).unwrap();
    let expected = json!({"user": {"status": "online"}});
    assert_eq!(read(&presence.take_changed().unwrap()), [(200, 1, expected)]);
}

#[test]
fn an_id_belongs_to_who_announced_it_first() {
    let mut presence = with_ada();
    // What stock clients do all day: Bob sends back what he received, and joins with his own.
    let relay = payload(&[(100, 1, r#"{"user":{"name":"Ada"}}"#), (200, 1, "{}")]);
    let announced = presence.announce(11, &identity(BOB), &relay, 0).unwrap();
    assert_eq!((announced.ids, announced.foreign), (vec![200], vec![]));
    assert_eq!(changed(&mut presence), "200@1 Bob online; ");

    // What a forger does.
    let forged = payload(&[(100, 5, r#"{"cursor":9}"#)]);
    let announced = presence.announce(11, &identity(BOB), &forged, 0).unwrap();
    assert_eq!((announced.ids, announced.foreign), (vec![], vec![100]));
    let announced = presence.announce(11, &identity(BOB), &payload(&[(100, 1, "null")]), 0).unwrap();
    assert_eq!((announced.ids, announced.foreign), (vec![], vec![]));
    assert_eq!(changed(&mut presence), "");
    assert_eq!(everybody(&presence), "100@1 Ada online; 200@1 Bob online; ");

    presence.forget(100);
    assert_eq!(everybody(&presence), "200@1 Bob online; ");
    presence.leave(10, 0);
    assert_eq!(shown(&read(&presence.tick(REMOVAL_WAIT_MS))), "");
}

#[test]
fn only_a_newer_clock_or_a_farewell_is_news() {
    let mut presence = with_ada();
    for (clock, json, expected) in [
        (1, r#"{"cursor":2}"#, ""),
        (0, r#"{"cursor":2}"#, ""),
        (0, "null", ""),
        (2, r#"{"cursor":2}"#, "100@2 Ada online; "),
        // A renewal is published too: its sender counts the echo as a sign of life.
        (3, r#"{"cursor":2}"#, "100@3 Ada online; "),
        (3, "null", "100@3 - gone; "),
        (4, "null", ""),
        (5, "{}", "100@5 Ada online; "),
        (6, "null", "100@6 - gone; "),
    ] {
        presence.announce(10, &identity(ADA), &payload(&[(100, clock, json)]), 0).unwrap();
        assert_eq!(changed(&mut presence), expected, "{clock} {json}");
    }
    assert_eq!(everybody(&presence), "");
    // The gone of somebody unknown is nothing.
    presence.announce(10, &identity(ADA), &payload(&[(101, 4, "null")]), 0).unwrap();
    assert_eq!(presence.take_changed(), None);
}

#[test]
fn who_leaves_is_removed_after_a_wait() {
    let mut presence = with_ada();
    presence.leave(10, 5_000);
    assert_eq!(presence.take_changed(), None);
    assert_eq!(everybody(&presence), "100@1 Ada online; ");
    assert_eq!(presence.next_deadline(), Some(5_000 + REMOVAL_WAIT_MS));
    assert!(presence.tick(5_000 + REMOVAL_WAIT_MS - 1).is_empty());
    assert_eq!(shown(&read(&presence.tick(5_000 + REMOVAL_WAIT_MS))), "100@1 - gone; ");
    assert_eq!(everybody(&presence), "");
}

#[test]
fn who_returns_within_the_wait_never_left() {
    let mut presence = with_ada();
    presence.leave(10, 5_000);
    let again = payload(&[(100, 1, r#"{"cursor":1}"#)]);
    let announced = presence.announce(12, &identity(ADA), &again, 6_000).unwrap();
    assert_eq!(announced.answer, None);
    assert!(presence.tick(20_000).is_empty());
    assert_eq!(everybody(&presence), "100@1 Ada online; ");
    presence.leave(12, 20_000);
    assert_eq!(shown(&read(&presence.tick(22_000))), "100@1 - gone; ");
}

#[test]
fn the_newer_connection_owns_the_entry() {
    // The new socket is there before the server hears of the old one's death.
    let mut presence = with_ada();
    presence.announce(12, &identity(ADA), &payload(&[(100, 1, r#"{"cursor":1}"#)]), 4_000).unwrap();
    presence.leave(10, 5_000);
    assert!(presence.tick(10_000).is_empty());
    assert_eq!(everybody(&presence), "100@1 Ada online; ");
    presence.leave(12, 10_000);
    assert_eq!(shown(&read(&presence.tick(12_000))), "100@1 - gone; ");
}

#[test]
fn who_returns_after_the_removal_is_told_and_visible_at_once() {
    let mut presence = with_ada();
    presence.leave(10, 5_000);
    presence.tick(7_000);
    for clock in [1, 0] {
        let late = payload(&[(100, clock, r#"{"cursor":1}"#)]);
        let announced = presence.announce(12, &identity(ADA), &late, 7_500).unwrap();
        assert_eq!(read(&announced.answer.unwrap()), [(100, 1, Value::Null)]);
        assert_eq!(presence.take_changed(), None);
    }
    // A stock client answers its own null with the next clock.
    let announced = presence.announce(12, &identity(ADA), &payload(&[(100, 2, r#"{"cursor":1}"#)]), 7_501).unwrap();
    assert_eq!((announced.ids, announced.answer), (vec![100], None));
    assert_eq!(changed(&mut presence), "100@2 Ada online; ");
}

#[test]
fn a_tab_repeated_by_its_sibling_still_leaves_alone() {
    let mut presence = with_ada();
    let second = payload(&[(101, 1, "{}")]);
    presence.announce(11, &identity(ADA), &second, 0).unwrap();
    // The first tab repeats the second: its echo, and, heard through the browser, a state that is news to the server.
    presence.announce(10, &identity(ADA), &second, 0).unwrap();
    presence.announce(10, &identity(ADA), &payload(&[(101, 2, r#"{"cursor":3}"#)]), 0).unwrap();
    // It also repeats a time-out that only it has seen.
    presence.announce(10, &identity(ADA), &payload(&[(101, 2, "null")]), 0).unwrap();
    assert_eq!(changed(&mut presence), "101@2 Ada online; ");
    presence.leave(11, 1_000);
    assert_eq!(shown(&read(&presence.tick(3_000))), "101@2 - gone; ");
    assert_eq!(everybody(&presence), "100@1 Ada online; ");
}

#[test]
fn who_is_not_heard_of_for_thirty_seconds_is_removed() {
    let mut presence = with_ada();
    presence.announce(10, &identity(ADA), &payload(&[(100, 2, r#"{"cursor":1}"#)]), 15_000).unwrap();
    assert_eq!(shown(&read(&presence.tick(RENEWAL_TIMEOUT_MS))), "100@2 Ada online; ");
    assert!(presence.tick(15_000 + RENEWAL_TIMEOUT_MS - 1).is_empty());
    assert_eq!(shown(&read(&presence.tick(15_000 + RENEWAL_TIMEOUT_MS))), "100@2 - gone; ");
    // The memory of it goes too, and then nothing is due.
    presence.tick(15_000 + RENEWAL_TIMEOUT_MS + REMOVED_KEEP_MS);
    assert_eq!(presence.next_deadline(), None);
}

#[test]
fn renewals_without_a_change_become_idle() {
    let mut presence = with_ada();
    let mut clock = 1;
    let mut renew = |presence: &mut Presence, now_ms: u64, json: &str| {
        clock += 1;
        presence.announce(10, &identity(ADA), &payload(&[(100, clock, json)]), now_ms).unwrap();
        changed(presence)
    };
    for now_ms in (15_000..IDLE_AFTER_MS).step_by(15_000) {
        assert!(renew(&mut presence, now_ms, r#"{"cursor":1}"#).ends_with("Ada online; "));
    }
    assert_eq!(renew(&mut presence, IDLE_AFTER_MS, r#"{"cursor":1}"#), "100@21 Ada idle; ");
    assert_eq!(renew(&mut presence, IDLE_AFTER_MS + 15_000, r#"{"cursor":2}"#), "100@22 Ada online; ");
}

#[test]
fn people_choose_their_status() {
    let mut presence = with_ada();
    let mut clock = 1;
    let mut renew = |presence: &mut Presence, now_ms: u64, json: &str| {
        clock += 1;
        let announced = presence.announce(10, &identity(ADA), &payload(&[(100, clock, json)]), now_ms).unwrap();
        assert_eq!(announced.ids, [100]);
        changed(presence)
    };
    presence.set_status(ADA, Status::Idle, 1_000);
    assert_eq!(everybody(&presence), "100@1 Ada idle; ");
    // Peers take it with the next clock; it stays, whatever he does.
    presence.take_changed();
    assert_eq!(renew(&mut presence, 2_000, r#"{"cursor":2}"#), "100@2 Ada idle; ");

    presence.set_status(ADA, Status::Offline, 3_000);
    assert_eq!(changed(&mut presence), "100@2 - gone; ");
    // His client answers its null with the next clock. Answering that again would go on for ever.
    assert_eq!(renew(&mut presence, 3_001, r#"{"cursor":2}"#), "");
    assert_eq!(renew(&mut presence, 18_000, r#"{"cursor":3}"#), "");
    assert_eq!(everybody(&presence), "");

    presence.set_status(ADA, Status::Online, 19_000);
    assert_eq!(changed(&mut presence), "100@4 Ada online; ");
    assert_eq!(renew(&mut presence, 20_000, r#"{"cursor":3}"#), "100@5 Ada online; ");

    // Chosen before he is there, and kept while he reloads.
    presence.set_status(BOB, Status::Idle, 20_000);
    presence.announce(11, &identity(BOB), &payload(&[(200, 1, "{}")]), 20_000).unwrap();
    assert_eq!(changed(&mut presence), "200@1 Bob idle; ");
    for status in [Status::Online, Status::Idle, Status::Offline] {
        assert_eq!(status.as_str().parse(), Ok(status));
    }
    assert_eq!("away".parse::<Status>(), Err(()));
}

#[test]
fn everything_has_a_bound() {
    let mut presence = Presence::new();
    let own =
        |from: u64, count: u64| payload(&(from..from + count).map(|client| (client, 1, "{}")).collect::<Vec<_>>());
    let announced = presence.announce(1, &identity(ADA), &own(0, 10), 0).unwrap();
    assert_eq!((announced.ids.len(), announced.dropped), (ENTRIES_PER_FRAME_MAX, 2));
    for from in [8, 16, 24, 32] {
        presence.announce(1, &identity(ADA), &own(from, 8), 0).unwrap();
    }
    assert_eq!(read(&presence.everybody()).len(), ENTRIES_PER_PEER_MAX);

    for frame in 0..ENTRIES_PER_ROOM_MAX as u64 / 8 + 10 {
        presence.announce(100 + frame / 4, &identity(BOB), &own(1_000 + frame * 8, 8), 0).unwrap();
    }
    assert_eq!(read(&presence.everybody()).len(), ENTRIES_PER_ROOM_MAX);

    let fits = format!(r#"{{"a":"{}"}}"#, "x".repeat(STATE_BYTES_MAX - 8));
    let mut presence = Presence::new();
    presence.announce(1, &identity(ADA), &payload(&[(1, 1, &fits)]), 0).unwrap();
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    for (bytes, refusal) in [
        (payload(&[(1, 2, &fits.replace("x\"", "xx\""))]), Refusal::TooLarge),
        (payload(&[(1, 2, "3")]), Refusal::InvalidJson),
        (payload(&[(1, 2, "{")]), Refusal::InvalidJson),
        (payload(&[(1, 2, &deep)]), Refusal::InvalidJson),
        (vec![], Refusal::Truncated),
        (vec![200, 1, 0, 0], Refusal::CountTooLarge),
        (vec![1, 1, 2, 3, b'{'], Refusal::Truncated),
        (vec![0, 0], Refusal::TrailingBytes),
        (own(1, ENTRIES_PER_ROOM_MAX as u64 + 1), Refusal::TooMany),
    ] {
        assert_eq!(presence.announce(1, &identity(ADA), &bytes, 0), Err(refusal));
    }
}

proptest! {
    #[test]
    fn random_payloads_never_panic(payload in prop::collection::vec(0u8..140, 0..60), now_ms in 0u64..100_000) {
        let mut presence = with_ada();
        let _ = presence.announce(11, &identity(BOB), &payload, now_ms);
        read(&presence.everybody());
        read(&presence.tick(now_ms));
    }
}
