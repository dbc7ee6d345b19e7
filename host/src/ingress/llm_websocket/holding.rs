//! When a caller who waits is told to hold on.
//!
//! Only in silence: after every sentence of an answer the time begins anew, so that none is broken into.

use std::time::Duration;

use tokio::time::Instant;

use crate::reply;

/// The silence after the first holding sentence, before the next.
const PAUSE: Duration = Duration::from_millis(2_200);

/// The holding sentences of one response.
#[derive(Debug)]
pub struct Holding {
    /// The silence after which the first is said.
    patience: Duration,
    said: usize,
    /// When the next one is due.
    at: Instant,
}

impl Holding {
    /// For a request that was read then.
    pub fn since(began: Instant, patience: Duration) -> Self {
        Self {
            patience,
            said: 0,
            at: began + patience,
        }
    }

    /// Something of the answer was said: nothing is due for a while.
    pub fn spoke(&mut self) {
        self.wait(self.patience);
    }

    /// The next sentence once it is due; never, where there is none left.
    pub async fn due(&mut self) -> &'static str {
        let Some(sentence) = reply::HOLDING.get(self.said) else {
            return std::future::pending().await;
        };
        tokio::time::sleep_until(self.at).await;
        self.said += 1;
        self.wait(PAUSE);
        sentence
    }

    fn wait(&mut self, silence: Duration) {
        self.at = Instant::now() + silence;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_millis(700);

    #[tokio::test]
    async fn an_answer_that_is_being_said_is_not_broken_into() {
        let mut holding = Holding::since(Instant::now(), Duration::ZERO);
        holding.patience = PATIENCE;
        let spoke = Instant::now();
        holding.spoke();
        assert_eq!(holding.due().await, reply::HOLDING[0]);
        assert!(spoke.elapsed() >= PATIENCE, "{:?}", spoke.elapsed());
    }

    #[tokio::test]
    async fn a_caller_who_waits_is_told_so_and_not_for_ever() {
        let mut holding = Holding::since(Instant::now(), Duration::ZERO);
        assert_eq!(holding.due().await, reply::HOLDING[0]);
        assert!(
            holding.at >= Instant::now() + PAUSE / 2,
            "not one after the other"
        );
        holding.at = Instant::now();
        assert_eq!(holding.due().await, reply::HOLDING[1]);
        holding.at = Instant::now();
        let more = tokio::time::timeout(Duration::from_millis(20), holding.due()).await;
        assert!(more.is_err(), "{more:?}");
    }
}
