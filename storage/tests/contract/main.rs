//! What every engine has to keep, written once over a `Storage`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets what it does not expect has failed"
)]

mod world;

mod access_follows_grants;
mod appends_are_all_or_nothing;
mod audit_log_is_chained;
mod documents_and_their_lists;
mod events_follow_commits;
mod opening_refuses_damage;
mod people_and_their_names;
mod sessions_rotate;
mod snapshots_only_move_forward;
mod starting;
