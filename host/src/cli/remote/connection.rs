//! A connection to a host, plain or through TLS.
//!
//! Certificates are checked as the platform checks them: on Linux against its store, or the file that `SSL_CERT_FILE` names.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::ConfigVerifierExt as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Both directions of a connection.
pub(in crate::cli) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// An open connection.
pub(in crate::cli) type Connection = Box<dyn Duplex>;

/// What checks a host's certificate.
pub(super) fn verifying() -> Result<TlsConnector> {
    let config = ClientConfig::with_platform_verifier()
        .context("the certificates that this machine trusts cannot be read")?;
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Connects to `host:port`.
pub(super) async fn open(authority: &str, tls: Option<&TlsConnector>) -> Result<Connection> {
    let stream = TcpStream::connect(authority).await.with_context(|| {
        format!("no host listens on {authority}; is it running? (ORCHESTRATOR_HOST, ORCHESTRATOR_PORT, or --url)")
    })?;
    // Small frames that wait for nothing.
    stream.set_nodelay(true)?;
    let Some(tls) = tls else {
        return Ok(Box::new(stream));
    };
    let name = authority
        .rsplit_once(':')
        .map_or(authority, |(name, _)| name);
    let name = ServerName::try_from(name.trim_matches(['[', ']']).to_owned())
        .with_context(|| format!("{name}: a certificate cannot be for this name"))?;
    let stream = tls.connect(name, stream).await.with_context(|| {
        format!("the certificate of {authority} is not taken; a private authority is named by SSL_CERT_FILE")
    })?;
    Ok(Box::new(stream))
}
