//! The two ends between a spoken turn and the line that it speaks on: sentences go one way, "nobody waits any more" the other.
//!
//! A turn never waits for its listener. Once the caller speaks again the provider drops what was asked before, so a turn that has
//! changed nothing yet stops at once.

use tokio::sync::{mpsc, watch};

/// The turn's end.
#[derive(Debug, Clone)]
pub struct Listener {
    sentences: mpsc::UnboundedSender<String>,
    attends: watch::Receiver<bool>,
}

/// The line's end; a turn whose listener drops it is superseded.
#[derive(Debug)]
pub struct Attention {
    /// Sentences that are known before the turn has ended.
    pub sentences: mpsc::UnboundedReceiver<String>,
    attends: watch::Sender<bool>,
}

/// Both ends.
#[must_use]
pub fn listen() -> (Listener, Attention) {
    let (say, sentences) = mpsc::unbounded_channel();
    let (attends, attended) = watch::channel(true);
    let listener = Listener {
        sentences: say,
        attends: attended,
    };
    (listener, Attention { sentences, attends })
}

impl Attention {
    /// Something newer was asked: nobody waits for this turn.
    pub fn turn_away(&self) {
        self.attends.send_replace(false);
    }
}

impl Listener {
    /// Says a sentence before the turn has ended.
    pub fn say(&self, sentence: &str) {
        let _ = self.sentences.send(sentence.to_owned());
    }

    /// Whether nobody waits any more.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        !*self.attends.borrow() || self.attends.has_changed().is_err()
    }

    /// Returns when nobody waits any more.
    pub async fn gone(&self) {
        let mut attends = self.attends.clone();
        let _ = attends.wait_for(|attends| !attends).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_listener_that_is_dropped_waits_no_more() {
        let (listener, attention) = listen();
        assert!(!listener.is_gone());
        drop(attention);
        listener.gone().await;
        assert!(listener.is_gone());
    }
}
