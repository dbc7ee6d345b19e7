//! Retell's side of a conversation, pure: the transcript, the ids, what is spoken, and what an interruption cuts off.
//!
//! Frames and the caller's words come in, requests come out as JSON. It has no socket and no clock: how fast the agent speaks is
//! said by whoever drives it (`hear`), so a script may hear everything at once and a terminal word by word.

use serde_json::{Value, json};

use super::transcript::{Item, Source, Transcript};
use super::wire::{ConnectionConfig, Content, Frame};

/// What Retell writes where speech had no words in it.
pub(super) const NO_WORDS: &str = "(unintelligible audio)";

/// What a frame came to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Effect {
    /// The host said what it wants; the first frame of every connection.
    Configured(ConnectionConfig),
    /// There are words to be spoken.
    Speaks,
    /// The utterance is whole. Words may have come with it.
    Completed,
    /// A ping was answered.
    Pong,
    /// A tool was called.
    Invoked {
        /// The tool.
        name: String,
        /// JSON.
        arguments: String,
    },
    /// A tool returned.
    Returned {
        /// What it answered.
        content: String,
        /// Unless the host said that it did not.
        worked: bool,
    },
    /// Not spoken: a newer request was made.
    Discarded(u64),
    /// The host does what the protocol does not allow.
    Fault(String),
    /// Nothing that anybody hears.
    Quiet,
}

/// What happens once an utterance is heard to its end; at most one, in the order of precedence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum After {
    /// The agent hangs up.
    End,
    /// The caller is connected to this number.
    HandOver(String),
    /// A key is pressed.
    Press(String),
}

/// The utterance that is awaited or spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reply {
    by: Source,
    text: String,
    /// Bytes of `text` that were spoken.
    heard: usize,
    is_complete: bool,
    must_be_heard: bool,
    after: Option<After>,
    /// Its place in the transcript, once a word was spoken.
    place: Option<usize>,
}

impl Reply {
    fn awaited(by: Source) -> Self {
        Self {
            by,
            text: String::new(),
            heard: 0,
            is_complete: false,
            must_be_heard: false,
            after: None,
            place: None,
        }
    }
}

/// Whether a turn was asked for because of what the caller did, or because nothing was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Response,
    Reminder,
}

/// Retell, as far as a host can see it.
#[derive(Debug, Clone)]
pub(super) struct Provider {
    transcript: Transcript,
    /// Of the newest request; 0 is the greeting.
    newest: u64,
    reply: Reply,
    wanted: ConnectionConfig,
    asked: Asked,
    /// A whole greeting came, heard or not.
    was_greeted: bool,
}

impl Provider {
    /// A call that was just connected: the agent speaks first.
    pub(super) fn new() -> Self {
        Self {
            transcript: Transcript::default(),
            newest: 0,
            reply: Reply::awaited(Source::Response(0)),
            wanted: ConnectionConfig::default(),
            asked: Asked::Response,
            was_greeted: false,
        }
    }

    /// What the host asked of the connection.
    pub(super) fn wanted(&self) -> ConnectionConfig {
        self.wanted
    }

    /// The connection was made anew. A request that was not answered to its end is made once more, under a higher id.
    pub(super) fn reconnected(&mut self) -> Option<Value> {
        if self.newest == 0 || self.reply.is_complete {
            return None;
        }
        self.hear_all();
        Some(self.ask(self.asked))
    }

    /// Takes a frame.
    pub(super) fn receive(&mut self, frame: Frame) -> Effect {
        match frame {
            Frame::Config(wanted) => {
                self.wanted = wanted;
                Effect::Configured(wanted)
            }
            Frame::Response(content) => self.respond(content),
            Frame::Interruption(content) => self.interrupted_by_agent(content),
            Frame::Invoked(invocation) => {
                let (name, arguments) = (invocation.name.clone(), invocation.arguments.clone());
                self.transcript.push(Item::Invoked(invocation));
                Effect::Invoked { name, arguments }
            }
            Frame::Returned(returned) => {
                let worked = returned.successful.unwrap_or(true);
                let content = returned.content.clone();
                self.transcript.push(Item::Returned(returned));
                Effect::Returned { content, worked }
            }
            Frame::Pong => Effect::Pong,
            Frame::Tuned | Frame::Metadata => Effect::Quiet,
        }
    }

    /// Content counts only for the newest request, and only until it is complete.
    fn respond(&mut self, content: Content) -> Effect {
        let id = content.response_id;
        if id > self.newest {
            return Effect::Fault(format!("response_id {id} was never asked for"));
        }
        let says_something = !content.content.trim().is_empty();
        if id == 0 && (self.newest > 0 || self.reply.is_complete) {
            // The rest of a greeting that the caller spoke into is no second one.
            let is_second = self.was_greeted && says_something;
            self.was_greeted |= content.content_complete;
            return if is_second {
                Effect::Fault("the host greets a second time".to_owned())
            } else {
                Effect::Discarded(0)
            };
        }
        if id < self.newest || self.reply.by != Source::Response(id) {
            return Effect::Discarded(id);
        }
        if self.reply.is_complete {
            return match says_something {
                true => Effect::Fault(format!(
                    "response_id {id} goes on after content_complete: {:?}",
                    content.content
                )),
                false => Effect::Discarded(id),
            };
        }
        self.take(content)
    }

    fn interrupted_by_agent(&mut self, content: Content) -> Effect {
        let by = Source::Interruption(content.interrupt_id);
        if self.reply.by != by {
            self.cut();
            self.reply = Reply::awaited(by);
        }
        if self.reply.is_complete {
            return Effect::Discarded(content.interrupt_id);
        }
        self.take(content)
    }

