//! Points in time, as every crate and both database engines keep them.

use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z. The caller reads the clock; nothing here does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(pub i64);

const SECOND_MICROS: i64 = 1_000_000;

impl Moment {
    /// The moment `seconds` after 1970-01-01T00:00:00Z; the far future if that does not fit.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(SECOND_MICROS))
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND_MICROS)
    }

    /// The moment this many seconds later (earlier, when negative).
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(SECOND_MICROS)))
    }
}

impl From<std::time::SystemTime> for Moment {
    /// A clock before 1970 reads as 1970; one beyond the year 294,000 as the far future.
    fn from(time: std::time::SystemTime) -> Self {
        let since = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_round_down_on_both_sides_of_1970() {
        assert_eq!(Moment(1_999_999).seconds(), 1);
        assert_eq!(Moment(-1).seconds(), -1);
        assert_eq!(Moment::from_seconds(7).plus_seconds(-9).seconds(), -2);
        assert_eq!(Moment::from_seconds(i64::MAX), Moment(i64::MAX));
    }
}
