//! Rules that fail in the middle of a spoken turn: whatever they do, a sentence comes and the response is completed.
//!
//! The guests are those of `failing_stages`; a caller asks for a misdeed by saying so.

use anyhow::Result;

use super::alice;
use crate::failing_stages::bench;
use crate::harness::assert_speakable;

#[tokio::test]
async fn a_plugin_that_fails_leaves_no_response_open() -> Result<()> {
    let host = bench::setup(&bench::pipeline("")?)?.start().await?;
    for fault in [
        "bad-router:trap",
        "bad-policy:trap",
        "bad-action:trap",
        "bad-shaper:trap",
        "bad-router:endless_loop",
        "bad-action:memory_bomb",
        "bad-shaper:deep_recursion",
    ] {
        let mut caller = alice(&host).await?;
        let asked = format!("what is my checking balance \"fault\":\"{fault}\"");
        let said = caller.says(&asked).await?;
        assert_speakable(said.text.trim());
        let again = caller.says("what is my checking balance").await?;
        assert!(
            again.text.contains("5000 dollars and 50 cents"),
            "{fault}: {again:?}"
        );
    }
    let failed = host.log().matches("stage failed").count();
    assert_eq!(failed, 7, "each of them really failed");
    Ok(())
}
