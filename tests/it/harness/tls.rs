//! TLS in front of a host, as a load balancer ends it, with a certificate made for one test.
//!
//! The command line is the one client that meets TLS here; the host itself never ends it.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A front of its own certificate.
pub struct TlsFront {
    /// `https://localhost:PORT`.
    pub url: String,
}

impl TlsFront {
    /// In front of `host:port`; the certificate is written where whoever trusts it finds it.
    pub fn before(host: &str, certificate: &Path) -> Result<Self> {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        std::fs::write(certificate, made.cert.pem())?;
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der());
        let key = key.map_err(|cause| anyhow::anyhow!("the key is none: {cause}"))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)?;
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let url = format!("https://localhost:{}", listener.local_addr()?.port());
        let host = host.to_owned();
        // A thread of its own: tests wait for the command line without giving their runtime a turn.
        std::thread::spawn(move || serve(listener, &host, TlsAcceptor::from(Arc::new(config))));
        Ok(Self { url })
    }
}

fn serve(listener: std::net::TcpListener, host: &str, tls: TlsAcceptor) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("no runtime")?;
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            let (tls, host) = (tls.clone(), host.to_owned());
            tokio::spawn(async move {
                let mut outside = tls.accept(stream).await?;
                let mut inside = TcpStream::connect(host).await?;
                tokio::io::copy_bidirectional(&mut outside, &mut inside).await
            });
        }
    })
}
