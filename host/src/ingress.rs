//! HTTP.
pub mod signature;
/// x
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Settings { pub host: String, pub port: u16, pub api_token: Option<secrecy::SecretString>, pub admin_token: Option<secrecy::SecretString>}
