//! What a service manager is told, where it listens (`NOTIFY_SOCKET`): ready, stopping, and a sign of life.
//!
//! Without systemd nothing happens here. `WATCHDOG_USEC` says how often it wants the sign.

use std::time::Duration;

use sd_notify::NotifyState;

/// How long one turn of the runtime may take to prove that it turns.
const TURN_WITHIN: Duration = Duration::from_secs(5);

/// The door is open.
pub(super) fn ready() {
    tell(&[NotifyState::Ready, NotifyState::Status("taking calls")]);
}

/// Told to stop; what has begun is finished.
pub(super) fn stopping() {
    tell(&[
        NotifyState::Stopping,
        NotifyState::Status("finishing what has begun"),
    ]);
}

/// Signs of life at half the time that the manager allows, each after another task was seen to run: timers that fire say little
/// when all workers are stuck.
pub(super) async fn watchdog() {
    let Some(allowed) = sd_notify::watchdog_enabled().filter(|allowed| !allowed.is_zero()) else {
        return std::future::pending().await;
    };
    let mut signs = tokio::time::interval(allowed / 2);
    signs.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        signs.tick().await;
        let turn = tokio::time::timeout(TURN_WITHIN, tokio::spawn(std::future::ready(())));
        if matches!(turn.await, Ok(Ok(()))) {
            tell(&[NotifyState::Watchdog]);
        }
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(cause) = sd_notify::notify(state) {
        tracing::warn!("the service manager cannot be told: {cause}");
    }
}
