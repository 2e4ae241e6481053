use acl::DocumentId;
use acl::audit::Broken;
use bytes::Bytes;
use storage::{OpenError, Seq};
use uuid::Uuid;

use crate::world::{World, append, committed, on_every_engine};

async fn written(world: &World, rows: i64) -> DocumentId {
    let alice = world.person("alice").await;
    let document = world.document(&alice, "Plan").await;
    for page in 0..rows / 100 {
        let rows = vec![b"row".as_slice(); 100];
        let appended = world.storage.append(&[append(document, page * 100, alice.id, &rows)]).await.unwrap();
        assert_eq!(appended, [committed(page * 100 + 1, page * 100 + 100)]);
    }
    document
}

#[tokio::test]
async fn a_thousand_rows_are_one_chain() {
    on_every_engine(async |world| {
        let document = written(world, 1_000).await;
        assert_eq!(world.storage.verify_log(document).await.unwrap(), Some(Ok(Seq(1_000))));
        assert_eq!(world.storage.open_log(document).await.unwrap().rows.len(), 1_000);
        let nobody = DocumentId::from_uuid(Uuid::now_v7());
        assert_eq!(world.storage.verify_log(nobody).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn every_way_to_touch_a_row_is_found() {
    let cases = [
        ("update updates set bytes = x'00' where seq = 150", Broken::Changed { seq: 150 }),
        (
            "update updates set actor_id = x'00000000000000000000000000000001' where seq = 150",
            Broken::Changed { seq: 150 },
        ),
        ("update updates set at = at + 1 where seq = 150", Broken::Changed { seq: 150 }),
        ("update updates set kind = 'import' where seq = 150", Broken::Changed { seq: 150 }),
        ("delete from updates where seq = 150", Broken::Gap { after: 149 }),
        ("delete from updates where seq = 200", Broken::Gap { after: 199 }),
        ("update document_heads set chain_hash = zeroblob(32)", Broken::Changed { seq: 200 }),
        ("update document_heads set seq = 201", Broken::Gap { after: 200 }),
    ];
    for (sql, broken) in cases {
        on_every_engine(async |world| {
            let document = written(world, 200).await;
            assert_eq!(world.tamper(sql).await, 1, "{sql}");
            assert_eq!(world.storage.verify_log(document).await.unwrap(), Some(Err(broken)), "{sql}");
            let refused = world.storage.open_log(document).await;
            assert!(matches!(refused, Err(OpenError::Damaged(found)) if found == broken), "{sql}: {refused:?}");
        })
        .await;
    }
}

#[tokio::test]
async fn the_rows_after_a_snapshot_are_chained_to_it() {
    on_every_engine(async |world| {
        let document = written(world, 200).await;
        world.storage.put_snapshot(document, Seq(120), Bytes::from_static(b"s"), world.now()).await.unwrap();
        let log = world.storage.open_log(document).await.unwrap();
        assert_eq!((log.rows.len(), log.rows[0].seq, log.head.tail_bytes), (80, Seq(121), 240));
        // All rows after the snapshot swapped for a chain of their own would still hang on nothing.
        assert_eq!(world.tamper("update document_heads set snapshot_chain_hash = zeroblob(32)").await, 1);
        let refused = world.storage.open_log(document).await;
        assert!(matches!(refused, Err(OpenError::Damaged(Broken::Changed { seq: 121 }))), "{refused:?}");
    })
    .await;
}
