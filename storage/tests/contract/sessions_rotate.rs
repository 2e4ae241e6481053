use acl::SessionId;
use storage::{NewSession, RefreshError, Session, User};
use uuid::Uuid;

use crate::world::{World, on_every_engine};

/// The hash of token number n.
fn token(number: u8) -> [u8; 32] {
    [number; 32]
}

async fn sign_in(world: &World, user: &User, first: u8) -> Session {
    let now = world.now();
    let new = NewSession {
        id: SessionId::from_uuid(Uuid::now_v7()),
        user: user.id,
        refresh_hash: token(first),
        expires_at: now.plus_seconds(3_600),
        user_agent: "Test/1".into(),
        address: "192.0.2.1".into(),
    };
    world.storage.create_session(&new, now).await.unwrap()
}

async fn refresh(world: &World, presented: u8, next: u8) -> Result<Session, RefreshError> {
    world.storage.refresh_session(&token(presented), &token(next), world.now()).await
}

#[tokio::test]
async fn a_session_lives_as_long_as_it_is_refreshed() {
    on_every_engine(async |world| {
        let alice = world.person("alice").await;
        let session = sign_in(world, &alice, 1).await;
        assert_eq!(world.storage.user(alice.id).await.unwrap().unwrap().last_login_at, Some(session.created_at));
        for number in 1..=20 {
            world.pass_seconds(60);
            let refreshed = refresh(world, number, number + 1).await.unwrap();
            assert_eq!((refreshed.id, refreshed.user), (session.id, alice.id));
            assert!(refreshed.last_used_at > session.last_used_at);
        }
        assert_eq!(world.storage.session_of_token(&token(21)).await.unwrap().unwrap().id, session.id);
        assert!(matches!(refresh(world, 99, 100).await, Err(RefreshError::Ended)), "nobody's token");
        world.pass_seconds(3_600);
        assert_eq!(world.storage.session(session.id, world.now()).await.unwrap(), None);
        assert!(matches!(refresh(world, 21, 22).await, Err(RefreshError::Ended)));
    })
    .await;
}

#[tokio::test]
async fn five_tabs_at_once_and_a_lost_answer_sign_nobody_out() {
    on_every_engine(async |world| {
        let alice = world.person("alice").await;
        let session = sign_in(world, &alice, 1).await;
        for next in 11..=15 {
            refresh(world, 1, next).await.unwrap();
        }
        // Whichever answer came last is the cookie, and the others may still be on their way.
        world.pass_seconds(900);
        refresh(world, 12, 20).await.unwrap();
        refresh(world, 15, 21).await.unwrap();
        world.pass_seconds(10);
        refresh(world, 20, 30).await.unwrap();
        assert!(world.storage.session(session.id, world.now()).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn a_token_used_after_its_time_ends_the_session() {
    // The first, one that was replaced, and one that was left over when another of its generation was used.
    for stolen in [1, 2, 3] {
        on_every_engine(async |world| {
            let alice = world.person("alice").await;
            let session = sign_in(world, &alice, 1).await;
            let other = sign_in(world, &alice, 100).await;
            refresh(world, 1, 2).await.unwrap();
            refresh(world, 1, 3).await.unwrap();
            refresh(world, 2, 4).await.unwrap();
            world.pass_seconds(31);
            let reused = refresh(world, stolen, 50).await;
            assert!(matches!(&reused, Err(RefreshError::Reused(found)) if found.id == session.id), "{reused:?}");
            for number in [1, 2, 3, 4, 50] {
                assert!(matches!(refresh(world, number, 60).await, Err(RefreshError::Ended)), "{number}");
            }
            assert_eq!(world.storage.session(session.id, world.now()).await.unwrap(), None);
            let left = world.storage.list_sessions(alice.id, world.now()).await.unwrap();
            assert_eq!(left.iter().map(|session| session.id).collect::<Vec<_>>(), [other.id]);
        })
        .await;
    }
}

#[tokio::test]
async fn a_session_is_listed_and_ended_once() {
    on_every_engine(async |world| {
        let alice = world.person("alice").await;
        let (one, two) = (sign_in(world, &alice, 1).await, sign_in(world, &alice, 2).await);
        let listed = world.storage.list_sessions(alice.id, world.now()).await.unwrap();
        assert_eq!(listed, [two.clone(), one.clone()]);
        let ended = world.storage.end_session(one.id, alice.id.into(), world.now()).await.unwrap();
        assert_eq!(ended, Some(one.clone()));
        assert_eq!(world.storage.end_session(one.id, alice.id.into(), world.now()).await.unwrap(), None);
        assert!(matches!(refresh(world, 1, 3).await, Err(RefreshError::Ended)));
        assert_eq!(world.storage.list_sessions(alice.id, world.now()).await.unwrap(), std::slice::from_ref(&two));
    })
    .await;
}
