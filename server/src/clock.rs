//! The one place where the server reads the calendar.

use std::time::SystemTime;

use acl::Moment;

/// The present, by this machine's clock.
pub fn now() -> Moment {
    SystemTime::now().into()
}
