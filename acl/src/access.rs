//! From the grants that reach somebody to the one role he has now, and why.

use crate::id::GrantId;
use crate::moment::Moment;
use crate::role::Role;

/// What somebody is to a document at the moment of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// The strongest role that holds.
    pub role: Role,
    /// When that role ends by itself; `None` for one that lasts until it is taken.
    pub until: Option<Moment>,
    /// What the role rests on.
    pub because: Because,
}

/// What a role rests on, so that people can be told and a revocation can be explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// A grant to this person on this document.
    Grant(GrantId),
}

/// A role that reaches the person in question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The role it gives.
    pub role: Role,
    /// The first moment at which it no longer holds.
    pub until: Option<Moment>,
    /// Where it comes from.
    pub because: Because,
}

/// The access that `grants` give at `now`: the strongest role that has not ended, and of equal ones the longest.
/// Somebody whose account is deactivated has none.
pub fn decide(grants: &[Grant], user_active: bool, now: Moment) -> Option<Access> {
    if !user_active {
        return None;
    }
    grants
        .iter()
        .filter(|grant| grant.until.is_none_or(|until| now < until))
        .max_by_key(|grant| (grant.role, grant.until.unwrap_or(Moment(i64::MAX))))
        .map(|grant| Access { role: grant.role, until: grant.until, because: grant.because })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const NOW: Moment = Moment(1_000);

    fn grant(number: u128, role: Role, until: Option<i64>) -> Grant {
        Grant { role, until: until.map(Moment), because: Because::Grant(GrantId::from_uuid(Uuid::from_u128(number))) }
    }

    #[test]
    fn the_strongest_role_that_still_holds_wins() {
        let editor = grant(1, Role::Editor, None);
        let ended_owner = grant(2, Role::Owner, Some(1_000));
        let brief_owner = grant(3, Role::Owner, Some(1_001));
        let long_editor = grant(4, Role::Editor, Some(9_000));
        let brief_editor = grant(5, Role::Editor, Some(2_000));
        let cases: [(&[Grant], Option<Grant>); 6] = [
            (&[], None),
            (&[ended_owner], None),
            (&[editor, ended_owner], Some(editor)),
            (&[editor, brief_owner], Some(brief_owner)),
            (&[brief_editor, long_editor], Some(long_editor)),
            (&[brief_editor, editor, long_editor], Some(editor)),
        ];
        for (grants, winner) in cases {
            let expected = winner.map(|g| Access { role: g.role, until: g.until, because: g.because });
            assert_eq!(decide(grants, true, NOW), expected, "{grants:?}");
        }
    }

    #[test]
    fn a_deactivated_account_has_no_access() {
        assert_eq!(decide(&[grant(1, Role::Owner, None)], false, NOW), None);
    }
}
