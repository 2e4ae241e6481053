use acl::audit::Broken;
use acl::{Role, SessionId};
use storage::{NewSession, kind};
use uuid::Uuid;

use crate::world::{World, on_every_engine};

async fn acts(world: &World) {
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let new = NewSession {
        id: SessionId::from_uuid(Uuid::now_v7()),
        user: alice.id,
        refresh_hash: [1; 32],
        expires_at: world.now().plus_seconds(60),
        user_agent: String::new(),
        address: "192.0.2.1".into(),
    };
    world.storage.create_session(&new, world.now()).await.unwrap();
    world.storage.note_failed_sign_in("eve", "192.0.2.66", world.now()).await.unwrap();
    let id = world.document(&alice, "Plan").await;
    world.give(id, &bob, Role::Editor, &alice).await;
    world.storage.remove_grant(id, bob.id, alice.id.into(), world.now()).await.unwrap();
    world.storage.trash_document(id, alice.id.into(), world.now()).await.unwrap();
    world.storage.restore_document(id, alice.id.into(), world.now()).await.unwrap();
    world.storage.end_session(new.id, alice.id.into(), world.now()).await.unwrap();
}

#[tokio::test]
async fn what_must_be_proved_is_in_it_in_order() {
    on_every_engine(async |world| {
        acts(world).await;
        let rows = world.storage.read_audit_log(0, 100).await.unwrap();
        let kinds: Vec<&str> = rows.iter().map(|row| row.kind.as_str()).collect();
        let expected = [
            kind::USER_CREATED,
            kind::USER_CREATED,
            kind::SIGNED_IN,
            kind::SIGN_IN_FAILED,
            kind::DOCUMENT_CREATED,
            kind::GRANT_CHANGED,
            kind::GRANT_REVOKED,
            kind::DOCUMENT_TRASHED,
            kind::DOCUMENT_RESTORED,
            kind::SESSION_ENDED,
        ];
        assert_eq!(kinds, expected);
        assert_eq!(rows[3].actor, None);
        assert!(rows[3].payload.contains("192.0.2.66"), "{}", rows[3].payload);
        assert_eq!(world.restarted().await.verify_audit_log().await.unwrap(), Ok(10));
    })
    .await;
}

#[tokio::test]
async fn a_touched_row_is_found() {
    let cases = [
        ("update audit_log set payload = '{}' where seq = 4", Err(Broken::Changed { seq: 4 })),
        ("update audit_log set at = at + 1 where seq = 4", Err(Broken::Changed { seq: 4 })),
        ("delete from audit_log where seq = 4", Err(Broken::Gap { after: 3 })),
    ];
    for (sql, expected) in cases {
        on_every_engine(async |world| {
            acts(world).await;
            assert_eq!(world.storage.verify_audit_log().await.unwrap(), Ok(10));
            assert_eq!(world.tamper(sql).await, 1);
            assert_eq!(world.storage.verify_audit_log().await.unwrap(), expected, "{sql}");
        })
        .await;
    }
}
