//! Every setting, once: a flag, a `STET_…` environment variable and a line of the config file, with one name each.
//!
//! The flag wins over the variable, the variable over the file, the file over the default.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

macro_rules! settings {
    ($( $(#[doc = $doc:literal])+ $name:ident: $kind:ty, $variable:literal, $value:literal, $default:literal; )+) => {
        /// The settings as given on the command line or by the environment; clap lets the flag win.
        #[derive(clap::Args, Clone, Debug, Default)]
        pub struct Flags {
            /// TOML file with a line for any of the settings below, named with underscores: `room_idle = "30s"`.
            #[arg(long, global = true, env = "STET_CONFIG", value_name = "FILE")]
            pub config: Option<PathBuf>,
            $(
                #[arg(long, global = true, env = $variable, value_name = $value, help = concat!($($doc),+, " [default: ", $default, "]").trim_start())]
                $name: Option<$kind>,
            )+
        }

        /// The settings of a running server.
        #[derive(Clone, Debug)]
        pub struct Config {
            $( $(#[doc = $doc])+ pub $name: $kind, )+
        }

        impl Config {
            /// Puts flags, variables, the lines of the config file and the defaults together.
            fn merge(flags: Flags, mut lines: BTreeMap<String, String>) -> Result<Config, ConfigError> {
                let config = Config {
                    $( $name: match (flags.$name, lines.remove(stringify!($name))) {
                        (Some(given), _) => given,
                        (None, Some(line)) => parse(stringify!($name), &line)?,
                        (None, None) => parse(stringify!($name), $default)?,
                    }, )+
                };
                match lines.into_keys().next() {
                    Some(name) => Err(ConfigError::Unknown { name }),
                    None => Ok(config),
                }
            }
        }

        /// All settings: name, variable, what the value is, default, what it means.
        const SETTINGS: &[[&str; 5]] =
            &[$([stringify!($name), $variable, $value, $default, concat!($($doc),+)]),+];
    };
}

settings! {
    /// Address and port to listen on; port 0 takes any free one.
    listen: SocketAddr, "STET_LISTEN", "ADDRESS:PORT", "127.0.0.1:8080";
    /// Folder of the database and of the stored documents; made when it is missing.
    data: PathBuf, "STET_DATA", "FOLDER", "./data";
    /// Name of this instance, shown in the web app.
    name: String, "STET_NAME", "TEXT", "Stet";
    /// Where browsers reach the server, such as https://docs.example.org: used in links, cookies and the check of the Origin of sockets. `auto` derives it from `listen`.
    public_url: PublicUrl, "STET_PUBLIC_URL", "URL", "auto";
    /// Who may make an account: `open` everybody, `closed` nobody, `auto` everybody while listening on a loopback address.
    registration: Registration, "STET_REGISTRATION", "auto|open|closed", "auto";
    /// How long an access token is good for, before the refresh cookie has to bring a new one.
    access_token_lifetime: Span, "STET_ACCESS_TOKEN_LIFETIME", "DURATION", "15m";
    /// How long somebody stays signed in.
    session_lifetime: Span, "STET_SESSION_LIFETIME", "DURATION", "30d";
    /// How long a ticket opens the socket of its document; never longer than its session lives.
    ticket_lifetime: Span, "STET_TICKET_LIFETIME", "DURATION", "12h";
    /// How long a document stays in memory after its last reader left.
    room_idle: Span, "STET_ROOM_IDLE", "DURATION", "30s";
    /// What is logged: error, warn, info, debug, trace, or filters such as `info,stet::room=debug`.
    log: String, "STET_LOG", "FILTER", "info";
    /// How the log is written: `text` for people, `json` for programs, one object a line.
    log_format: LogFormat, "STET_LOG_FORMAT", "text|json", "text";
}

/// The page `docs/configure.md`: every setting with its names, default and meaning.
pub fn page() -> String {
    let mut page = String::from(PAGE_HEAD);
    for [name, variable, value, default, doc] in SETTINGS {
        let flag = name.replace('_', "-");
        page.push_str(&format!(
            "\n## `{name}`\n\n{}\n\n`--{flag} {value}` · `{variable}` · `{name} = \"{default}\"` (the default)\n",
            doc.trim()
        ));
    }
    page
}

const PAGE_HEAD: &str = "\
# Configure

Each setting is a flag, an environment variable or a line of the config file (TOML, named with `--config FILE` or
`STET_CONFIG`), with one name each. The flag wins over the variable, the variable over the file, the file over the
default. Lengths of time have a unit: `90s`, `15m`, `12h`, `30d`.

This page is made from the code: `make docs` renews it.
";

impl Config {
    /// Reads the config file, if one is named, and puts all sources together.
    pub fn load(flags: Flags) -> Result<Config, ConfigError> {
        let lines = match &flags.config {
            Some(path) => read_file(path)?,
            None => BTreeMap::new(),
        };
        Config::merge(flags, lines)
    }

    /// Where browsers reach the server, without a slash at the end; `bound` is the address that is listened on.
    pub fn public_url(&self, bound: SocketAddr) -> String {
        match &self.public_url {
            PublicUrl::Given(url) => url.clone(),
            PublicUrl::Auto if bound.ip().is_unspecified() => format!("http://localhost:{}", bound.port()),
            PublicUrl::Auto => format!("http://{bound}"),
        }
    }
}

/// The settings cannot be used. One line each, for the terminal.
#[derive(thiserror::Error, Debug)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the config file {path}: {cause}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// The file is not TOML, or a line holds a list or a table.
    #[error("config file {path}, line {line}: {cause}")]
    Broken {
        /// The file.
        path: String,
        /// From 1.
        line: usize,
        /// What the parser says.
        cause: String,
    },
    /// A line of the file names no setting.
    #[error("the config file sets `{name}`, which is not a setting (`stet --help` lists them)")]
    Unknown {
        /// The name on the line.
        name: String,
    },
    /// A value does not fit its setting.
    #[error("setting `{name}`: `{value}` cannot be used: {cause}")]
    Value {
        /// The setting.
        name: &'static str,
        /// What was given.
        value: String,
        /// What is wrong with it.
        cause: String,
    },
}

fn parse<T: FromStr<Err: fmt::Display>>(name: &'static str, value: &str) -> Result<T, ConfigError> {
    value.parse().map_err(|cause: T::Err| ConfigError::Value { name, value: value.into(), cause: cause.to_string() })
}

fn read_file(path: &Path) -> Result<BTreeMap<String, String>, ConfigError> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|cause| ConfigError::Unreadable { path: shown.clone(), cause })?;
    let table: toml::Table = toml::from_str(&text).map_err(|error: toml::de::Error| ConfigError::Broken {
        path: shown.clone(),
        line: error.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count()),
        cause: error.message().replace('\n', " "),
    })?;
    let mut lines = BTreeMap::new();
    for (name, value) in table {
        let value = text_of(&shown, &text, &name, value)?;
        lines.insert(name, value);
    }
    Ok(lines)
}

