//! Which database, and how much of it: the `[database]` section and the address made from the predecessor's `DB_*` variables.
//!
//! Pure; nothing is opened here.

use std::fmt::Write as _;
use std::path::PathBuf;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

/// Section `[database]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// `sqlite://path/to/file` or `postgres://user:password@host:port/name?sslmode=require`. A SQLite file and its folder are
    /// made where they do not exist. Behind a transaction pooler, the pooler must support prepared statements (PgBouncer 1.21
    /// or later with `max_prepared_statements` above 0); nothing else of a session is relied on.
    pub url: SecretString,
    /// Most connections to PostgreSQL, or most readers of a SQLite file besides its one writer.
    pub connections_max: u32,
    /// After so long a statement or a transaction is given up.
    pub statement_timeout_ms: u64,
    /// Longest wait for a free connection, or for one to be made.
    pub acquire_timeout_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            url: SecretString::from("sqlite://data/orchestrator.sqlite"),
            connections_max: 16,
            statement_timeout_ms: 3_000,
            acquire_timeout_ms: 1_500,
        }
    }
}

impl Settings {
    /// The SQLite file of these settings, where it has still to be made.
    #[must_use]
    pub fn missing_file(&self) -> Option<PathBuf> {
        let path = self.url.expose_secret().strip_prefix("sqlite://")?;
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        let file = PathBuf::from(path);
        (!path.is_empty() && !path.contains(":memory:") && !file.exists()).then_some(file)
    }
}

/// The predecessor's variables `DB_HOST`, `DB_PORT`, `DB_USER`, `DB_PASSWORD`, `DB_NAME`, `DB_SSLMODE`.
#[derive(Debug, Clone)]
pub struct PostgresParts<'a> {
    /// A name, an address, or the folder of a socket.
    pub host: &'a str,
    /// 5432 where it is not set.
    pub port: Option<u16>,
    /// The role.
    pub user: &'a str,
    /// Empty where none is needed.
    pub password: &'a str,
    /// The database.
    pub name: &'a str,
    /// `disable`, `allow`, `prefer`, `require`, `verify-ca`, `verify-full`.
    pub sslmode: Option<&'a str>,
}

/// The address of a PostgreSQL database from its parts; every part is percent-encoded, so that a password may hold anything.
#[must_use]
pub fn postgres_url(parts: &PostgresParts<'_>) -> SecretString {
    let is_socket = parts.host.starts_with('/');
    let is_ipv6 = parts.host.contains(':');
    let mut url = format!("postgres://{}", encoded(parts.user));
    if !parts.password.is_empty() {
        url.push(':');
        url.push_str(&encoded(parts.password));
    }
    url.push('@');
    if is_ipv6 && !is_socket {
        // An IPv6 address is the one host that is bracketed instead of encoded.
        let address = parts.host.trim_start_matches('[').trim_end_matches(']');
        url.push('[');
        url.push_str(address);
        url.push(']');
    } else {
        url.push_str(&encoded(parts.host));
    }
    if let Some(port) = parts.port {
        // Writing to a String cannot fail.
        let _ = write!(url, ":{port}");
    }
    url.push('/');
    url.push_str(&encoded(parts.name));
    if let Some(mode) = parts.sslmode {
        url.push_str("?sslmode=");
        url.push_str(&encoded(mode));
    }
    SecretString::from(url)
}

fn encoded(part: &str) -> String {
    part.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn parts<'a>() -> PostgresParts<'a> {
        PostgresParts {
            host: "db.example",
            port: Some(5432),
            user: "bank",
            password: "p@ss:/ w%rd",
            name: "bankassistant",
            sslmode: Some("require"),
        }
    }

    #[test]
    fn a_password_may_hold_anything() {
        assert_eq!(
            postgres_url(&parts()).expose_secret(),
            "postgres://bank:p%40ss%3A%2F%20w%25rd@db.example:5432/bankassistant?sslmode=require"
        );
    }

    #[test]
    fn sockets_and_ipv6_addresses_are_hosts_too() {
        let socket = PostgresParts {
            host: "/var/run/postgresql",
            port: None,
            password: "",
            sslmode: None,
            ..parts()
        };
        assert_eq!(
            postgres_url(&socket).expose_secret(),
            "postgres://bank@%2Fvar%2Frun%2Fpostgresql/bankassistant"
        );
        let ipv6 = PostgresParts {
            host: "::1",
            password: "",
            sslmode: None,
            ..parts()
        };
        assert_eq!(
            postgres_url(&ipv6).expose_secret(),
            "postgres://bank@[::1]:5432/bankassistant"
        );
    }

    #[test]
    fn the_address_is_not_shown_by_debug() {
        let settings = Settings {
            url: postgres_url(&parts()),
            ..Settings::default()
        };
        assert!(!format!("{settings:?}").contains("p%40ss"));
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        assert!(toml::from_str::<Settings>("connection_max = 3").is_err());
        assert_eq!(
            toml::from_str::<Settings>("connections_max = 3")
                .unwrap()
                .connections_max,
            3
        );
    }
}
