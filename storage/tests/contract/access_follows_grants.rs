use acl::{Because, DocumentId, Moment, Role};
use storage::{Appended, DocumentError, GrantError, Seq};
use uuid::Uuid;

use crate::world::{append, committed, on_every_engine};

#[tokio::test]
async fn a_role_holds_from_its_grant_to_its_end() {
    on_every_engine(async |world| {
        let (alice, bob) = (world.person("alice").await, world.person("bob").await);
        let document = world.document(&alice, "Plan").await;
        let access = async |at| world.storage.access(bob.id.into(), document, at).await.unwrap();
        let put = async |role, until| {
            world.storage.put_grant(document, bob.id, role, until, alice.id.into(), world.now()).await
        };
        assert_eq!(access(world.now()).await, None);
        let owner = world.storage.access(alice.id.into(), document, world.now()).await.unwrap().unwrap();
        assert_eq!(
            (owner.access.role, owner.access.until, owner.acl_version, owner.trashed),
            (Role::Owner, None, 0, false)
        );

        let end = Moment(world.now().0 + 60_000_000);
        let granted = put(Role::Editor, Some(end)).await.unwrap();
        assert_eq!(
            (granted.user, granted.role, granted.until, granted.granted_by),
            (bob.id, Role::Editor, Some(end), alice.id.into())
        );
        let editor = access(world.now()).await.unwrap();
        assert_eq!((editor.access.role, editor.access.until, editor.acl_version), (Role::Editor, Some(end), 1));
        assert_eq!(editor.access.because, Because::Grant(granted.id));
        assert_eq!(access(end).await, None);

        assert_eq!(put(Role::Viewer, None).await.unwrap().id, granted.id);
        assert_eq!(access(end).await.unwrap().access.role, Role::Viewer);
        // Nothing changed, so nobody has to be asked again.
        put(Role::Viewer, None).await.unwrap();
        assert_eq!(access(end).await.unwrap().acl_version, 2);

        world.storage.remove_grant(document, bob.id, alice.id.into(), world.now()).await.unwrap();
        assert_eq!(access(world.now()).await, None);
        let listed = world.storage.list_grants(document).await.unwrap();
        assert_eq!(listed.iter().map(|granted| granted.username.as_str()).collect::<Vec<_>>(), ["alice"]);
    })
    .await;
}

#[tokio::test]
async fn what_was_allowed_under_the_old_rights_is_not_appended() {
    on_every_engine(async |world| {
        let (alice, bob) = (world.person("alice").await, world.person("bob").await);
        let document = world.document(&alice, "Plan").await;
        world.give(document, &bob, Role::Editor, &alice).await;
        let mut part = append(document, 0, bob.id, &[b"x"]);
        part.acl_version = 1;
        assert_eq!(world.storage.append(std::slice::from_ref(&part)).await.unwrap(), [committed(1, 1)]);
        world.storage.remove_grant(document, bob.id, alice.id.into(), world.now()).await.unwrap();
        part.expected_seq = Seq(1);
        let appended = world.storage.append(&[part]).await.unwrap();
        assert_eq!(appended, [Appended::RightsChanged { acl_version: 2 }]);
        assert_eq!(world.storage.open_log(document).await.unwrap().head.seq, Seq(1));
    })
    .await;
}