/// The text of one value of the file: settings are texts, numbers or truth values.
fn text_of(path: &str, text: &str, name: &str, value: toml::Value) -> Result<String, ConfigError> {
    match value {
        toml::Value::String(text) => Ok(text),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Boolean(truth) => Ok(truth.to_string()),
        _ => Err(ConfigError::Broken {
            path: path.into(),
            line: 1 + text.lines().position(|line| line.contains(name)).unwrap_or_default(),
            cause: format!("`{name}` takes a text in quotes"),
        }),
    }
}

/// A length of time as people write it: `90s`, `15m`, `12h`, `30d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(Duration);

impl Span {
    /// The same as the standard type.
    pub const fn duration(self) -> Duration {
        self.0
    }

    /// Whole seconds.
    pub fn seconds(self) -> i64 {
        i64::try_from(self.0.as_secs()).unwrap_or(i64::MAX)
    }
}

/// The longest span a setting takes: ten years keep all sums far from overflow.
const SPAN_SECONDS_MAX: u64 = 10 * 365 * 86_400;

impl FromStr for Span {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected a number with a unit, such as 90s, 15m, 12h or 30d";
        let unit_at = text.find(|c: char| !c.is_ascii_digit()).ok_or(EXPECTED)?;
        let number: u64 = text[..unit_at].parse().map_err(|_| EXPECTED)?;
        let unit_seconds = match &text[unit_at..] {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => return Err(EXPECTED),
        };
        match number.checked_mul(unit_seconds) {
            Some(0) => Err("must be longer than nothing"),
            Some(seconds) if seconds <= SPAN_SECONDS_MAX => Ok(Self(Duration::from_secs(seconds))),
            _ => Err("must be ten years or less"),
        }
    }
}

