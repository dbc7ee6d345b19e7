//! A TCP proxy that damages what passes: eight toxics, each way on its own, changed while connections live.
//!
//! The toxics are those of toxiproxy. Chance comes from the proxy's seed and the connection's number, so that a run can be
//! repeated. It knows nothing of what is said on the connections.

mod pump;
mod toxic;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use fastrand::Rng;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use pump::End;
pub use toxic::Toxic;

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From the client to the server.
    Up,
    /// From the server to the client.
    Down,
}

/// A running proxy; its port closes when it is dropped.
pub struct Proxy {
    address: SocketAddr,
    up: watch::Sender<Vec<Toxic>>,
    down: watch::Sender<Vec<Toxic>>,
    is_open: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

struct Line {
    server: SocketAddr,
    seed: u64,
    connections: AtomicU64,
    up: watch::Receiver<Vec<Toxic>>,
    down: watch::Receiver<Vec<Toxic>>,
    is_open: watch::Receiver<bool>,
}

impl Proxy {
    /// A proxy to `server` on a free port, with no toxic yet.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn start(server: SocketAddr, seed: u64) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (up, down) = (watch::Sender::default(), watch::Sender::default());
        let is_open = watch::Sender::new(true);
        let line = Line {
            server,
            seed,
            connections: AtomicU64::new(0),
            up: up.subscribe(),
            down: down.subscribe(),
            is_open: is_open.subscribe(),
        };
        let task = tokio::spawn(serve(listener, address, Arc::new(line)));
        Ok(Self {
            address,
            up,
            down,
            is_open,
            task,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Replaces the toxics of one way, for live connections too. [`Toxic::Down`] closes the port whichever way it is set.
    pub fn set(&self, way: Way, toxics: &[Toxic]) {
        let (sender, other) = match way {
            Way::Up => (&self.up, &self.down),
            Way::Down => (&self.down, &self.up),
        };
        sender.send_replace(toxics.to_vec());
        let is_down = toxics.contains(&Toxic::Down) || other.borrow().contains(&Toxic::Down);
        self.is_open.send_replace(!is_down);
    }

    /// Takes every toxic away.
    pub fn heal(&self) {
        self.set(Way::Up, &[]);
        self.set(Way::Down, &[]);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, address: SocketAddr, line: Arc<Line>) {
    let mut is_open = line.is_open.clone();
    let mut listener = Some(listener);
    loop {
        if !*is_open.borrow_and_update() {
            // A closed port refuses; one that is open and silent would not.
            listener = None;
            if is_open.changed().await.is_err() {
                return;
            }
            continue;
        }
        let Some(open) = &listener else {
            match TcpListener::bind(address).await {
                Ok(again) => listener = Some(again),
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
            }
            continue;
        };
        tokio::select! {
            accepted = open.accept() => {
                if let Ok((client, _)) = accepted {
                    tokio::spawn(carry(client, Arc::clone(&line)));
                }
            }
            changed = is_open.changed() => if changed.is_err() {
                return;
            }
        }
    }
}

/// One connection, until both ways are at their end or one of them is cut.
async fn carry(mut client: TcpStream, line: Arc<Line>) {
    let number = line.connections.fetch_add(1, Ordering::Relaxed);
    let Ok(mut server) = TcpStream::connect(line.server).await else {
        return;
    };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let chance = |way: u64| {
        Rng::with_seed(line.seed ^ (number * 2 + way).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    };
    let mut is_open = line.is_open.clone();
    let ended = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let up = pump::run(from_client, to_server, line.up.clone(), chance(0));
        let down = pump::run(from_server, to_client, line.down.clone(), chance(1));
        tokio::select! {
            ended = async { tokio::try_join!(up, down) } => ended.map(drop),
            _ = is_open.wait_for(|is_open| !is_open) => Err(End::Cut),
        }
    };
    if matches!(ended, Err(End::Reset)) {
        let _ = (client.set_zero_linger(), server.set_zero_linger());
    }
}
