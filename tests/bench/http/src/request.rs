//! What Retell sends, signed afresh for every request: a balance question, a transfer, the events of a call.
//!
//! Bodies are written by hand where they are sent ten thousand times a second, and are of the size of a short call's: the transcript
//! with its words is what makes Retell's bodies long.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What every server of this bench is started with.
pub const API_KEY: &str = "key_0123456789abcdef0123456789ab";
/// A balance is asked for in the third exchange of a call, whichever turn it really is: bodies of one length compare.
const EXCHANGES: usize = 3;

/// One POST.
pub struct Request {
    /// `/functions` or `/webhook`.
    pub path: &'static str,
    /// JSON.
    pub body: String,
}

/// A live call of a caller of its own.
#[derive(Debug, Clone)]
pub struct Call {
    scene: String,
    digits: String,
    /// Which of this caller's calls it is.
    number: u32,
    /// Money moved so far: every transfer of a call is asked for by another utterance.
    transfers: usize,
    /// Whether the provider told that it began; the caller's next call is the one that follows its end.
    is_told: bool,
}

impl Call {
    /// `scene` sets the calls of one scenario apart from those of others.
    pub fn new(scene: &str, number: usize) -> Self {
        Self {
            scene: scene.to_owned(),
            digits: format!("{number:07}"),
            number: 1,
            transfers: 0,
            is_told: false,
        }
    }

    /// Whether its beginning was told with [`Self::event`].
    pub fn is_told(&self) -> bool {
        self.is_told
    }

    /// "What is my checking balance?"
    pub fn balance(&self) -> Request {
        let arguments = format!(r#"{{"account_id":"checking_{}"}}"#, self.digits);
        self.function("check_balance", &arguments, EXCHANGES)
    }

    /// One dollar from one own account to the other; below every question that the shipped rules would ask. The caller has said more
    /// than before every balance question and every other transfer: what knows of fewer words comes late, and nothing is done.
    pub fn transfer(&mut self) -> Request {
        self.transfers += 1;
        let digits = &self.digits;
        let arguments = format!(
            r#"{{"from_account":"checking_{digits}","to_account":"savings_{digits}","amount":1.0}}"#
        );
        self.function("transfer_funds", &arguments, EXCHANGES + self.transfers)
    }

    /// The event that comes next: that it begins, and then that it ends, with which it turns into another call of the same caller.
    pub fn event(&mut self) -> Request {
        if !self.is_told {
            self.is_told = true;
            return self.started();
        }
        let ended = self.ended();
        self.number += 1;
        self.transfers = 0;
        self.is_told = false;
        ended
    }

    /// The event with which a call begins.
    pub fn started(&self) -> Request {
        self.about("call_started", "ongoing", "")
    }

    /// The event with which it ends.
    pub fn ended(&self) -> Request {
        let rest = r#","end_timestamp":1763800184200,"disconnection_reason":"user_hangup""#;
        self.about("call_ended", "ended", rest)
    }

    fn function(&self, name: &str, arguments: &str, exchanges: usize) -> Request {
        let mut body = String::with_capacity(4096);
        let _ = write!(body, r#"{{"name":"{name}","args":{arguments},"call":{{"#);
        self.facts(&mut body, "ongoing");
        body.push_str(r#","transcript_object":["#);
        for exchange in 0..exchanges {
            if exchange > 0 {
                body.push(',');
            }
            utterance(
                &mut body,
                "agent",
                &["How", "can", "I", "help", "you", "today?"],
            );
            body.push(',');
            utterance(
                &mut body,
                "user",
                &["What", "about", "my", "checking", "account?"],
            );
        }
        body.push_str("]}}");
        Request {
            path: "/functions",
            body,
        }
    }

    fn about(&self, event: &str, status: &str, rest: &str) -> Request {
        let mut body = String::with_capacity(1024);
        let _ = write!(body, r#"{{"event":"{event}","call":{{"#);
        self.facts(&mut body, status);
        body.push_str(rest);
        body.push_str("}}");
        Request {
            path: "/webhook",
            body,
        }
    }

    fn facts(&self, body: &mut String, status: &str) {
        let (scene, digits, number) = (&self.scene, &self.digits, self.number);
        let _ = write!(
            body,
            r#""call_id":"call_{scene}_{digits}_{number}","call_type":"phone_call","agent_id":"agent_3f9a1c7e5b2d4860a1c3e5f7b9","agent_version":6,"agent_name":"Banking Assistant","call_status":"{status}","from_number":"+1415{digits}","to_number":"+14155550100","direction":"inbound","metadata":{{"crm_id":"crm_889"}},"data_storage_setting":"everything","opt_in_signed_url":false,"start_timestamp":1763800004200"#
        );
    }
}

fn utterance(body: &mut String, role: &str, words: &[&str]) {
    let said = words.join(" ");
    let _ = write!(body, r#"{{"role":"{role}","content":"{said}","words":["#);
    for (number, word) in words.iter().enumerate() {
        let comma = if number > 0 { "," } else { "" };
        let _ = write!(
            body,
            r#"{comma}{{"word":"{word}","start":{number}.4,"end":{number}.68}}"#
        );
    }
    body.push_str("]}");
}

/// `v={ms},d={hex}` over the body and then the digits of the time, as Retell signs.
pub fn signature(body: &[u8]) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    sign(body, now.map_or(0, |since| since.as_millis()))
}

fn sign(body: &[u8], now_ms: u128) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(API_KEY.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(body);
    mac.update(now_ms.to_string().as_bytes());
    format!("v={now_ms},d={}", hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn json(request: &Request) -> Value {
        serde_json::from_str(&request.body).expect("what is written by hand is JSON")
    }

    #[test]
    fn the_signature_covers_the_body_and_then_the_time() {
        let signed = sign(b"{\"a\":\"x\0y\"}\r\n", 1_763_800_000_123);
        assert_eq!(
            signed,
            "v=1763800000123,d=2a0ed30d3436a924e0f0cb9c5d7f94b252ca2dae5a54ae2eaef127b9d4b40672"
        );
    }

    #[test]
    fn a_balance_is_asked_for_with_a_transcript() {
        let asked = json(&Call::new("a", 7).balance());
        assert_eq!(asked["args"]["account_id"], "checking_0000007");
        assert_eq!(asked["call"]["from_number"], "+14150000007");
        let said = asked["call"]["transcript_object"].as_array();
        assert_eq!(said.map(Vec::len), Some(2 * EXCHANGES));
    }

    #[test]
    fn every_transfer_of_a_call_follows_another_utterance() {
        let mut call = Call::new("a", 7);
        let lengths = [call.transfer(), call.transfer()].map(|request| {
            json(&request)["call"]["transcript_object"]
                .as_array()
                .map(Vec::len)
        });
        assert_eq!(lengths, [1, 2].map(|more| Some(2 * (EXCHANGES + more))));
    }

    #[test]
    fn events_name_their_call() {
        for event in [Call::new("a", 7).started(), Call::new("a", 7).ended()] {
            assert_eq!(json(&event)["call"]["call_id"], "call_a_0000007_1");
        }
    }
}
