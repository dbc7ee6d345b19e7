//! Settings: embedded defaults, then a file, then the environment; every key typed, unknown ones refused.
//!
//! `config/default.toml` is the manual of every key and the first layer. The predecessor's environment variables keep their names
//! (`config/env.rs`). Each module defines its own section; nothing below imports this file.

mod env;
mod explain;

use std::path::Path;

use figment::Figment;
use figment::providers::{Format as _, Serialized, Toml};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::{
    backend, caller, db, ingress, ledger, live, orchestrator, pipeline, plugin, telemetry,
};

/// The manual of every key.
const DEFAULTS: &str = include_str!("../../config/default.toml");

/// Everything that can be set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where the host listens, and who may ask.
    pub server: ingress::Settings,
    /// The voice provider.
    pub retell: backend::retell::Settings,
    /// The bank's Python service.
    pub backend: backend::Settings,
    /// Where everything is kept.
    pub database: db::Settings,
    /// Live calls.
    pub live: live::Settings,
    /// Which rules.
    pub pipeline: pipeline::Settings,
    /// The WASM engine.
    pub plugin: plugin::Settings,
    /// The host's own ceilings.
    pub ledger: ledger::Settings,
    /// Who is calling.
    pub caller: caller::Settings,
    /// What the host says on a line by itself.
    pub voice: ingress::VoiceSettings,
    /// One turn.
    pub turn: orchestrator::Settings,
    /// Log lines.
    pub log: telemetry::Settings,
    /// The bank to try it on.
    pub sandbox: crate::app::sandbox::Settings,
    /// Keys that somebody set, as opposed to the embedded defaults.
    #[serde(skip)]
    given: Vec<&'static str>,
}

/// Keys whose defaults a sandbox replaces.
const REPLACEABLE: [&str; 4] = [
    "backend.url",
    "database.url",
    "retell.base_url",
    "server.drain_ms",
];

/// Why settings cannot be used: one sentence with the key, the value, what was expected and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A key or a value, as [`explain`](self) puts it.
    #[error("{0}")]
    Setting(String),
    /// `.env` cannot be read.
    #[error("cannot read .env: {0}")]
    DotEnv(String),
    /// Outside sandbox something must be set.
    #[error(
        "{key} not found: {what}; set it in the environment or in .env (see .env.example), or try `orchestrator serve --sandbox`"
    )]
    Missing {
        /// The environment variable.
        key: &'static str,
        /// What it is for.
        what: &'static str,
    },
}

/// A token that is shorter can be guessed.
const TOKEN_LETTERS_MIN: usize = 16;

impl Settings {
    /// Reads all layers. `file`: the operator's own, where one is named.
    ///
    /// # Errors
    /// [`Error::Setting`] for the first key that is unknown or has a bad value.
    pub fn read(file: Option<&Path>) -> Result<Self, Error> {
        match dotenvy::dotenv() {
            Ok(_) => {}
            Err(cause) if cause.not_found() => {}
            Err(cause) => return Err(Error::DotEnv(cause.to_string())),
        }
        let variables: Vec<(String, String)> = std::env::vars().collect();
        Self::from_layers(file, &variables)
    }

