//! Scripts against a host of a few lines that keeps the protocol, and breaks it where a test asks for that.
//!
//! What the host was sent is looked at too: an interrupted reply must be cut in the transcript.

mod by_hand;

use std::sync::{Arc, Mutex};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::*;

type Received = Arc<Mutex<Vec<Value>>>;
type Socket = WebSocketStream<TcpStream>;

/// How the host of a test misbehaves.
#[derive(Debug, Clone, Copy, Default)]
struct Habits {
    greets_always: bool,
}

/// A host that repeats what it hears; gives where it listens and what it was sent.
async fn host(habits: Habits) -> (Remote, Received) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let received = Received::default();
    let kept = Arc::clone(&received);
    tokio::spawn(async move {
        let mut connections = 0;
        while let Ok((stream, _)) = listener.accept().await {
            let socket = tokio_tungstenite::accept_async(stream).await.unwrap();
            let greets = connections == 0 || habits.greets_always;
            connections += 1;
            tokio::spawn(serve(socket, greets, Arc::clone(&kept)));
        }
    });
    (Remote::at(&url).unwrap(), received)
}

async fn send(socket: &mut Socket, frame: Value) {
    let _ = socket.send(Message::text(frame.to_string())).await;
}

fn response(id: &Value, content: &str, complete: bool) -> Value {
    json!({"response_type": "response", "response_id": id, "content": content, "content_complete": complete})
}

