use std::task::Poll;
use std::time::Instant;

use acl::{ActorId, DocumentId, LinkId, Moment, Role};
use storage::{Append, Appended, OpenError, Seq, UpdateKind};
use uuid::Uuid;

use crate::world::{append, committed, on_every_engine};

#[tokio::test]
async fn rows_come_back_as_they_were_written() {
    on_every_engine(async |world| {
        let alice = world.person("alice").await;
        let document = world.document(&alice, "Plan").await;
        let mut first = append(document, 0, alice.id, &[b"one", b"two"]);
        first.rows[1].on_behalf_of = Some(ActorId::from_uuid(Uuid::from_u128(8)));
        first.rows[1].via_link = Some(LinkId::from_uuid(Uuid::from_u128(9)));
        first.rows[1].kind = UpdateKind::Import;
        // A clock that went back does not take history along.
        first.rows[1].at = Moment(5);
        let appended = world.storage.append(std::slice::from_ref(&first)).await.unwrap();
        assert_eq!(appended, [committed(1, 2)]);

        let before = world.storage.open_log(document).await.unwrap();
        let storage = world.restarted().await;
        let log = storage.open_log(document).await.unwrap();
        assert_eq!((&log.head, &log.rows), (&before.head, &before.rows));
        assert_eq!((log.head.seq, log.head.tail_bytes, log.head.snapshot), (Seq(2), 6, None));
        assert_eq!(log.rows.len(), 2);
        for (logged, row) in log.rows.iter().zip(&first.rows) {
            assert_eq!(
                (logged.actor, logged.on_behalf_of, logged.via_link),
                (row.actor, row.on_behalf_of, row.via_link)
            );
            assert_eq!((logged.connection, logged.kind, &logged.bytes), (row.connection, row.kind, &row.bytes));
            assert_eq!((&logged.ranges, logged.at), (&row.ranges, first.rows[0].at));
        }
        assert_eq!(storage.verify_log(document).await.unwrap(), Some(Ok(Seq(2))));
    })
    .await;
}

