use std::cell::Cell;

use acl::token::SigningKey;
use storage::{StartError, Storage, StorageConfig};

use crate::world::{World, append, committed, on_every_engine};

async fn open(data: std::path::PathBuf) -> Result<Storage, StartError> {
    Storage::open(StorageConfig { data }).await
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("some/where");
    open(data.clone()).await.unwrap();
    assert!(data.join("stet.db").is_file() && data.join("objects").is_dir());
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("file");
    std::fs::write(&data, b"not a folder").unwrap();
    let error = open(data.clone()).await.err().unwrap();
    assert!(matches!(&error, StartError::DataFolder { path, .. } if *path == data), "{error}");

    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("objects"), b"not a folder").unwrap();
    let error = open(data.clone()).await.err().unwrap();
    assert!(matches!(&error, StartError::DataFolder { path, .. } if *path == data.join("objects")), "{error}");
}

#[tokio::test]
async fn a_database_from_the_future_is_refused() {
    let world = World::new().await;
    world.storage.close().await;
    let added = world
        .tamper(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
             values (9999, 'later', true, x'00', 0)",
        )
        .await;
    assert_eq!(added, 1);
    let error = open(world.folder.path().to_path_buf()).await.err().unwrap();
    assert!(matches!(error, StartError::NewerDatabase { migration: 9999 }), "{error}");
}

#[tokio::test]
async fn checkpoints_move_the_log_into_the_file() {
    let world = World::new().await;
    let alice = world.person("alice").await;
    let document = world.document(&alice, "Plan").await;
    for _ in 0..50 {
        world.write(document, &alice, &[7; 2_000]).await;
    }
    let checkpoint = world.storage.checkpoint().await.unwrap();
    println!("{checkpoint:?}");
    assert!(checkpoint.log_pages > 100 && checkpoint.moved_pages == checkpoint.log_pages, "{checkpoint:?}");
    // The log begins anew, instead of growing for ever.
    world.write(document, &alice, b"x").await;
    let next = world.storage.checkpoint().await.unwrap();
    assert!(next.log_pages < 20, "{next:?}");
}

#[tokio::test]
async fn the_log_stays_small_while_somebody_always_writes() {
    let world = World::new().await;
    let alice = world.person("alice").await;
    let (one, two) = (world.document(&alice, "one").await, world.document(&alice, "two").await);
    let written = Cell::new(0);
    let write = async |document| {
        for head in 0..500 {
            let batch = [append(document, head, alice.id, &[&[7; 100_000]])];
            assert_eq!(world.storage.append(&batch).await.unwrap(), [committed(head + 1, head + 1)]);
            written.set(written.get() + 1);
        }
    };
    let mut checkpoints = 0;
    let checkpoint = async {
        while written.get() < 1_000 {
            let before = written.get();
            world.storage.checkpoint().await.unwrap();
            checkpoints += 1;
            while written.get() < 1_000.min(before + 200) {
                tokio::task::yield_now().await;
            }
        }
    };
    tokio::join!(write(one), write(two), checkpoint);
    let log = std::fs::metadata(world.folder.path().join("stet.db-wal")).unwrap().len();
    println!("{checkpoints} checkpoints, the log has {log} bytes after 100 MB");
    assert!(checkpoints >= 3 && log < 70_000_000, "{checkpoints} checkpoints, the log has {log} bytes");
}

#[tokio::test]
async fn keys_and_settings_stay() {
    on_every_engine(async |world| {
        let storage = &world.storage;
        assert!(storage.signing_keys().await.unwrap().is_empty());
        for number in [1, 2] {
            let key = SigningKey::from_seed(format!("key-{number}"), &[number; 32]).unwrap();
            storage.add_signing_key(&key, world.now()).await.unwrap();
        }
        assert_eq!(storage.setting("setup_token").await.unwrap(), None);
        storage.put_setting("setup_token", Some("one")).await.unwrap();
        storage.put_setting("setup_token", Some("two")).await.unwrap();
        let storage = world.restarted().await;
        let keys = storage.signing_keys().await.unwrap();
        assert_eq!(keys.iter().map(SigningKey::kid).collect::<Vec<_>>(), ["key-2", "key-1"]);
        assert_eq!(storage.setting("setup_token").await.unwrap().as_deref(), Some("two"));
        storage.put_setting("setup_token", None).await.unwrap();
        assert_eq!(storage.setting("setup_token").await.unwrap(), None);
    })
    .await;
}