    fn take(&mut self, content: Content) -> Effect {
        let reply = &mut self.reply;
        reply.text.push_str(&content.content);
        reply.must_be_heard |= content.no_interruption_allowed;
        let after = if content.end_call {
            Some(After::End)
        } else {
            let press = content.digit_to_press.map(After::Press);
            content.transfer_number.map(After::HandOver).or(press)
        };
        // One per id.
        reply.after = reply.after.take().or(after);
        reply.is_complete = content.content_complete;
        self.was_greeted |= content.content_complete && content.response_id == 0;
        match (reply.is_complete, content.content.is_empty()) {
            (true, _) => Effect::Completed,
            (false, true) => Effect::Quiet,
            (false, false) => Effect::Speaks,
        }
    }

    /// Speaks the next words, and gives them as they stand in the reply.
    pub(super) fn hear(&mut self, words: usize) -> String {
        let rest = &self.reply.text[self.reply.heard..];
        let taken = end_of_words(rest, words);
        let spoken = rest[..taken].to_owned();
        self.reply.heard += taken;
        if spoken.trim().is_empty() {
            return spoken;
        }
        let text = self.reply.text[..self.reply.heard].trim().to_owned();
        let by = self.reply.by;
        let place = self.reply.place;
        self.reply.place = Some(self.transcript.spoken(place, by, text));
        spoken
    }

    /// Speaks all that there is.
    pub(super) fn hear_all(&mut self) -> String {
        self.hear(usize::MAX)
    }

    /// Everything that is known of the newest reply, heard or not.
    pub(super) fn reply(&self) -> &str {
        &self.reply.text
    }

    /// What of these the caller has not heard so far.
    pub(super) fn unheard<'a>(&self, texts: &'a [String]) -> Option<&'a String> {
        texts.iter().find(|text| !self.transcript.was_heard(text))
    }

    /// Whether the newest reply is whole.
    pub(super) fn is_complete(&self) -> bool {
        self.reply.is_complete
    }

    /// Whether words of the newest reply are still to be spoken, or to come.
    pub(super) fn is_speaking(&self) -> bool {
        self.reply.heard < self.reply.text.len() || !self.reply.is_complete
    }

    /// Whether the caller may not cut it.
    pub(super) fn must_be_heard(&self) -> bool {
        self.reply.must_be_heard
    }

    /// What follows, once the reply was heard to its end.
    pub(super) fn after(&self) -> Option<&After> {
        let is_heard = self.reply.is_complete && self.reply.heard == self.reply.text.len();
        self.reply.after.as_ref().filter(|_| is_heard)
    }

    /// The caller speaks into it: what was not spoken never will be, and what would follow does not.
    fn cut(&mut self) {
        self.reply.text.truncate(self.reply.heard);
        self.reply.after = None;
    }

    /// The caller said something; what stands in the transcript of the agent's utterance is what was heard of it.
    pub(super) fn say(&mut self, words: &str) -> Value {
        let was_open = !self.reply.is_complete;
        self.cut();
        match self.transcript.last_words_of_caller().filter(|_| was_open) {
            // Nothing was heard in between, so for Retell the caller just went on.
            Some(said) => {
                said.push(' ');
                said.push_str(words);
            }
            None => self.transcript.push(Item::Caller(words.to_owned())),
        }
        self.ask(Asked::Response)
    }

    /// The last utterance grew: Retell asks early, and again when more was said.
    pub(super) fn say_longer(&mut self, words: &str) -> Value {
        self.cut();
        match self.transcript.last_words_of_caller() {
            Some(said) => words.clone_into(said),
            None => self.transcript.push(Item::Caller(words.to_owned())),
        }
        self.ask(Asked::Response)
    }

    /// Keys were pressed.
    pub(super) fn press(&mut self, digits: &str) -> Value {
        self.cut();
        for digit in digits.chars() {
            self.transcript.push(Item::Digit(digit));
        }
        self.ask(Asked::Response)
    }

    /// Nothing was heard for a while.
    pub(super) fn remind(&mut self) -> Value {
        self.ask(Asked::Reminder)
    }

    fn ask(&mut self, asked: Asked) -> Value {
        self.newest += 1;
        self.asked = asked;
        self.reply = Reply::awaited(Source::Response(self.newest));
        let mut request = self.with_transcript(match asked {
            Asked::Response => "response_required",
            Asked::Reminder => "reminder_required",
        });
        request["response_id"] = json!(self.newest);
        request
    }

    /// The transcript without a request; `turn` where it passes to somebody.
    pub(super) fn update(&self, turn: Option<&str>) -> Value {
        let mut update = self.with_transcript("update_only");
        if let Some(turn) = turn {
            update["turntaking"] = json!(turn);
        }
        update
    }

    fn with_transcript(&self, kind: &str) -> Value {
        let transcript = &self.transcript;
        let mut frame = json!({"interaction_type": kind, "transcript": transcript.utterances()});
        if self.wanted.transcript_with_tool_calls {
            frame["transcript_with_tool_calls"] = transcript.items();
        }
        frame
    }

    /// What was said so far.
    pub(super) fn transcript(&self) -> &Transcript {
        &self.transcript
    }
}

/// Where so many words end, with the space after them.
fn end_of_words(text: &str, words: usize) -> usize {
    let mut found = 0;
    let mut in_word = false;
    for (at, letter) in text.char_indices() {
        match (in_word, letter.is_whitespace()) {
            (false, false) if found == words => return at,
            (false, false) => {
                found += 1;
                in_word = true;
            }
            (true, true) => in_word = false,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests;
