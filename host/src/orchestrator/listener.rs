//! The two ends between a spoken turn and the line that it speaks on: sentences go one way, "nobody waits any more" the other.
//!
//! A turn never waits for its listener. Once the caller speaks again the provider drops what was asked before, so a turn that has
//! changed nothing yet stops at once.

use tokio::sync::mpsc;

/// The turn's end.
#[derive(Debug, Clone)]
pub struct Listener {
    sentences: mpsc::UnboundedSender<String>,
}

/// The line's end; a turn whose listener drops it is superseded.
#[derive(Debug)]
pub struct Attention {
    /// Sentences that are known before the turn has ended.
    pub sentences: mpsc::UnboundedReceiver<String>,
}

/// Both ends.
#[must_use]
pub fn listen() -> (Listener, Attention) {
    let (say, sentences) = mpsc::unbounded_channel();
    (Listener { sentences: say }, Attention { sentences })
}

impl Listener {
    /// Says a sentence before the turn has ended.
    pub fn say(&self, sentence: &str) {
        let _ = self.sentences.send(sentence.to_owned());
    }

    /// Whether nobody waits any more.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.sentences.is_closed()
    }

    /// Returns once nobody waits any more.
    pub async fn gone(&self) {
        self.sentences.closed().await;
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
