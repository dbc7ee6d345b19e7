//! From settings to a running host: the parts are made in the order in which they depend on each other, and served.
//!
//! The composition root. It decides nothing; what a part needs it is given here. Whatever is missing stops the start with one
//! sentence that says so and what to do.

pub mod sandbox;
mod stopping;
mod systemd;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::backend::{Backend, Dialect, retell};
use crate::caller::{Callers, pin_hash};
use crate::config::Settings;
use crate::db::{Db, SampleIds};
use crate::ingress::llm_websocket::sockets::Sockets;
use crate::ingress::{self, Shared, server};
use crate::live::Live;
use crate::orchestrator::{Inbox, Orchestrator, Reaper};
use crate::pipeline::{Occasion, Pipeline};
use crate::plugin::Engine;
use crate::telemetry;
use stopping::{Orders, Running};

/// How often rows that nobody settled are looked for; how old they must be is the ledger's word.
const LEDGER_PATROL: Duration = Duration::from_secs(1);

/// Where a sandbox connects a caller to: a number that nobody has.
const SANDBOX_COLLEAGUE: &str = "+14155550199";

/// A host that is ready to serve.
pub struct App {
    listener: TcpListener,
    shared: Arc<Shared>,
    reaper: Reaper,
    inbox: Inbox,
    db: Db,
    backend: Backend,
    /// Taken from the first moment on: until somebody does, it would end the process.
    hangups: Signal,
    /// Of the sandbox; gone with the host.
    _sandbox: Option<Sandbox>,
}

/// What `--sandbox` adds.
struct Sandbox {
    _bank: Option<sandbox::Bank>,
    _folder: Option<TempDir>,
}

impl App {
    /// Makes all parts. With `is_sandbox` everything that a newcomer needs is made as well, unless the settings name their own.
    ///
    /// # Errors
    /// The first part that cannot be made, with what to do.
    pub async fn build(mut settings: Settings, is_sandbox: bool) -> Result<Self> {
        let hangups = signal(SignalKind::hangup()).context("signals cannot be listened for")?;
        let sandbox = if is_sandbox {
            Some(furnish(&mut settings).await?)
        } else {
            None
        };
        if !is_sandbox {
            settings.check_secrets()?;
            for caution in settings.cautions() {
                tracing::warn!("{caution}");
            }
        }
        let retell_key = settings
            .retell
            .api_key
            .clone()
            .context("RETELL_API_KEY not found")?;
        let provider = retell::Client::new(&settings.retell)
            .map_err(|cause| anyhow!("{cause}; correct section [retell]"))?;
        let db = connect(&settings).await?;
        db.join(settings.live.kind.hosts(), &settings.terms())
            .await?;
        if is_sandbox {
            enrol_samples(&db, &settings).await?;
        }
        let backend = Backend::new(settings.backend.clone())
            .map_err(|cause| anyhow!("{cause}; correct PYTHON_BACKEND_URL or section [backend]"))?;
        let engine = Engine::new(&settings.plugin)?;
        let pipeline = Pipeline::open(&settings.pipeline, &engine, &db, is_sandbox).await?;
        announce(&pipeline);
        let callers = Callers::new(db.clone(), backend.clone(), settings.caller.clone());
        let orchestrator = Orchestrator::new(
            db.clone(),
            backend.clone(),
            pipeline,
            Live::connect(&settings.live).await?,
            callers,
            settings.ledger.ceilings()?,
            &settings.turn,
        );
        let listener = listen(&settings.server.host, settings.server.port).await?;
        let orchestrator = Arc::new(orchestrator);
        let reaper = Reaper::new(Arc::clone(&orchestrator), provider.clone(), settings.retell);
        let inbox = Inbox::new(Arc::clone(&orchestrator), ingress::kept_event);
        let shared = Arc::new(Shared {
            orchestrator,
            retell_key,
            provider,
            settings: settings.server,
            sockets: Sockets::new(settings.voice.lines_max),
            voice: settings.voice,
            is_sandbox,
            metrics: telemetry::metrics_text,
            leaving: CancellationToken::new(),
        });
        Ok(Self {
            listener,
            shared,
            reaper,
            inbox,
            db,
            backend,
            hangups,
            _sandbox: sandbox,
        })
    }

    /// Serves until the process is told to stop, finishes what it has begun, and keeps what is still queued. Told a second time, it
    /// ends at once.
    ///
    /// # Errors
    /// When it ended otherwise than in order.
    pub async fn serve(self) -> Result<()> {
        let address = self.listener.local_addr()?;
        let mut orders = Orders::listen()?;
        tracing::info!("Orchestrator starting on {address}");
        greet_backend(&self.backend).await;
        let mut background = JoinSet::new();
        background.spawn(patrol(Arc::clone(&self.shared.orchestrator)));
        background.spawn(self.reaper.run());
        background.spawn(self.inbox.run());
        let pipeline = self.shared.orchestrator.pipeline();
        pipeline.start();
        background.spawn(reload_on_hangup(pipeline.clone(), self.hangups));
        background.spawn(systemd::watchdog());
        let closing = CancellationToken::new();
        let mut door = tokio::spawn(server::serve(
            self.listener,
            ingress::router(Arc::clone(&self.shared)),
            self.shared.settings.limits(),
            closing.clone(),
        ));
        systemd::ready();
        tokio::select! {
            () = orders.next() => {}
            ended = &mut door => bail!("the door closed by itself: {ended:?}"),
        }
        let running = Running {
            shared: self.shared,
            db: self.db,
            door,
            closing,
            background,
        };
        tokio::select! {
            biased;
            () = orders.next() => bail!("told a second time to stop: ended at once, with work unfinished"),
            () = running.end() => Ok(()),
        }
    }
}

