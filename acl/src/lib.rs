//! Who may do what: ids, roles, the matrix of permissions, and the rules behind tokens, passwords and the audit chain.
//!
//! Pure: no I/O, no clock, no tasks, no randomness. Time is a [`Moment`] given by the caller, salts and keys are bytes.

pub mod access;
pub mod audit;
pub mod id;
pub mod moment;
pub mod password;
pub mod permission;
pub mod role;
pub mod token;

pub use access::{Access, Because, Grant, decide};
pub use id::{ActorId, DocumentId, FolderId, GrantId, GroupId, LinkId, SessionId, UserId};
pub use moment::Moment;
pub use permission::{Action, may};
pub use role::Role;
