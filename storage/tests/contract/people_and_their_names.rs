use acl::UserId;
use storage::{CreateUserError, NewUser, ProfileChange, Standing};
use uuid::Uuid;

use crate::world::{new_user, on_every_engine};

#[tokio::test]
async fn names_and_addresses_are_unique_in_any_case() {
    on_every_engine(async |world| {
        let alice = world.person("Älice").await;
        let taken = async |new: NewUser| match world.storage.create_user(&new, world.now()).await {
            Err(CreateUserError::Taken { field }) => field,
            other => panic!("{other:?}"),
        };
        assert_eq!(taken(NewUser { username: "äLICE".into(), ..new_user("x") }).await, "username");
        assert_eq!(taken(NewUser { email: "äLICE@EXAMPLE.org".into(), ..new_user("x") }).await, "email");
        world.person("x").await;

        for login in ["Älice", "älice", " ÄLICE@example.org"] {
            assert_eq!(world.storage.find_user(login).await.unwrap().unwrap().id, alice.id, "{login}");
        }
        for login in ["", "alic", "%"] {
            assert_eq!(world.storage.find_user(login).await.unwrap(), None, "{login}");
        }
        let (found, phc) = world.storage.credentials("älice").await.unwrap().unwrap();
        assert_eq!((found, phc), (alice.clone(), new_user("x").password_hash));
        assert_eq!(world.restarted().await.user(alice.id).await.unwrap(), Some(alice));
    })
    .await;
}

#[tokio::test]
async fn only_the_first_account_becomes_the_administrator_by_being_first() {
    on_every_engine(async |world| {
        assert!(!world.storage.has_users().await.unwrap());
        let attempts = (0..8).map(|number| {
            let storage = world.storage.clone();
            let new = NewUser { standing: Standing::AdminIfFirst, ..new_user(&format!("user{number}")) };
            let now = world.now();
            tokio::spawn(async move { storage.create_user(&new, now).await.unwrap().is_admin })
        });
        let mut admins = 0;
        for attempt in attempts.collect::<Vec<_>>() {
            admins += usize::from(attempt.await.unwrap());
        }
        assert_eq!(admins, 1);
        assert!(world.storage.has_users().await.unwrap());
        let late = NewUser { standing: Standing::FirstAdmin, ..new_user("late") };
        let refused = world.storage.create_user(&late, world.now()).await;
        assert!(matches!(refused, Err(CreateUserError::NotFirst)), "{refused:?}");
        let named = NewUser { standing: Standing::Admin, ..new_user("named") };
        assert!(world.storage.create_user(&named, world.now()).await.unwrap().is_admin);
    })
    .await;
    on_every_engine(async |world| {
        let first = NewUser { standing: Standing::FirstAdmin, ..new_user("first") };
        assert!(world.storage.create_user(&first, world.now()).await.unwrap().is_admin);
    })
    .await;
}

#[tokio::test]
async fn a_profile_changes_where_it_is_told_to() {
    on_every_engine(async |world| {
        let alice = world.person("alice").await;
        let change =
            ProfileChange { display_name: Some("Alice A.".into()), locale: Some("de".into()), ..Default::default() };
        let changed = world.storage.change_profile(alice.id, &change).await.unwrap().unwrap();
        let expected = storage::User { display_name: "Alice A.".into(), locale: Some("de".into()), ..alice.clone() };
        assert_eq!(changed, expected);
        let change = ProfileChange {
            color: Some("#ff0000".into()),
            time_zone: Some("Europe/Berlin".into()),
            ..Default::default()
        };
        world.storage.change_profile(alice.id, &change).await.unwrap();
        let expected = storage::User { color: "#ff0000".into(), time_zone: Some("Europe/Berlin".into()), ..expected };
        assert_eq!(world.storage.user(alice.id).await.unwrap(), Some(expected));
        let nobody = UserId::from_uuid(Uuid::now_v7());
        assert_eq!(world.storage.change_profile(nobody, &change).await.unwrap(), None);
        assert_eq!(world.storage.user(nobody).await.unwrap(), None);
    })
    .await;
}
