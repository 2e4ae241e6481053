use acl::Role;
use storage::{CreateDocumentError, DocumentError, ListQuery, NewDocument, Sort, User, View};

use crate::world::{World, on_every_engine};

async fn titles(world: &World, user: &User, view: View, sort: Sort, q: Option<&str>) -> Vec<String> {
    let mut titles = vec![];
    let mut query = ListQuery { view, sort, q: q.map(str::to_owned), cursor: None, limit: 2 };
    loop {
        let page = world.storage.list_documents(user.id, &query, world.now()).await.unwrap();
        assert!(page.documents.len() <= 2);
        titles.extend(page.documents.into_iter().map(|document| document.title));
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            return titles;
        }
    }
}

#[tokio::test]
async fn a_chosen_id_is_taken_once() {
    on_every_engine(async |world| {
        let (alice, bob) = (world.person("alice").await, world.person("bob").await);
        let id = world.document(&alice, "Plan").await;
        let seen = world.storage.document(id, alice.id, world.now()).await.unwrap().unwrap();
        assert_eq!(
            (seen.title.as_str(), seen.owner_name.as_str(), seen.role, seen.seq.0),
            ("Plan", "alice", Role::Owner, 0)
        );
        assert_eq!((seen.deleted_at, seen.created_at), (None, seen.updated_at));
        assert_eq!(world.storage.document(id, bob.id, world.now()).await.unwrap(), None);
        let again = NewDocument { id, title: "Mine".into(), owner: bob.id };
        let refused = world.storage.create_document(&again, world.now()).await;
        assert!(matches!(refused, Err(CreateDocumentError::Taken)), "{refused:?}");
        assert_eq!(world.storage.document(id, bob.id, world.now()).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn each_view_shows_its_documents_page_by_page() {
    on_every_engine(async |world| {
        let (alice, bob) = (world.person("alice").await, world.person("bob").await);
        for title in ["delta", "Alpha", "charlie 100%", "Bravo", "echo"] {
            world.document(&alice, title).await;
        }
        let shared = world.document(&bob, "foxtrot_1").await;
        world.document(&bob, "hidden").await;
        world.give(shared, &alice, Role::Viewer, &bob).await;
        let gone = world.document(&alice, "golf").await;
        world.storage.trash_document(gone, alice.id.into(), world.now()).await.unwrap();

        let by_title = ["Alpha", "Bravo", "charlie 100%", "delta", "echo", "foxtrot_1"];
        assert_eq!(titles(world, &alice, View::Recent, Sort::Title, None).await, by_title);
        assert_eq!(titles(world, &alice, View::Mine, Sort::Title, None).await, by_title[..5]);
        assert_eq!(titles(world, &alice, View::Shared, Sort::Title, None).await, ["foxtrot_1"]);
        assert_eq!(titles(world, &alice, View::Trash, Sort::UpdatedAt, None).await, ["golf"]);
        assert_eq!(titles(world, &bob, View::Trash, Sort::UpdatedAt, None).await, [""; 0]);
        let by_time = ["foxtrot_1", "echo", "Bravo", "charlie 100%", "Alpha", "delta"];
        assert_eq!(titles(world, &alice, View::Recent, Sort::UpdatedAt, None).await, by_time);

        // Letters that mean something in a pattern mean themselves.
        for (q, found) in [("A", 4), ("alph", 1), ("0%", 1), ("_", 1), ("%", 1), ("\\", 0), ("zulu", 0), ("", 6)] {
            assert_eq!(titles(world, &alice, View::Recent, Sort::Title, Some(q)).await.len(), found, "{q}");
        }
        let odd = ListQuery { cursor: Some("no cursor".into()), limit: 50, ..ListQuery::default() };
        assert_eq!(world.storage.list_documents(alice.id, &odd, world.now()).await.unwrap().documents.len(), 6);
    })
    .await;
}

#[tokio::test]
async fn edits_and_new_titles_move_a_document_up() {
    on_every_engine(async |world| {
        let alice = world.person("alice").await;
        let one = world.document(&alice, "one").await;
        let two = world.document(&alice, "two").await;
        world.document(&alice, "three").await;
        let recent = async || titles(world, &alice, View::Recent, Sort::UpdatedAt, None).await;
        assert_eq!(recent().await, ["three", "two", "one"]);
        world.storage.rename_document(two, "ÜBER two", alice.id.into(), world.now()).await.unwrap();
        assert_eq!(recent().await, ["ÜBER two", "three", "one"]);
        world.write(one, &alice, b"x").await;
        assert_eq!(recent().await, ["one", "ÜBER two", "three"]);
        assert_eq!(titles(world, &alice, View::Recent, Sort::Title, Some("über")).await, ["ÜBER two"]);

        world.storage.trash_document(two, alice.id.into(), world.now()).await.unwrap();
        let renamed = world.storage.rename_document(two, "x", alice.id.into(), world.now()).await;
        assert!(matches!(renamed, Err(DocumentError::NotFound)));
        let trashed = world.storage.document(two, alice.id, world.now()).await.unwrap().unwrap();
        let days = (trashed.purge_at.unwrap().0 - trashed.deleted_at.unwrap().0) / 86_400_000_000;
        assert_eq!((trashed.title.as_str(), days), ("ÜBER two", 30));
    })
    .await;
}
