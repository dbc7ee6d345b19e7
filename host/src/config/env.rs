//! The environment as a layer: the predecessor's names, and every other key as `ORCHESTRATOR_SECTION__KEY`.
//!
//! Only names that begin with `ORCHESTRATOR_` are ours alone, so only there an unknown one is an error; the rest of the
//! environment belongs to others as well.

use figment::value::Value;
use secrecy::ExposeSecret as _;

use super::Error;
use crate::db;
use crate::spelling;

/// Environment variable and key.
const NAMES: [(&str, &str); 18] = [
    ("ORCHESTRATOR_HOST", "server.host"),
    ("ORCHESTRATOR_PORT", "server.port"),
    ("ORCHESTRATOR_API_TOKEN", "server.api_token"),
    ("ORCHESTRATOR_ADMIN_TOKEN", "server.admin_token"),
    ("ORCHESTRATOR_WEBSOCKET_TOKEN", "server.websocket_token"),
    ("ORCHESTRATOR_PLUGIN_DIR", "pipeline.plugin_dir"),
    ("ORCHESTRATOR_PIPELINE", "pipeline.file"),
    ("RETELL_API_KEY", "retell.api_key"),
    ("RETELL_BASE_URL", "retell.base_url"),
    ("PYTHON_BACKEND_URL", "backend.url"),
    ("BACKEND_DIALECT", "backend.dialect"),
    ("BACKEND_TOKEN", "backend.token"),
    ("BACKEND_IDEMPOTENT", "backend.idempotent"),
    ("LOG_LEVEL", "log.level"),
    ("LOG_FORMAT", "log.format"),
    ("CALL_STATE_DB", "live.kind"),
    ("REDIS_URL", "live.redis_url"),
    ("DATABASE_URL", "database.url"),
];

/// Read elsewhere: by the command line and by the tests.
const ELSEWHERE: [&str; 1] = ["ORCHESTRATOR_CONFIG"];

/// Keys and values that the environment sets.
pub(super) fn layer(variables: &[(String, String)]) -> Result<Vec<(String, Value)>, Error> {
    let mut layer = Vec::new();
    if let Some(url) = database_url(variables)? {
        layer.push(("database.url".to_owned(), Value::from(url)));
    }
    // An empty value is how `.env` files leave a key out.
    for (name, text) in variables.iter().filter(|(_, text)| !text.trim().is_empty()) {
        if let Some((_, key)) = NAMES.iter().find(|(known, _)| known == name) {
            layer.push(((*key).to_owned(), typed(key, text)));
        } else if let Some(rest) = name.strip_prefix("ORCHESTRATOR_") {
            match rest.split_once("__") {
                Some((section, key)) => {
                    // As deep as the key lies: VOICE__AGENT__REMINDER_MAX_COUNT.
                    let key = format!("{section}.{}", key.replace("__", ".")).to_lowercase();
                    let value = typed(&key, text);
                    layer.push((key, value));
                }
                None if ELSEWHERE.contains(&name.as_str())
                    || name.starts_with("ORCHESTRATOR_TEST_") => {}
                None => return Err(unknown(name)),
            }
        }
    }
    Ok(layer)
}

/// The database's address from the predecessor's parts; `DATABASE_URL`, read later, wins.
fn database_url(variables: &[(String, String)]) -> Result<Option<String>, Error> {
    let part = |name: &str| {
        variables
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    };
    let Some(host) = part("DB_HOST") else {
        return Ok(None);
    };
    let port = part("DB_PORT")
        .map(str::parse::<u16>)
        .transpose()
        .map_err(|_| {
            let found = part("DB_PORT").unwrap_or_default();
            Error::Setting(format!(
                "DB_PORT = {found:?}: expected a port number, 1 to 65535"
            ))
        })?;
    let parts = db::PostgresParts {
        host,
        port,
        user: part("DB_USER").unwrap_or("postgres"),
        password: part("DB_PASSWORD").unwrap_or_default(),
        name: part("DB_NAME").unwrap_or("bankassistant"),
        sslmode: part("DB_SSLMODE"),
    };
    Ok(Some(db::postgres_url(&parts).expose_secret().to_owned()))
}

/// A secret stays a text even if it looks like a number.
fn typed(key: &str, text: &str) -> Value {
    let is_text = [
        "_token", "token", "api_key", "url", "level", "_max", "_number",
    ]
    .iter()
    .any(|ending| key.ends_with(ending))
        && !key.ends_with("bytes_max")
        && !key.ends_with("instances_max")
        && !key.ends_with("connections_max")
        && !key.ends_with("ms_max")
        && !key.ends_with("at_once_max")
        && !key.ends_with("idle_max");
    if is_text {
        return Value::from(text.to_owned());
    }
    text.parse::<Value>()
        .unwrap_or_else(|infallible| match infallible {})
}

fn unknown(name: &str) -> Error {
    let nearest = spelling::nearest(name, NAMES.iter().map(|(known, _)| *known));
    let hint = nearest.map_or_else(|| ".".to_owned(), |it| format!("; did you mean {it}?"));
    Error::Setting(format!(
        "unknown environment variable {name}{hint} Other keys are written ORCHESTRATOR_SECTION__KEY"
    ))
}
