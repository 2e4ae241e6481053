use std::task::Poll;
use std::time::Duration;

use acl::Role;
use storage::{Event, User, kind};

use crate::world::{World, on_every_engine};

async fn seen_by(world: &World, user: &User) -> Vec<Event> {
    world.storage.read_events_for(user.id, 0, 100, world.now()).await.unwrap().0
}

#[tokio::test]
async fn every_act_is_an_event_of_its_transaction() {
    on_every_engine(async |world| {
        let (alice, bob) = (world.person("alice").await, world.person("bob").await);
        let mut newest = world.storage.newest_event();
        assert_eq!(*newest.borrow_and_update(), 0);
        let id = world.document(&alice, "Plan").await;
        assert!(newest.has_changed().unwrap());
        assert_eq!(*newest.borrow_and_update(), 1);
        let by = alice.id.into();
        world.storage.rename_document(id, "Plan B", by, world.now()).await.unwrap();
        world.give(id, &bob, Role::Editor, &alice).await;
        // What changes nothing, and what is refused, is no event.
        world.give(id, &bob, Role::Editor, &alice).await;
        world.storage.remove_grant(id, alice.id, by, world.now()).await.unwrap_err();
        world.storage.remove_grant(id, bob.id, by, world.now()).await.unwrap();
        world.storage.trash_document(id, by, world.now()).await.unwrap();
        world.storage.restore_document(id, by, world.now()).await.unwrap();

        let events = world.storage.read_events(0, 100).await.unwrap();
        let expected = [
            kind::DOCUMENT_CREATED,
            kind::DOCUMENT_RENAMED,
            kind::GRANT_CHANGED,
            kind::GRANT_REVOKED,
            kind::DOCUMENT_TRASHED,
            kind::DOCUMENT_RESTORED,
        ];
        assert_eq!(events.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(), expected);
        for (number, event) in events.iter().enumerate() {
            assert_eq!((event.seq, event.document, event.actor), (number as i64 + 1, Some(id), Some(by)));
        }
        assert_eq!(events[1].payload["title"], "Plan B");
        assert_eq!((&events[2].payload["role"], events[2].subject), (&"editor".into(), Some(bob.id)));
        assert_eq!(*newest.borrow_and_update(), 6);
        assert_eq!(world.storage.read_events(2, 3).await.unwrap(), events[2..5]);
        assert_eq!(*world.restarted().await.newest_event().borrow(), 6);
    })
    .await;
}

#[tokio::test]
async fn people_hear_of_their_documents_and_of_themselves() {
    on_every_engine(async |world| {
        let (alice, bob, carol) = (world.person("alice").await, world.person("bob").await, world.person("carol").await);
        let plan = world.document(&alice, "Plan").await;
        let diary = world.document(&alice, "Diary").await;
        world.give(plan, &bob, Role::Viewer, &alice).await;
        world.give(diary, &carol, Role::Viewer, &alice).await;
        world.storage.remove_grant(diary, carol.id, alice.id.into(), world.now()).await.unwrap();
        world.storage.rename_document(diary, "Secret", alice.id.into(), world.now()).await.unwrap();

        assert_eq!(seen_by(world, &alice).await.len(), 6);
        let his = seen_by(world, &bob).await;
        assert!(his.iter().all(|event| event.document == Some(plan)), "{his:?}");
        assert_eq!(his.len(), 2);
        let hers = seen_by(world, &carol).await;
        let kinds: Vec<&str> = hers.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(kinds, [kind::GRANT_CHANGED, kind::GRANT_REVOKED]);
        // A page in which she may see nothing still moves her on.
        let (events, position) = world.storage.read_events_for(carol.id, 5, 100, world.now()).await.unwrap();
        assert_eq!((events, position), (vec![], 6));
    })
    .await;
}

#[tokio::test]
async fn edits_are_told_once_for_each_person_and_sweep() {
    on_every_engine(async |world| {
        let (alice, bob) = (world.person("alice").await, world.person("bob").await);
        let (plan, diary) = (world.document(&alice, "Plan").await, world.document(&alice, "Diary").await);
        world.give(plan, &bob, Role::Editor, &alice).await;
        assert_eq!(world.storage.note_edits(10).await.unwrap(), 0);
        for _ in 0..3 {
            world.write(plan, &alice, b"a").await;
            world.write(plan, &bob, b"b").await;
        }
        world.write(diary, &alice, b"c").await;
        let begun = *world.storage.newest_event().borrow();
        // One document at a time, until nothing is left.
        assert_eq!(world.storage.note_edits(1).await.unwrap(), 1);
        assert_eq!(world.storage.note_edits(1).await.unwrap(), 1);
        assert_eq!(world.storage.note_edits(1).await.unwrap(), 0);
        let told = world.storage.read_events(begun, 100).await.unwrap();
        let mut found: Vec<_> =
            told.iter().map(|e| (e.document.unwrap(), e.actor.unwrap(), e.payload["seq"].as_i64().unwrap())).collect();
        found.sort();
        let mut expected = [(plan, alice.id.into(), 5), (plan, bob.id.into(), 6), (diary, alice.id.into(), 1)];
        expected.sort();
        assert_eq!(found, expected);
        assert!(told.iter().all(|event| event.kind == kind::DOCUMENT_EDITED));
        assert_eq!(*world.storage.newest_event().borrow(), begun + 3);

        world.write(plan, &bob, b"d").await;
        assert_eq!(world.storage.note_edits(10).await.unwrap(), 1);
        assert_eq!(world.storage.read_events(begun + 3, 100).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_event_is_announced_even_if_its_caller_has_gone() {
    on_every_engine(async |world| {
        let alice = world.person("alice").await;
        let id = world.document(&alice, "Plan").await;
        let newest = world.storage.newest_event();
        let mut cut_short = 0;
        // A request is dropped at one of the points where it waits for something. How many there are depends on who is
        // faster, so all are tried often.
        for round in 0..400 {
            let (waits_max, title, now) = (round % 20, format!("{round}"), world.now());
            let mut act = Box::pin(world.storage.rename_document(id, &title, alice.id.into(), now));
            let mut waits = 0;
            let heard = std::future::poll_fn(|context| match act.as_mut().poll(context) {
                Poll::Ready(_) => Poll::Ready(true),
                Poll::Pending if waits == waits_max => Poll::Ready(false),
                Poll::Pending => {
                    waits += 1;
                    Poll::Pending
                }
            })
            .await;
            drop(act);
            // The next writer comes after it, whatever becomes of it.
            world.storage.put_setting("order", Some("kept")).await.unwrap();
            let events = world.storage.read_events(0, 1_000).await.unwrap();
            let last = events.last().unwrap().seq;
            let mut newest = newest.clone();
            let told = newest.wait_for(|seq| *seq == last);
            tokio::time::timeout(Duration::from_secs(5), told).await.expect("nobody was told").unwrap();
            cut_short += usize::from(!heard && events.last().unwrap().payload["title"] == title.as_str());
            if cut_short == 5 {
                break;
            }
        }
        println!("{cut_short} acts were committed after their caller had gone");
        assert_eq!(cut_short, 5);
    })
    .await;
}