/// Where browsers reach the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicUrl {
    /// Derived from the address that is listened on.
    Auto,
    /// As given: scheme, host and maybe port; no path, no slash at the end.
    Given(String),
}

impl FromStr for PublicUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let uri: axum::http::Uri = text.parse().map_err(|_| "not an address")?;
        match (uri.scheme_str(), uri.authority(), uri.path(), uri.query()) {
            (Some("http" | "https"), Some(_), "/" | "", None) => Ok(Self::Given(text.trim_end_matches('/').into())),
            (Some("http" | "https"), Some(_), ..) => Err("must end with the host or the port: a path is not supported"),
            _ => Err("must begin with http:// or https://"),
        }
    }
}

/// Who may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Open on a loopback address, closed elsewhere.
    Auto,
    /// Everybody who reaches the server.
    Open,
    /// Nobody; `stet user create` makes accounts.
    Closed,
}

impl FromStr for Registration {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "open" => Ok(Self::Open),
            "closed" => Ok(Self::Closed),
            _ => Err("expected auto, open or closed"),
        }
    }
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("expected text or json"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn each_setting_has_one_name() {
        for [name, variable, ..] in SETTINGS {
            assert_eq!(*variable, format!("STET_{}", name.to_uppercase()));
        }
    }

    #[test]
    fn the_page_of_settings_is_up_to_date() {
        let stored = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/configure.md")).unwrap();
        assert_eq!(stored, page(), "docs/configure.md is stale: run `make docs`");
    }

    #[test]
    fn what_is_given_wins_over_the_file_and_the_file_over_the_default() {
        let config = Config::merge(Flags::default(), BTreeMap::new()).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.ticket_lifetime.seconds(), 12 * 3_600);
        let file = lines(&[("listen", "127.0.0.1:1"), ("room_idle", "2m")]);
        let given = Flags { listen: Some("127.0.0.1:2".parse().unwrap()), ..Flags::default() };
        let config = Config::merge(given, file).unwrap();
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.room_idle.seconds(), 120);
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (name, value, words) in [
            ("listen", "8080", "setting `listen`: `8080`"),
            ("room_idle", "30", "such as 90s"),
            ("room_idle", "0s", "longer than nothing"),
            ("room_idle", "99999999d", "ten years"),
            ("public_url", "docs.example.org", "http:// or https://"),
            ("public_url", "https://example.org/docs", "a path is not supported"),
            ("registration", "maybe", "auto, open or closed"),
            ("log_format", "xml", "text or json"),
            ("colour", "red", "`colour`, which is not a setting"),
        ] {
            let error = Config::merge(Flags::default(), lines(&[(name, value)])).unwrap_err().to_string();
            assert!(error.contains(words), "{name} = {value}: {error}");
        }
    }

    #[test]
    fn the_public_address_follows_from_the_one_that_is_listened_on() {
        let config = |url: &str| Config::merge(Flags::default(), lines(&[("public_url", url)])).unwrap();
        assert_eq!(config("auto").public_url("127.0.0.1:8080".parse().unwrap()), "http://127.0.0.1:8080");
        assert_eq!(config("auto").public_url("0.0.0.0:80".parse().unwrap()), "http://localhost:80");
        assert_eq!(config("auto").public_url("[::1]:8080".parse().unwrap()), "http://[::1]:8080");
        assert_eq!(config("https://a.example/").public_url("0.0.0.0:80".parse().unwrap()), "https://a.example");
    }
}