async fn serve(mut socket: Socket, greets: bool, received: Received) {
    let config =
        json!({"auto_reconnect": true, "call_details": true, "transcript_with_tool_calls": true});
    send(
        &mut socket,
        json!({"response_type": "config", "config": config}),
    )
    .await;
    let greeting = if greets { "Hi, this is a test." } else { "" };
    send(&mut socket, response(&json!(0), greeting, true)).await;
    while let Some(Ok(message)) = socket.next().await {
        let Ok(text) = message.into_text() else {
            continue;
        };
        let Ok(frame) = serde_json::from_str::<Value>(text.as_str()) else {
            continue;
        };
        received.lock().unwrap().push(frame.clone());
        if frame["interaction_type"] == "ping_pong" {
            send(
                &mut socket,
                json!({"response_type": "ping_pong", "timestamp": frame["timestamp"]}),
            )
            .await;
        }
        if frame["response_id"].is_null() {
            continue;
        }
        let id = &frame["response_id"];
        let said = frame["transcript"]
            .as_array()
            .and_then(|all| all.last())
            .cloned();
        let said = said.unwrap_or_default()["content"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        if !answer(&mut socket, id, &said, greets).await {
            return;
        }
    }
}

/// Says what belongs to these words; whether the line lives on.
async fn answer(socket: &mut Socket, id: &Value, said: &str, is_first: bool) -> bool {
    let close = |code| {
        let reason = "".into();
        Message::Close(Some(CloseFrame { code, reason }))
    };
    match said {
        "slow" => send(socket, response(id, "One moment please, I look. ", false)).await,
        "binary" => {
            let _ = socket.send(Message::binary(vec![1])).await;
        }
        // The connection just ends, which the provider takes for 1006.
        "restart" if is_first => return false,
        "go away" => {
            let _ = socket.send(close(CloseCode::Restart)).await;
            return false;
        }
        "hang up" => {
            let _ = socket.send(close(CloseCode::Normal)).await;
            return false;
        }
        "bye" => {
            let mut frame = response(id, "Goodbye.", true);
            frame["end_call"] = json!(true);
            send(socket, frame).await;
        }
        "human" => {
            let mut frame = response(id, "I connect you.", true);
            frame["transfer_number"] = json!("+14155550199");
            send(socket, frame).await;
        }
        other => {
            send(socket, response(id, "You said ", false)).await;
            send(socket, response(id, &format!("{other}."), true)).await;
        }
    }
    true
}

/// Plays these steps; gives the difference, if any, and what was printed.
async fn play(habits: Habits, steps: &str) -> (Result<&'static str, Failed>, String, Received) {
    let (host, received) = host(habits).await;
    let script = Script::parse(&format!("name: a test\nsteps:\n{steps}")).unwrap();
    let call = Phoned {
        call_id: "call_1".to_owned(),
        from: SANDBOX_CALLER.to_owned(),
        started_ms: 0,
    };
    let details = call.call("registered");
    let line = Line::connect(&host, "/llm-websocket/call_1".to_owned(), details).await;
    let books = Books::of(&host, "call_1", None, "USD");
    let mut printed = Vec::new();
    let mut player = Player::new(line.unwrap(), books, Show::new(&mut printed), &script);
    let played = player.play(&script).await;
    drop(player);
    (played, String::from_utf8(printed).unwrap(), received)
}

async fn difference(steps: &str) -> String {
    play(Habits::default(), steps)
        .await
        .0
        .unwrap_err()
        .to_string()
}

#[tokio::test]
async fn a_conversation_as_expected_passes_and_is_printed() {
    let steps = "  - expect: this is a test\n  - say: apples\n    expect: you said APPLES\n    within_ms: 5000\n  - digits: \"12\"\n  - silence: true\n  - say: bye\n    expect_end: true\n";
    let (played, printed, received) = play(Habits::default(), steps).await;
    assert_eq!(played.unwrap(), "agent_hangup", "{printed}");
    for part in [
        "agent   Hi, this is a test.",
        "caller  apples",
        "agent   You said apples.",
        "(2 keys)",
        "passed: 5 replies",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    let received = received.lock().unwrap();
    assert_eq!(received[0]["interaction_type"], "call_details");
    assert_eq!(received[0]["call"]["from_number"], SANDBOX_CALLER);
    let kinds: Vec<_> = received
        .iter()
        .filter_map(|it| it["response_id"].as_u64())
        .collect();
    assert_eq!(kinds, [1, 2, 3, 4]);
    assert!(
        received
            .iter()
            .any(|it| it["interaction_type"] == "reminder_required")
    );
}

#[tokio::test]
async fn the_turn_that_differs_is_named_with_both_sides() {
    let what =
        difference("  - say: apples\n    expect: apples\n  - say: pears\n    expect: plums\n")
            .await;
    assert_eq!(
        what,
        "line 5: \"plums\" was expected; heard was \"You said pears.\""
    );
    let what = difference("  - say: apples\n    expect_end: true\n").await;
    assert!(
        what.starts_with("line 3: the agent should hang up"),
        "{what}"
    );
    let what = difference("  - say: human\n    expect_human: true\n  - say: apples\n").await;
    assert_eq!(what, "line 5: the call is over: the caller was handed over");
}

#[tokio::test]
async fn an_interruption_cuts_the_reply_and_a_late_answer_is_not_heard() {
    let steps =
        "  - say: slow\n  - interrupt: apples\n    heard_words: 2\n    expect: You said apples\n";
    let (played, printed, received) = play(Habits::default(), steps).await;
    assert_eq!(played.unwrap(), "user_hangup", "{printed}");
    let received = received.lock().unwrap();
    let last = received.iter().rfind(|it| it["response_id"] == 2).unwrap();
    let said: Vec<_> = last["transcript"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["content"].as_str().unwrap())
        .collect();
    assert_eq!(
        said,
        ["Hi, this is a test.", "slow", "One moment", "apples"]
    );
    assert!(printed.contains("One moment —"), "{printed}");
}

#[test]
fn a_number_that_is_none_is_refused_with_an_example() {
    assert!(number("+14155552671").is_ok());
    assert!(number("4155").unwrap_err().contains("+14155552671"));
}

#[tokio::test]
async fn a_broken_connection_is_made_again_and_what_was_open_is_asked_again() {
    let steps = "  - say: apples\n  - reconnect: true\n  - say: pears\n    expect: pears\n";
    let (played, printed, _) = play(Habits::default(), steps).await;
    assert!(played.is_ok(), "{played:?} {printed}");
    let (played, ..) = play(
        Habits {
            greets_always: true,
        },
        steps,
    )
    .await;
    let what = played.unwrap_err().to_string();
    assert!(what.contains("greets a second time"), "{what}");
}

#[tokio::test]
async fn a_host_that_restarts_is_called_again_and_one_that_hangs_up_is_not() {
    let steps = "  - say: restart\n  - interrupt: apples\n    after_ms: 300\n    expect: apples\n";
    let (played, printed, _) = play(Habits::default(), steps).await;
    assert!(played.is_ok(), "{played:?} {printed}");
    assert!(
        printed.contains("broke without a goodbye; connected again"),
        "{printed}"
    );
    let what = difference("  - say: hang up\n    expect: yes\n").await;
    assert_eq!(what, "line 3: the call is over: the host closed the line");
    let what = difference("  - say: go away\n    expect: yes\n").await;
    assert_eq!(
        what,
        "line 3: the call is over: the host closed the connection with 1012"
    );
}

#[tokio::test]
async fn a_binary_frame_is_a_difference() {
    let what = difference(
        "  - say: binary\n  - interrupt: apples\n    after_ms: 200\n    expect: apples\n",
    )
    .await;
    assert!(
        what.contains("against the protocol: a binary frame"),
        "{what}"
    );
}

#[test]
fn a_folder_stands_for_its_scripts_in_order() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["b.yaml", "a.yaml", "c.txt"] {
        std::fs::write(folder.path().join(name), "").unwrap();
    }
    let files = script_files(&[folder.path().to_owned()]).unwrap();
    let names: Vec<_> = files
        .iter()
        .map(|it| it.file_name().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["a.yaml", "b.yaml"]);
    let nothing = script_files(&[folder.path().join("c.txt")]).unwrap();
    assert_eq!(
        nothing.len(),
        1,
        "a file that is named is taken whatever its name"
    );
    assert!(is_call_id("call_7c1f-0a") && !is_call_id("../x") && !is_call_id(""));
}
