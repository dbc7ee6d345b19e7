//! Frames that nobody can read, too many of them, or too big: counted and passed over, or the end of that one line.
//!
//! Other lines feel nothing.

use anyhow::Result;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::{alice, fresh_id};
use crate::harness::{Line, Setup, request, user};

#[tokio::test]
async fn a_frame_that_cannot_be_read_is_counted_and_the_line_lives() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut caller = alice(&host).await?;
    for text in [
        "",
        "hello",
        "{",
        "[]",
        "{}",
        "null",
        r#"{"interaction_type":"some_future_type","x":1}"#,
        r#"{"interaction_type":7}"#,
        r#"{"interaction_type":"ping_pong"}"#,
        r#"{"interaction_type":"response_required","response_id":"one"}"#,
        r#"{"interaction_type":"response_required","response_id":99999999999999999999}"#,
        r#"{"interaction_type":"call_details","call":"nobody"}"#,
    ] {
        caller.line.send_raw(Message::text(text)).await?;
    }
    caller
        .line
        .send_raw(Message::binary(vec![0, 159, 146, 150]))
        .await?;
    let half = r#"{"interaction_type":"response_required","response_id":1,"transcript":[{"role":"user","content":"what is my checking balance \ud83d"}]}"#;
    caller.line.send_raw(Message::text(half)).await?;
    caller.id = 1;
    let said = caller.hears().await?;
    assert!(said.text.contains("five thousand"), "{said:?}");
    let metrics = host.get("/metrics").await?.text;
    for (reason, count) in [
        ("binary", 1),
        ("not_json", 3),
        ("unknown_type", 1),
        ("wrong_shape", 8),
    ] {
        let line = format!("websocket_frames_skipped_total{{reason=\"{reason}\"}} {count}");
        assert!(metrics.contains(&line), "no {line} in {metrics}");
    }
    Ok(())
}

#[tokio::test]
async fn a_transcript_of_two_megabytes_is_heard() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut caller = alice(&host).await?;
    let words: Vec<_> = (0..300)
        .map(|at| json!({"word": "balance", "start": at, "end": at + 1}))
        .collect();
    for _ in 0..150 {
        let mut said = user("and so on");
        said["words"] = json!(words);
        caller.said.insert(0, said);
    }
    let bytes = request("response_required", 1, &caller.said)
        .to_string()
        .len();
    assert!(bytes > 2_000_000, "{bytes} bytes");
    let said = caller.says("what is my checking balance").await?;
    assert!(said.text.contains("five thousand"), "{said:?}");
    Ok(())
}

#[tokio::test]
async fn a_frame_over_the_limit_ends_its_line_so_that_the_provider_comes_back() -> Result<()> {
    let setup = Setup::sandbox()?.set("ORCHESTRATOR_SERVER__WEBHOOK_BYTES_MAX", 1_000_000);
    let host = setup.start().await?;
    let mut caller = alice(&host).await?;
    let id = fresh_id(&host);
    let mut beside = Line::open(&host, &id).await?;
    let fits = format!("{}{{}}", " ".repeat(999_998));
    caller.line.send_raw(Message::text(fits.clone())).await?;
    caller.line.ping(1).await?;
    caller
        .line
        .send_raw(Message::text(format!("{fits} ")))
        .await?;
    assert_eq!(caller.line.closed().await?, None, "a code ends the call");
    beside.ping(1).await?;
    Ok(())
}

#[tokio::test]
async fn a_flood_ends_its_line_and_no_other() -> Result<()> {
    let host = Setup::sandbox()?.start().await?;
    let mut caller = alice(&host).await?;
    let mut beside = alice(&host).await?;
    let ping = json!({"interaction_type": "ping_pong", "timestamp": 1});
    for _ in 0..10_000 {
        // The host may have closed already.
        if caller.line.send(&ping).await.is_err() {
            break;
        }
    }
    assert_eq!(caller.line.closed().await?, None, "a code ends the call");
    let said = beside.says("what is my checking balance").await?;
    assert!(said.text.contains("five thousand"), "{said:?}");
    Ok(())
}
