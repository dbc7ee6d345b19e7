//! Calls by hand: lines from a pipe, and a caller at the keyboard who cuts in, presses keys and is silent.
//!
//! Each line is typed once certain words were printed, so nothing here waits for the clock.

use tokio::sync::mpsc;

use super::*;

/// Longer than any of these conversations.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

/// A line to a host of a test, and what that host was sent.
async fn dialled() -> (Remote, Received) {
    host(Habits::default()).await
}

/// A caller who types each line once certain words were printed, and hangs up after the last.
struct AtKeyboard {
    printed: String,
    /// What is waited for, and what is typed then.
    types: std::vec::IntoIter<(&'static str, &'static str)>,
    next: Option<(&'static str, &'static str)>,
    keyboard: Option<mpsc::Sender<String>>,
}

impl Write for AtKeyboard {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.printed.push_str(&String::from_utf8_lossy(bytes));
        if let Some((words, line)) = self.next
            && self.printed.contains(words)
        {
            let keyboard = self.keyboard.as_ref().expect("still at it");
            keyboard.try_send(line.to_owned()).expect("there is room");
            self.next = self.types.next();
            if self.next.is_none() {
                self.keyboard = None;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Talks at this pace; gives what was printed, and what the host was asked.
async fn typed(
    types: Vec<(&'static str, &'static str)>,
    words_per_minute: u32,
) -> (String, Vec<Value>) {
    let (remote, received) = dialled().await;
    let path = "/llm-websocket/call_1".to_owned();
    let mut line = Line::connect(&remote, path, json!({})).await.unwrap();
    let (keyboard, lines) = mpsc::channel(8);
    let input = Input {
        lines,
        is_piped: false,
    };
    let mut types = types.into_iter();
    let next = types.next();
    let mut caller = AtKeyboard {
        printed: String::new(),
        types,
        next,
        keyboard: Some(keyboard),
    };
    let talk = terminal::talk(&mut line, input, words_per_minute, &mut caller);
    let ended = tokio::time::timeout(PATIENCE, talk).await;
    let ended = ended.unwrap_or_else(|_| panic!("it never ends: {}", caller.printed));
    assert_eq!(ended.unwrap(), "user_hangup", "{}", caller.printed);
    let received = received.lock().unwrap();
    let asked = received.iter().filter(|it| it["response_id"].is_u64());
    (caller.printed, asked.cloned().collect())
}

/// Who said what, in order.
fn conversation(request: &Value) -> Vec<(&str, &str)> {
    let said = request["transcript"].as_array().unwrap().iter();
    said.map(|it| {
        (
            it["role"].as_str().unwrap(),
            it["content"].as_str().unwrap(),
        )
    })
    .collect()
}

#[tokio::test]
async fn enter_alone_with_nothing_to_interrupt_says_so_and_nothing_else() {
    let (printed, asked) = typed(vec![("a test.\n", "")], 6_000).await;
    assert!(printed.contains("(nothing to interrupt;"), "{printed}");
    assert!(asked.is_empty(), "{asked:?}");
}

#[tokio::test]
async fn enter_alone_cuts_the_agent_off_where_it_had_come_to() {
    // Four words a second, so the greeting lasts for longer than a busy machine needs to take the key.
    let types = vec![("agent: Hi, this", ""), ("agent: You said", "/hangup")];
    let (printed, asked) = typed(types, 240).await;
    assert!(printed.contains("agent: Hi, this —\n"), "{printed}");
    let [request] = asked.as_slice() else {
        panic!("{asked:?}");
    };
    assert_eq!(request["interaction_type"], "response_required");
    let said = conversation(request);
    assert_eq!(said, [("agent", "Hi, this"), ("user", provider::NO_WORDS)]);
}

#[tokio::test]
async fn keys_and_silence_reach_the_host_as_retell_sends_them() {
    let types = vec![
        ("a test.\n", "/digits 12"),
        // What this host repeats is its own last sentence: keys are no words.
        ("You said Hi, this is a test..\n", "/silence"),
        ("You said You said Hi, this is a test...\n", "/hangup"),
    ];
    let (printed, asked) = typed(types, 6_000).await;
    let kinds: Vec<_> = asked.iter().map(|it| &it["interaction_type"]).collect();
    assert_eq!(
        kinds,
        ["response_required", "reminder_required"],
        "{printed}"
    );
    let with_tools = asked[0]["transcript_with_tool_calls"].as_array().unwrap();
    let pressed: Vec<_> = with_tools
        .iter()
        .filter(|it| it["role"] == "dtmf")
        .map(|it| it["digit"].as_str().unwrap())
        .collect();
    assert_eq!(pressed, ["1", "2"], "{with_tools:?}");
    assert_eq!(asked[1]["response_id"], 2);
}

#[tokio::test]
async fn an_order_that_is_none_is_explained_and_not_said() {
    let (printed, asked) = typed(vec![("a test.\n", "/digits four")], 6_000).await;
    assert!(printed.contains("known are /digits 1234"), "{printed}");
    assert!(asked.is_empty(), "{asked:?}");
}

#[tokio::test]
async fn lines_from_a_pipe_wait_for_each_reply_and_the_end_hangs_up_after_the_last() {
    let (remote, received) = dialled().await;
    let path = "/llm-websocket/call_1".to_owned();
    let mut line = Line::connect(&remote, path, json!({})).await.unwrap();
    let (sender, lines) = mpsc::channel(8);
    for said in ["apples", "", "pears"] {
        sender.send(said.to_owned()).await.unwrap();
    }
    drop(sender);
    let input = Input {
        lines,
        is_piped: true,
    };
    let mut out = Vec::new();
    let ended = terminal::talk(&mut line, input, 200, &mut out).await;
    assert_eq!(ended.unwrap(), "user_hangup");
    let printed = String::from_utf8(out).unwrap();
    let order = [
        "Hi, this is a test.",
        "caller: apples",
        "agent: ",
        "caller: pears",
        "agent: ",
        "you hung up",
    ];
    let mut rest = printed.as_str();
    for words in order {
        let at = rest
            .find(words)
            .unwrap_or_else(|| panic!("no {words} in {printed}"));
        rest = &rest[at + words.len()..];
    }
    let received = received.lock().unwrap();
    let asked = received.iter().filter(|it| it["response_id"].is_u64());
    assert_eq!(asked.count(), 2, "{received:?}");
}
