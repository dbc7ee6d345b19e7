//! Capability `transcript`: what was said in this call, PINs taken out.
//!
//! Bounded here, whatever is asked for.

use std::sync::Arc;
use std::time::Instant as Moment;

use super::super::bindings::wit::transcript::{Host, Speaker, Utterance};
use super::super::instance::State;

/// Most utterances that one question gives.
const UTTERANCES_MAX: u32 = 20;

impl Host for State {
    async fn recent(&mut self, limit: u32) -> wasmtime::Result<Vec<Utterance>> {
        self.enter()?;
        let began = Moment::now();
        let port = Arc::clone(&self.scope.capabilities);
        let said = port.recent(limit.min(UTTERANCES_MAX) as usize).await;
        self.waited(began);
        Ok(said
            .into_iter()
            .map(|utterance| Utterance {
                speaker: if utterance.by_agent {
                    Speaker::Agent
                } else {
                    Speaker::Caller
                },
                text: utterance.text,
            })
            .collect())
    }

    async fn last_reply(&mut self) -> wasmtime::Result<Option<String>> {
        self.enter()?;
        let began = Moment::now();
        let port = Arc::clone(&self.scope.capabilities);
        let reply = port.last_reply().await;
        self.waited(began);
        Ok(reply)
    }
}