#[tokio::test]
async fn each_room_is_told_what_became_of_its_part() {
    on_every_engine(async |world| {
        let alice = world.person("alice").await;
        let bob = world.person("bob").await;
        let mut documents = vec![];
        for title in ["fine", "behind", "rights", "foreign", "trashed", "fine too"] {
            documents.push(world.document(&alice, title).await);
        }
        let [fine, behind, rights, foreign, trashed, fine_too] = documents[..] else { unreachable!() };
        let missing = DocumentId::from_uuid(Uuid::now_v7());
        world.write(behind, &alice, b"x").await;
        world.give(rights, &bob, Role::Editor, &alice).await;
        let claim = Append { claims: vec![(77, bob.id.into())], ..append(foreign, 0, bob.id, &[b"his"]) };
        assert_eq!(world.storage.append(&[claim]).await.unwrap(), [committed(1, 1)]);
        world.storage.trash_document(trashed, alice.id.into(), world.now()).await.unwrap();

        let bytes: &[&[u8]] = &[b"a"];
        let batch = [
            append(fine, 0, alice.id, bytes),
            append(behind, 0, alice.id, bytes),
            append(rights, 0, alice.id, bytes),
            Append {
                claims: vec![(76, alice.id.into()), (77, alice.id.into())],
                ..append(foreign, 1, alice.id, bytes)
            },
            append(trashed, 0, alice.id, bytes),
            append(missing, 0, alice.id, bytes),
            append(fine_too, 0, alice.id, &[b"a", b"b", b"c"]),
        ];
        let expected = [
            committed(1, 1),
            Appended::Behind { seq: Seq(1) },
            Appended::RightsChanged { acl_version: 1 },
            Appended::Foreign(vec![(77, bob.id.into())]),
            Appended::Gone,
            Appended::Gone,
            committed(1, 3),
        ];
        assert_eq!(world.storage.append(&batch).await.unwrap(), expected);

        // The parts that were left out left nothing: the other client id of the refused part is still free.
        assert_eq!(world.storage.open_log(foreign).await.unwrap().head.seq, Seq(1));
        let claim = Append { claims: vec![(76, bob.id.into())], ..append(foreign, 1, bob.id, &[]) };
        assert_eq!(world.storage.append(&[claim]).await.unwrap(), [committed(2, 1)]);
        assert!(matches!(world.storage.open_log(trashed).await, Err(OpenError::Gone)));
        assert!(matches!(world.storage.open_log(missing).await, Err(OpenError::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn a_client_id_belongs_to_who_claimed_it_first() {
    on_every_engine(async |world| {
        let alice = world.person("alice").await;
        let bob = world.person("bob").await;
        let (one, two) = (world.document(&alice, "one").await, world.document(&alice, "two").await);
        let claim = |document, client, actor: ActorId| Append {
            claims: vec![(client, actor)],
            ..append(document, 0, alice.id, &[])
        };
        let (hers, his) = (alice.id.into(), bob.id.into());
        // The largest id that fits Yjs' encoding, and the same id in another document.
        let largest = (1 << 53) - 1;
        let batch = [claim(one, largest, hers), claim(one, largest, hers), claim(two, largest, his)];
        assert_eq!(world.storage.append(&batch).await.unwrap(), vec![committed(1, 0); 3]);
        let again = world.storage.append(&[claim(one, largest, his), claim(two, largest, his)]).await.unwrap();
        assert_eq!(again, [Appended::Foreign(vec![(largest, hers)]), committed(1, 0)]);
        // Two people in one batch: the first has it.
        let batch = [claim(one, 5, his), claim(one, 5, hers), claim(one, u64::MAX, hers)];
        let both = world.storage.append(&batch).await.unwrap();
        assert_eq!(both, [committed(1, 0), Appended::Foreign(vec![(5, his)]), committed(1, 0)]);
    })
    .await;
}

#[tokio::test]
async fn of_two_writers_at_one_head_one_is_behind() {
    on_every_engine(async |world| {
        let alice = world.person("alice").await;
        let document = world.document(&alice, "Plan").await;
        // Two nodes over one database, and two tasks of one node.
        let nodes = [world.storage.clone(), world.storage.clone(), world.another().await];
        let mut behind = 0;
        let rounds = 20;
        for round in 0..rounds {
            let attempts = nodes.clone().map(|node| {
                let part = append(document, round, alice.id, &[b"x"]);
                tokio::spawn(async move { node.append(&[part]).await.unwrap().remove(0) })
            });
            let mut won = 0;
            for attempt in attempts {
                match attempt.await.unwrap() {
                    Appended::Committed { last, .. } => won += i64::from(last == Seq(round + 1)),
                    Appended::Behind { seq } => behind += i64::from(seq == Seq(round + 1)),
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(won, 1);
        }
        println!("{behind} of {} appends came second", 3 * rounds);
        assert_eq!(behind, 2 * rounds);
        assert_eq!(world.storage.verify_log(document).await.unwrap(), Some(Ok(Seq(rounds))));
    })
    .await;
}

#[tokio::test]
async fn one_poisoned_document_fails_alone() {
    on_every_engine(async |world| {
        let alice = world.person("alice").await;
        let mut documents = vec![];
        for number in 0..20 {
            documents.push(world.document(&alice, &format!("{number}")).await);
        }
        world.write(documents[7], &alice, b"x").await;
        // The row stays, the head forgets it: the next insert meets a primary key.
        assert_eq!(world.tamper("update document_heads set seq = 0 where seq = 1").await, 1);
        let batch: Vec<Append> = documents.iter().map(|document| append(*document, 0, alice.id, &[b"y"])).collect();
        let appended = world.storage.append(&batch).await.unwrap();
        for (number, appended) in appended.iter().enumerate() {
            let expected = if number == 7 { Appended::Failed } else { committed(1, 1) };
            assert_eq!(*appended, expected, "document {number}");
        }
        assert!(world.storage.append(&batch[7..8]).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn reading_on_gives_every_row_once_within_its_bytes() {
    on_every_engine(async |world| {
        let alice = world.person("alice").await;
        let document = world.document(&alice, "Plan").await;
        let rows: Vec<Vec<u8>> =
            (0..50).map(|number: u8| vec![number; if number == 20 { 5_000 } else { 100 }]).collect();
        let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
        assert_eq!(world.storage.append(&[append(document, 0, alice.id, &rows)]).await.unwrap(), [committed(1, 50)]);
        let (mut since, mut read, mut oversized) = (Seq(0), 0, 0);
        loop {
            let page = world.storage.read_since(document, since, 1_000).await.unwrap();
            let Some(last) = page.last() else { break };
            let bytes: usize = page.iter().map(|row| row.bytes.len()).sum();
            assert!(bytes <= 1_000 || page.len() == 1, "{bytes} bytes in {} rows", page.len());
            oversized += usize::from(bytes > 1_000);
            for row in &page {
                read += 1;
                assert_eq!(row.seq, Seq(read));
                assert_eq!(row.bytes, rows[row.seq.0 as usize - 1]);
            }
            since = last.seq;
        }
        assert_eq!((read, oversized), (50, 1));
    })
    .await;
}

#[tokio::test]
async fn batches_of_any_size_go_through_in_one_commit() {
    on_every_engine(async |world| {
        let alice = world.person("alice").await;
        let mut documents = vec![];
        for number in 0..200 {
            documents.push(world.document(&alice, &format!("{number}")).await);
        }
        let mut heads = vec![0; documents.len()];
        let typed = [7; 120];
        for size in [1, 8, 200] {
            let rounds = 20;
            let mut times = vec![];
            for round in 0..rounds {
                let part = |number: usize| Append {
                    claims: if round == 0 { vec![(size as u64, alice.id.into())] } else { vec![] },
                    ..append(documents[number], heads[number], alice.id, &[&typed])
                };
                let batch: Vec<Append> = (0..size).map(part).collect();
                let begun = Instant::now();
                let appended = world.storage.append(&batch).await.unwrap();
                times.push(begun.elapsed());
                for (number, appended) in appended.into_iter().enumerate() {
                    heads[number] += 1;
                    assert_eq!(appended, committed(heads[number], heads[number]));
                }
            }
            times.sort();
            println!("{size} documents a batch: median {:?}, slowest {:?}", times[rounds / 2], times[rounds - 1]);
        }
        for (document, head) in documents.iter().zip(heads) {
            assert_eq!(world.storage.verify_log(*document).await.unwrap(), Some(Ok(Seq(head))));
        }
    })
    .await;
}

#[tokio::test]
async fn while_another_process_holds_the_writer_every_room_is_told_busy() {
    on_every_engine(async |world| {
        let alice = world.person("alice").await;
        let (one, two) = (world.document(&alice, "one").await, world.document(&alice, "two").await);
        let batch = [append(one, 0, alice.id, &[b"x"]), append(two, 0, alice.id, &[b"y"])];
        let other_process = world.hold_the_writer().await;
        assert_eq!(world.storage.append(&batch).await.unwrap(), [Appended::Busy, Appended::Busy]);
        // Readers are held up by nobody.
        assert_eq!(world.storage.open_log(one).await.unwrap().head.seq, Seq(0));
        drop(other_process);
        assert_eq!(world.storage.append(&batch).await.unwrap(), [committed(1, 1), committed(1, 1)]);
    })
    .await;
}

#[tokio::test]
async fn an_append_whose_caller_has_gone_is_whole_or_never_was() {
    on_every_engine(async |world| {
        let alice = world.person("alice").await;
        let (one, two) = (world.document(&alice, "one").await, world.document(&alice, "two").await);
        let (mut head, mut kept, mut undone) = (0, 0, 0);
        for round in 0..300 {
            let waits_max = round % 12;
            // More rows than one statement takes, so that there is a wait between two of them.
            let rows = vec![b"x".as_slice(); 150];
            let batch = [append(one, head, alice.id, &rows), append(two, head, alice.id, &rows)];
            let mut act = Box::pin(world.storage.append(&batch));
            let mut waits = 0;
            std::future::poll_fn(|context| match act.as_mut().poll(context) {
                Poll::Pending if waits < waits_max => {
                    waits += 1;
                    Poll::Pending
                }
                _ => Poll::Ready(()),
            })
            .await;
            drop(act);
            // Nobody in this process writes again, and still another process can.
            drop(world.hold_the_writer().await);
            let heads: Vec<i64> =
                world.storage.versions(&[one, two]).await.unwrap().iter().map(|version| version.seq.0).collect();
            assert_eq!(heads[0], heads[1]);
            kept += usize::from(heads[0] == head + 150);
            undone += usize::from(heads[0] == head);
            head = heads[0];
        }
        println!("{kept} were kept, {undone} never were");
        assert!(kept > 0 && undone > 0 && kept + undone == 300, "{kept} were kept, {undone} never were");
        assert_eq!(
            world.storage.append(&[append(one, head, alice.id, &[b"y"])]).await.unwrap(),
            [committed(head + 1, head + 1)]
        );
        assert_eq!(world.storage.verify_log(one).await.unwrap(), Some(Ok(Seq(head + 1))));
    })
    .await;
}
