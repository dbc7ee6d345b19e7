//! What is told without being asked: what came of money that the bank had not confirmed when its turn ended.
//!
//! Looked for only while a caller waits for it, and only until something newer is asked: the answer to that tells it first.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::conversation::Conversation;
use crate::orchestrator::Unasked;

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long one look may wait for the call.
const LOOK_WITHIN: Duration = Duration::from_millis(500);

/// Follows up the newest request.
pub async fn follow_up(conversation: Arc<Conversation>, response_id: i64) {
    let orchestrator = &conversation.shared.orchestrator;
    loop {
        tokio::select! {
            biased;
            () = conversation.line.superseded(response_id) => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        let until = Instant::now() + LOOK_WITHIN;
        let (call_id, socket) = (&conversation.call_id, &conversation.socket);
        match orchestrator.unasked(call_id, socket, until).await {
            Unasked::Nothing => return,
            Unasked::Later => {}
            Unasked::Say(reply) => {
                metrics::counter!("websocket_interruptions_total").increment(1);
                conversation.line.interrupt(response_id, &reply);
            }
        }
    }
}
