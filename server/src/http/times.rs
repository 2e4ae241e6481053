//! Times in JSON: RFC 3339 in UTC, with microseconds, so that two times compare as texts.

use acl::Moment;
use serde::{Serialize, Serializer};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// A moment as it stands in answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-05-04T09:30:00.000000Z")]
pub struct Time(pub Moment);

impl From<Moment> for Time {
    fn from(moment: Moment) -> Self {
        Self(moment)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0.0) * 1_000)
            .map_err(serde::ser::Error::custom)?;
        serializer.collect_str(&format_args!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second(),
            at.microsecond()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_as_rfc_3339() {
        let json = |micros| serde_json::to_value(Time(Moment(micros))).unwrap();
        assert_eq!(json(0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(json(1_777_887_000_000_001), "2026-05-04T09:30:00.000001Z");
    }
}
