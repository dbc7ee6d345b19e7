//! Capability `transcript`: what was said in this call, PINs taken out.
//!
//! Bounded here, whatever is asked for.

use std::sync::Arc;

use super::super::bindings::wit::transcript::{Host, Speaker, Utterance};
use super::super::instance::State;
use crate::call::bounds::TRANSCRIPT_LEN_MAX;

impl Host for State {
    async fn recent(&mut self, limit: u32) -> wasmtime::Result<Vec<Utterance>> {
        self.enter()?;
        let port = Arc::clone(&self.scope.capabilities);
        let limit =
            usize::try_from(limit).map_or(TRANSCRIPT_LEN_MAX, |it| it.min(TRANSCRIPT_LEN_MAX));
        let said = self.wait(port.recent(limit)).await;
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
        let port = Arc::clone(&self.scope.capabilities);
        Ok(self.wait(port.last_reply()).await)
    }
}