#[tokio::test]
async fn in_the_trash_only_owners_have_access_and_nobody_appends() {
    on_every_engine(async |world| {
        let (alice, bob) = (world.person("alice").await, world.person("bob").await);
        let document = world.document(&alice, "Plan").await;
        world.give(document, &bob, Role::Editor, &alice).await;
        let access =
            async |who: &storage::User| world.storage.access(who.id.into(), document, world.now()).await.unwrap();
        world.storage.trash_document(document, alice.id.into(), world.now()).await.unwrap();
        assert_eq!(access(&bob).await, None);
        let hers = access(&alice).await.unwrap();
        assert_eq!((hers.access.role, hers.trashed, hers.acl_version), (Role::Owner, true, 2));
        let again = world.storage.trash_document(document, alice.id.into(), world.now()).await;
        assert!(matches!(again, Err(DocumentError::NotFound)));
        let put = world.storage.put_grant(document, bob.id, Role::Viewer, None, alice.id.into(), world.now()).await;
        assert!(matches!(put, Err(GrantError::NoDocument)));

        world.storage.restore_document(document, alice.id.into(), world.now()).await.unwrap();
        let his = access(&bob).await.unwrap();
        assert_eq!((his.access.role, his.trashed, his.acl_version), (Role::Editor, false, 3));
        let again = world.storage.restore_document(document, alice.id.into(), world.now()).await;
        assert!(matches!(again, Err(DocumentError::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn a_document_always_has_a_lasting_owner() {
    on_every_engine(async |world| {
        let (alice, bob) = (world.person("alice").await, world.person("bob").await);
        let document = world.document(&alice, "Plan").await;
        let by = alice.id.into();
        let put = async |user: &storage::User, role, until| {
            world.storage.put_grant(document, user.id, role, until, by, world.now()).await
        };
        let remove = async |user: &storage::User| world.storage.remove_grant(document, user.id, by, world.now()).await;
        let far = Some(Moment(i64::MAX));
        assert!(matches!(remove(&alice).await, Err(GrantError::LastOwner)));
        assert!(matches!(put(&alice, Role::Editor, None).await, Err(GrantError::LastOwner)));
        assert!(matches!(put(&alice, Role::Owner, far).await, Err(GrantError::LastOwner)));
        // An owner for a time is not one who can stay alone.
        put(&bob, Role::Owner, far).await.unwrap();
        assert!(matches!(remove(&alice).await, Err(GrantError::LastOwner)));
        assert_eq!(world.storage.versions(&[document]).await.unwrap()[0].acl_version, 1, "refusals change nothing");

        put(&bob, Role::Owner, None).await.unwrap();
        remove(&alice).await.unwrap();
        let seen = world.storage.document(document, bob.id, world.now()).await.unwrap().unwrap();
        assert_eq!((seen.owner, seen.owner_name.as_str()), (bob.id, "bob"), "the document goes to who is left");
        assert!(matches!(remove(&alice).await, Err(GrantError::NoGrant)));
        assert!(matches!(remove(&bob).await, Err(GrantError::LastOwner)));
    })
    .await;
}

#[tokio::test]
async fn grants_need_a_person_and_a_document() {
    on_every_engine(async |world| {
        let alice = world.person("alice").await;
        let document = world.document(&alice, "Plan").await;
        let nobody = acl::UserId::from_uuid(Uuid::now_v7());
        let nothing = DocumentId::from_uuid(Uuid::now_v7());
        let put = world.storage.put_grant(document, nobody, Role::Viewer, None, alice.id.into(), world.now()).await;
        assert!(matches!(put, Err(GrantError::NoUser)));
        let put = world.storage.put_grant(nothing, alice.id, Role::Viewer, None, alice.id.into(), world.now()).await;
        assert!(matches!(put, Err(GrantError::NoDocument)));
        assert_eq!(world.storage.access(nobody.into(), document, world.now()).await.unwrap(), None);
        assert_eq!(world.storage.access(alice.id.into(), nothing, world.now()).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn versions_of_many_documents_are_read_at_once() {
    on_every_engine(async |world| {
        let alice = world.person("alice").await;
        let mut documents = vec![DocumentId::from_uuid(Uuid::now_v7())];
        for number in 0..150 {
            documents.push(world.document(&alice, &format!("{number}")).await);
        }
        world.write(documents[100], &alice, b"x").await;
        world.storage.trash_document(documents[50], alice.id.into(), world.now()).await.unwrap();
        let versions = world.storage.versions(&documents).await.unwrap();
        assert_eq!(versions.len(), 150);
        for found in versions {
            let (written, trashed) = (found.document == documents[100], found.document == documents[50]);
            assert_eq!(
                (found.seq.0, found.acl_version, found.trashed),
                (i64::from(written), i64::from(trashed), trashed)
            );
        }
    })
    .await;
}