    fn from_layers(file: Option<&Path>, variables: &[(String, String)]) -> Result<Self, Error> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        let by_default = figment
            .find_metadata("server.port")
            .map(|it| it.name.clone());
        if let Some(path) = file {
            if !path.is_file() {
                return Err(Error::Setting(format!(
                    "no settings file at {}; correct --config or ORCHESTRATOR_CONFIG",
                    path.display()
                )));
            }
            explain::check_toml(path)?;
            figment = figment.merge(Toml::file_exact(path));
        }
        for (key, value) in env::layer(variables)? {
            figment = figment.merge(Serialized::default(&key, value));
        }
        let mut settings: Self = figment
            .extract()
            .map_err(|cause| explain::sentence(&cause, &figment))?;
        settings.check()?;
        settings.pipeline.turn_deadline_ms = Some(settings.turn.deadline_ms);
        let is_given = |key: &&str| {
            figment
                .find_metadata(key)
                .is_some_and(|it| Some(&it.name) != by_default.as_ref())
        };
        settings.given = REPLACEABLE.into_iter().filter(is_given).collect();
        Ok(settings)
    }

    /// Whether somebody set this key.
    #[must_use]
    pub fn is_set(&self, key: &str) -> bool {
        self.given.contains(&key)
    }

    /// What types alone cannot tell.
    fn check(&self) -> Result<(), Error> {
        for (key, value, least) in [
            (
                "plugin.instances_max",
                self.plugin.instances_max as usize,
                1,
            ),
            (
                "plugin.component_bytes_max",
                self.plugin.component_bytes_max,
                1_024,
            ),
            (
                "plugin.compile_ms_max",
                usize::try_from(self.plugin.compile_ms_max).unwrap_or(usize::MAX),
                1,
            ),
            (
                "server.webhook_bytes_max",
                self.server.webhook_bytes_max,
                1_024,
            ),
            ("server.body_bytes_max", self.server.body_bytes_max, 1_024),
            (
                "backend.assistant_ms",
                usize::try_from(self.backend.assistant_ms).unwrap_or(usize::MAX),
                100,
            ),
            (
                "server.body_timeout_ms",
                self.server.body_timeout_ms as usize,
                1,
            ),
            (
                "database.connections_max",
                self.database.connections_max as usize,
                1,
            ),
        ] {
            if value < least {
                return Err(Error::Setting(format!(
                    "setting `{key}` = {value}: expected at least {least}"
                )));
            }
        }
        self.ledger
            .ceilings()
            .map_err(|cause| Error::Setting(format!("[ledger] transfer_max, day_max: {cause}")))?;
        self.backend.check().map_err(Error::Setting)?;
        self.server.check().map_err(Error::Setting)?;
        self.retell.check().map_err(Error::Setting)?;
        self.caller.check().map_err(Error::Setting)?;
        self.voice.check().map_err(Error::Setting)?;
        self.turn.check().map_err(Error::Setting)?;
        self.pipeline.check().map_err(Error::Setting)?;
        self.live.check().map_err(Error::Setting)
    }

    /// What every host on the same database must have set alike.
    #[must_use]
    pub fn terms(&self) -> db::Terms {
        let (bank, ledger, caller) = (&self.backend, &self.ledger, &self.caller);
        db::Terms::of([
            ("backend.currency", bank.currency.clone()),
            (
                "backend.dialect",
                format!("{:?}", bank.dialect).to_lowercase(),
            ),
            ("backend.idempotent", bank.idempotent.to_string()),
            ("ledger.currency", ledger.currency.clone()),
            ("ledger.day_max", ledger.day_max.clone()),
            ("ledger.transfer_max", ledger.transfer_max.clone()),
            ("caller.phone_opens", caller.phone_opens.join(" ")),
            (
                "caller.phone_transfer_max",
                caller.phone_transfer_max.clone(),
            ),
            ("live.redis_prefix", self.live.redis_prefix.clone()),
        ])
    }

    /// What a host outside sandbox can do without, and should not; a sentence each.
    #[must_use]
    pub fn cautions(&self) -> Vec<String> {
        let server = &self.server;
        let mut cautions = Vec::new();
        for (secret, key) in [
            (&server.api_token, "ORCHESTRATOR_API_TOKEN"),
            (&server.admin_token, "ORCHESTRATOR_ADMIN_TOKEN"),
            (&server.websocket_token, "ORCHESTRATOR_WEBSOCKET_TOKEN"),
        ] {
            let length = secret.as_ref().map(|it| it.expose_secret().trim().len());
            if length.is_some_and(|length| length < TOKEN_LETTERS_MIN) {
                cautions.push(format!(
                    "{key} has fewer than {TOKEN_LETTERS_MIN} letters; make a random one, such as `openssl rand -hex 32`"
                ));
            }
        }
        if server.websocket_token.is_none() {
            cautions.push(
                "ORCHESTRATOR_WEBSOCKET_TOKEN is not set; the voice line /llm-websocket stays closed until it is"
                    .to_owned(),
            );
        } else if self.voice.hand_off_number.is_none() {
            cautions.push(
                "voice.hand_off_number is not set; callers on the voice line who need a person are told to call the bank instead"
                    .to_owned(),
            );
        }
        cautions
    }

    /// Outside sandbox nothing that reads or moves money is open.
    ///
    /// # Errors
    /// [`Error::Missing`] names the first key that is not set.
    pub fn check_secrets(&self) -> Result<(), Error> {
        let is_set = |secret: &Option<SecretString>| {
            secret
                .as_ref()
                .is_some_and(|secret| !secret.expose_secret().trim().is_empty())
        };
        for (secret, key, what) in [
            (
                &self.retell.api_key,
                "RETELL_API_KEY",
                "without it no request of Retell's can be checked",
            ),
            (
                &self.server.api_token,
                "ORCHESTRATOR_API_TOKEN",
                "without it anybody could use /orchestrate",
            ),
            (
                &self.server.admin_token,
                "ORCHESTRATOR_ADMIN_TOKEN",
                "without it anybody could use /admin",
            ),
        ] {
            if !is_set(secret) {
                return Err(Error::Missing { key, what });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