/// The five customers of the sample world, under the ids that the bank's dialect gives them.
async fn enrol_samples(db: &Db, settings: &Settings) -> Result<()> {
    let ids = match settings.backend.dialect {
        Dialect::Published => SampleIds::Phones,
        Dialect::Documented | Dialect::Auto => SampleIds::Named,
    };
    let now_ms = jiff::Timestamp::now().as_millisecond();
    db.create_sample_users(now_ms, ids, async |pins| {
        pin_hash::hash_all(pins).await.context("sample PINs")
    })
    .await?;
    Ok(())
}

/// The database, with its tables.
///
/// # Errors
/// With what to do.
pub async fn connect(settings: &Settings) -> Result<Db> {
    let db = Db::connect(&settings.database).await?;
    db.migrate().await?;
    Ok(db)
}

/// What a newcomer needs and did not bring: a bank, a database in a temporary folder, a key.
async fn furnish(settings: &mut Settings) -> Result<Sandbox> {
    let bank = if settings.is_set("backend.url") {
        let url = &settings.backend.url;
        tracing::info!(
            "The bank is {url}, so no sandbox bank is started and section [sandbox] has no effect"
        );
        None
    } else {
        if settings.sandbox.dialect == Dialect::Published {
            settings.backend.dialect = Dialect::Published;
        } else if settings.backend.dialect == Dialect::Published {
            settings.sandbox.dialect = Dialect::Published;
        }
        if settings.is_set("database.url") {
            let now_ms = jiff::Timestamp::now().as_millisecond();
            settings.sandbox.numbers_from = u64::try_from(now_ms).unwrap_or_default();
        }
        let bank = sandbox::start(settings.sandbox.clone()).await?;
        settings.backend.url.clone_from(&bank.url);
        settings.backend.idempotent = bank.idempotent;
        tracing::info!("Sandbox bank on {}", bank.url);
        Some(bank)
    };
    let folder = if settings.is_set("database.url") {
        None
    } else {
        let folder = tempfile::tempdir().context("no temporary folder for the sandbox database")?;
        let file = folder.path().join("orchestrator.sqlite");
        settings.database.url = SecretString::from(format!("sqlite://{}", file.display()));
        Some(folder)
    };
    settings
        .voice
        .hand_off_number
        .get_or_insert_with(|| SANDBOX_COLLEAGUE.to_owned());
    if !settings.is_set("server.drain_ms") {
        // No load balancer stands before it.
        settings.server.drain_ms = 0;
    }
    if !settings.is_set("retell.base_url") {
        // A sandbox's calls are not Retell's.
        settings.retell.rest = false;
    }
    if settings.retell.api_key.is_none() {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|cause| anyhow!("no random numbers: {cause}"))?;
        let key = format!("key_{}", hex::encode(random));
        // The one secret that is printed: it was made for this start, and signs nothing outside this sandbox.
        tracing::info!("RETELL_API_KEY is not set; requests are signed with {key}");
        settings.retell.api_key = Some(SecretString::from(key));
    }
    Ok(Sandbox {
        _bank: bank,
        _folder: folder,
    })
}

fn announce(pipeline: &Pipeline) {
    let active = pipeline.active();
    for stage in &active.revision.stages {
        let (phase, plugin) = (stage.phase.name(), &stage.name);
        tracing::info!(phase, plugin, digest = stage.digest, "Plugin loaded");
    }
    for note in pipeline.notes() {
        tracing::warn!("{note}");
    }
    let (revision, by) = (&active.revision.id, active.activation.by.name());
    tracing::info!(revision, by, "Pipeline active");
}

/// SIGHUP: the files of the rules are looked at now.
async fn reload_on_hangup(pipeline: Pipeline, mut hangups: Signal) {
    while hangups.recv().await.is_some() {
        match pipeline.propose(Occasion::Asked).await {
            Ok(candidate) => tracing::info!(verdict = ?candidate.verdict, "Reloaded on SIGHUP"),
            Err(cause) => tracing::error!("not reloaded on SIGHUP: {}", cause.sentence()),
        }
    }
}

async fn listen(host: &str, port: u16) -> Result<TcpListener> {
    TcpListener::bind((host, port)).await.map_err(|cause| match cause.kind() {
        std::io::ErrorKind::AddrInUse => anyhow!(
            "Port {port} already in use; stop what listens there, or set ORCHESTRATOR_PORT to a free port"
        ),
        _ => anyhow!("cannot listen on {host}:{port}: {cause}; set ORCHESTRATOR_HOST and ORCHESTRATOR_PORT"),
    })
}

/// Settles what a crash or a lost answer left open, from the start on.
async fn patrol(orchestrator: Arc<Orchestrator>) {
    let mut rounds = tokio::time::interval(LEDGER_PATROL);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        orchestrator.close_open_rows().await;
    }
}

/// The predecessor's line; a bank that is down does not keep the host from serving.
async fn greet_backend(backend: &Backend) {
    let within = tokio::time::Instant::now() + Duration::from_secs(2);
    match backend.health(within).await {
        Ok(_) => tracing::info!("Python backend is healthy"),
        Err(cause) => tracing::warn!(
            "Python backend is not reachable ({cause}); callers hear that the bank cannot be reached. Start it, or correct PYTHON_BACKEND_URL"
        ),
    }
}
