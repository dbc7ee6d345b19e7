//! Who calls, from somebody who knows: Retell's own API, since nobody signs what a line says.
//!
//! A signed event may come first, late or not at all; whichever of the two names the number first lets it count. Nothing waits for
//! the answer.

use std::sync::Arc;

use serde_json::json;

use super::conversation::Conversation;
use crate::call::redact;
use crate::ingress::retell;
use crate::orchestrator::{CallEvent, EventKind};

impl Conversation {
    /// Looks the call up, where Retell may be asked, and takes over what it says.
    pub fn look_up(self: &Arc<Self>) {
        let this = Arc::clone(self);
        tokio::spawn(async move {
            let (call_id, shared) = (&this.call_id, &this.shared);
            let Some(provider) = shared.provider.as_ref().filter(|_| !shared.is_sandbox) else {
                return;
            };
            let known = shared.orchestrator.db().call(call_id).await;
            if known.is_ok_and(|call| call.is_some_and(|call| call.phone.is_some())) {
                // A signed event was first.
                return;
            }
            let call = match provider.call(call_id).await {
                Ok(Some(call)) => call,
                Ok(None) => return tracing::warn!(call_id, "Retell knows no call of this line"),
                Err(cause) => return tracing::warn!(call_id, "not looked up at Retell: {cause}"),
            };
            let facts = retell::call_facts(&call).filter(|facts| facts.id == *call_id);
            let mut body = json!({ "event": retell::LOOKED_UP, "call": call });
            redact::event(&mut body);
            let event = CallEvent {
                kind: EventKind::Started,
                name: retell::LOOKED_UP.to_owned(),
                dedupe_key: format!("{}:{call_id}", retell::LOOKED_UP),
                facts,
                body: body.to_string().into_bytes(),
                disconnection_reason: None,
                analysis: None,
            };
            if let Err(cause) = shared.orchestrator.take_event(event).await {
                tracing::warn!(call_id, "what Retell says is not kept: {cause}");
            }
        });
    }
}
