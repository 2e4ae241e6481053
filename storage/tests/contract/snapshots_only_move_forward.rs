use bytes::Bytes;
use storage::{Seq, StorageError};

use crate::world::on_every_engine;

#[tokio::test]
async fn an_older_snapshot_never_replaces_a_newer_one() {
    on_every_engine(async |world| {
        let alice = world.person("alice").await;
        let document = world.document(&alice, "Plan").await;
        for _ in 0..5 {
            world.write(document, &alice, b"12345678").await;
        }
        let put = async |seq, bytes| world.storage.put_snapshot(document, Seq(seq), bytes, world.now()).await;
        let three = put(3, Bytes::from_static(b"three")).await.unwrap().unwrap();
        assert_eq!(put(2, Bytes::from_static(b"two")).await.unwrap(), None);
        assert_eq!(put(3, Bytes::from_static(b"three")).await.unwrap(), None, "no key is ever reused");
        let log = world.storage.open_log(document).await.unwrap();
        assert_eq!((log.head.snapshot.as_ref(), log.head.tail_bytes, log.rows.len()), (Some(&three), 16, 2));
        assert_eq!(world.storage.get_snapshot(&three).await.unwrap(), "three");

        let five = put(5, Bytes::from_static(b"five")).await.unwrap().unwrap();
        let log = world.restarted().await.open_log(document).await.unwrap();
        assert_eq!((log.head.snapshot.as_ref(), log.head.tail_bytes, log.rows.len()), (Some(&five), 0, 0));
        assert_eq!(world.another().await.get_snapshot(&five).await.unwrap(), "five");
        // Only dead attempts may ever be swept: one older, one equal, one overtaken.
        assert_eq!(world.tamper("delete from snapshot_attempts where state = 'dead'").await, 3);
        assert_eq!(world.tamper("delete from snapshot_attempts where state = 'current'").await, 1);
        assert_eq!(world.tamper("delete from snapshot_attempts").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_snapshot_beyond_the_log_is_refused() {
    on_every_engine(async |world| {
        let alice = world.person("alice").await;
        let document = world.document(&alice, "Plan").await;
        world.write(document, &alice, b"x").await;
        let beyond = world.storage.put_snapshot(document, Seq(2), Bytes::from_static(b"s"), world.now()).await;
        assert!(matches!(beyond, Err(StorageError::Damaged(_))), "{beyond:?}");
        assert_eq!(world.storage.open_log(document).await.unwrap().head.snapshot, None);
    })
    .await;
}

#[tokio::test]
async fn a_snapshot_that_cannot_be_written_leaves_the_old_one() {
    on_every_engine(async |world| {
        let alice = world.person("alice").await;
        let document = world.document(&alice, "Plan").await;
        world.write(document, &alice, b"x").await;
        let put = async |bytes| world.storage.put_snapshot(document, Seq(1), bytes, world.now()).await;
        // A file stands where the folder of the document's objects should be.
        let folder = world.folder.path().join("objects/documents");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(document.to_string()), b"in the way").unwrap();
        let refused = put(Bytes::from_static(b"one")).await;
        assert!(matches!(refused, Err(StorageError::Objects(_))), "{refused:?}");
        let head = world.storage.open_log(document).await.unwrap().head;
        assert_eq!((head.snapshot, head.tail_bytes), (None, 1));

        std::fs::remove_file(folder.join(document.to_string())).unwrap();
        let pointer = put(Bytes::from_static(b"one")).await.unwrap().unwrap();
        assert_eq!(world.storage.get_snapshot(&pointer).await.unwrap(), "one");
    })
    .await;
}
