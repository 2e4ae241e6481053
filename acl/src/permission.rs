//! The whole matrix of role × action. Nothing else in the project decides what a role may do.

use crate::role::Role;

/// What somebody can ask to do with one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Read the present: its text, title, who is there, who has which role.
    ReadDocument,
    /// Announce a cursor and a status to the others.
    Announce,
    /// Begin and answer threads.
    Comment,
    /// Propose a change that somebody else accepts or rejects.
    Suggest,
    /// Change the text.
    Write,
    /// Read the past: revisions, deleted text, who wrote what.
    ReadHistory,
    /// Put the document back to a past moment, as a new change.
    RestoreRevision,
    /// Change the title.
    Rename,
    /// Give and take roles.
    Share,
    /// Move the document to the trash.
    Trash,
    /// Take the document out of the trash.
    Restore,
}

impl Action {
    /// All actions, in the order of the matrix.
    pub const ALL: [Action; 11] = [
        Action::ReadDocument,
        Action::Announce,
        Action::Comment,
        Action::Suggest,
        Action::Write,
        Action::ReadHistory,
        Action::RestoreRevision,
        Action::Rename,
        Action::Share,
        Action::Trash,
        Action::Restore,
    ];
}

/// Whether `role` permits `action`.
pub const fn may(role: Role, action: Action) -> bool {
    match (role, action) {
        (_, Action::ReadDocument | Action::Announce) => true,
        (Role::Viewer, _) => false,
        (_, Action::Comment | Action::Suggest) => true,
        (Role::Commenter, _) => false,
        (_, Action::Write | Action::ReadHistory | Action::RestoreRevision | Action::Rename) => true,
        (Role::Editor, _) => false,
        (Role::Owner, Action::Share | Action::Trash | Action::Restore) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The matrix as people read it; a change of a right has to be made here too.
    const MATRIX: &str = "\
ReadDocument     viewer commenter editor owner
Announce         viewer commenter editor owner
Comment          -      commenter editor owner
Suggest          -      commenter editor owner
Write            -      -         editor owner
ReadHistory      -      -         editor owner
RestoreRevision  -      -         editor owner
Rename           -      -         editor owner
Share            -      -         -      owner
Trash            -      -         -      owner
Restore          -      -         -      owner
";

    #[test]
    fn the_matrix_is_as_written() {
        let mut matrix = String::new();
        for action in Action::ALL {
            let action_name = format!("{action:?}");
            matrix += &format!("{action_name:<17}");
            for role in Role::ALL {
                let cell = if may(role, action) { role.as_str() } else { "-" };
                let width = if role == Role::Owner { 0 } else { role.as_str().len() + 1 };
                matrix += &format!("{cell:<width$}");
            }
            matrix += "\n";
        }
        println!("{matrix}");
        assert_eq!(matrix, MATRIX);
    }

    #[test]
    fn a_stronger_role_loses_nothing() {
        for action in Action::ALL {
            assert!(Role::ALL.map(|role| may(role, action)).is_sorted(), "{action:?}");
        }
    }
}
