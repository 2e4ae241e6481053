//! What each field of a request must be like. A value that is not gets `invalid_field` with the field's name.

use crate::error::{Answer, ApiError};

/// Characters of a title.
pub const TITLE_CHARS_MAX: usize = 300;
/// Characters of a user name, at least and at most.
pub const USERNAME_CHARS: std::ops::RangeInclusive<usize> = 2..=40;
/// Bytes of an e-mail address (RFC 5321, 4.5.3.1.3).
pub const EMAIL_BYTES_MAX: usize = 254;
/// Characters of a password, at least (NIST SP 800-63B, 3.1.1.2).
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Bytes of a password, at most; Argon2 would take more, for longer.
pub const PASSWORD_BYTES_MAX: usize = 256;
/// Characters of a display name.
pub const DISPLAY_NAME_CHARS_MAX: usize = 80;
/// Characters of the names of languages and time zones.
const NAME_CHARS_MAX: usize = 64;

/// A title without the space around it. Empty is a title: the web app shows "Untitled".
pub fn title(title: &str) -> Answer<String> {
    one_line("title", title, 0, TITLE_CHARS_MAX)
}

/// A name to sign in with, in lower case: letters, digits, `.`, `_` and `-`, so that it can stand in a mention.
pub fn username(name: &str) -> Answer<String> {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !USERNAME_CHARS.contains(&name.chars().count()) {
        let (min, max) = (USERNAME_CHARS.start(), USERNAME_CHARS.end());
        return Err(ApiError::field("username", &format!("must have {min} to {max} characters")));
    }
    if !name.chars().all(allowed) {
        return Err(ApiError::field("username", "may have letters, digits, dots, hyphens and underscores only"));
    }
    Ok(name.to_lowercase())
}

/// An e-mail address in lower case. Only a mail that arrives proves an address, so the check is a loose one.
pub fn email(address: &str) -> Answer<String> {
    let address = address.trim();
    let well_formed = address.len() <= EMAIL_BYTES_MAX
        && !address.chars().any(|c| c.is_whitespace() || c.is_control() || "<>,;()".contains(c))
        && address.rsplit_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.starts_with('.') && !domain.ends_with('.')
        });
    if well_formed { Ok(address.to_lowercase()) } else { Err(ApiError::field("email", "must be an e-mail address")) }
}

/// A password for a new account.
pub fn password(password: &str) -> Answer<()> {
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return Err(ApiError::field("password", &format!("must have at least {PASSWORD_CHARS_MIN} characters")));
    }
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(ApiError::field("password", &format!("must have at most {PASSWORD_BYTES_MAX} bytes")));
    }
    Ok(())
}

/// A name as others see it.
pub fn display_name(name: &str) -> Answer<String> {
    one_line("display_name", name, 1, DISPLAY_NAME_CHARS_MAX)
}

/// A colour as `#rrggbb`, in lower case.
pub fn color(color: &str) -> Answer<String> {
    let hex = color.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.chars().all(|c| c.is_ascii_hexdigit()));
    if hex { Ok(color.to_ascii_lowercase()) } else { Err(ApiError::field("color", "must look like #1a2b3c")) }
}

/// A language tag such as `en` or `de-AT` (BCP 47). Which languages exist is the web app's business.
pub fn locale(tag: &str) -> Answer<String> {
    let subtag = |part: &str| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric());
    let well_formed = tag.len() <= NAME_CHARS_MAX && tag.split('-').all(subtag);
    if well_formed {
        Ok(tag.into())
    } else {
        Err(ApiError::field("locale", "must be a language tag such as en or de-AT"))
    }
}

/// A name of the time zone database such as `Europe/Vienna`. Which zones exist is the browser's business.
pub fn time_zone(name: &str) -> Answer<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
    let well_formed = (1..=NAME_CHARS_MAX).contains(&name.len()) && name.chars().all(allowed);
    if well_formed {
        Ok(name.into())
    } else {
        Err(ApiError::field("time_zone", "must be the name of a time zone such as Europe/Vienna"))
    }
}

fn one_line(field: &str, text: &str, chars_min: usize, chars_max: usize) -> Answer<String> {
    let text = text.trim();
    if text.chars().any(char::is_control) {
        return Err(ApiError::field(field, "must not have control characters or line breaks"));
    }
    if !(chars_min..=chars_max).contains(&text.chars().count()) {
        return Err(ApiError::field(field, &format!("must have {chars_min} to {chars_max} characters")));
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_taken_and_made_one_form() {
        assert_eq!(title("  Plans for May \n").unwrap(), "Plans for May");
        assert_eq!(title("").unwrap(), "");
        assert_eq!(username("Ada.Lovelace").unwrap(), "ada.lovelace");
        assert_eq!(username("żółw").unwrap(), "żółw");
        assert_eq!(email(" Ada@Example.ORG ").unwrap(), "ada@example.org");
        assert_eq!(color("#A0B1C2").unwrap(), "#a0b1c2");
        assert_eq!(locale("de-AT").unwrap(), "de-AT");
        assert_eq!(time_zone("America/Argentina/Buenos_Aires").unwrap(), "America/Argentina/Buenos_Aires");
        assert!(password("correct horse").is_ok());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let long = "x".repeat(1_000);
        for bad in ["two\nlines", "bell\u{7}", long.as_str()] {
            assert!(title(bad).is_err(), "{bad}");
        }
        for bad in ["", "a", "with space", "<b>", "a@b", long.as_str()] {
            assert!(username(bad).is_err(), "{bad}");
        }
        for bad in ["", "ada", "@example.org", "ada@", "a b@example.org", "ada@.org", "<a@b.org>", "a@b.org,c@d.org"] {
            assert!(email(bad).is_err(), "{bad}");
        }
        for bad in ["", "red", "#fff", "#gggggg", "1a2b3c"] {
            assert!(color(bad).is_err(), "{bad}");
        }
        for bad in ["", "de_AT", "-", "toolonglanguage"] {
            assert!(locale(bad).is_err(), "{bad}");
        }
        for bad in ["", "Europe Vienna", "../etc"] {
            assert!(time_zone(bad).is_err(), "{bad}");
        }
        for bad in ["", "1234567", long.as_str()] {
            assert!(password(bad).is_err(), "{bad}");
        }
        for bad in ["", "   ", long.as_str()] {
            assert!(display_name(bad).is_err(), "{bad}");
        }
    }
}
