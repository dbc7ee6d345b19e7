//! The assistant's answer as server-sent events, put together line by line.
//!
//! `data: {"delta": text}` adds, `data: {"done": true}` ends. Pure: bytes in, a reply out; the transport bounds how many bytes.

use serde_json::Value;

use super::{Garbage, clean};

/// An answer that is still coming.
#[derive(Debug, Default)]
pub(in crate::backend) struct Reply {
    /// The line that is not complete yet.
    line: Vec<u8>,
    text: String,
    done: bool,
}

impl Reply {
    /// Takes the next bytes, wherever they were cut.
    pub(in crate::backend) fn push(&mut self, bytes: &[u8]) -> Result<(), Garbage> {
        for byte in bytes {
            if self.done {
                return Ok(());
            }
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.event(&line)?;
            } else {
                self.line.push(*byte);
            }
        }
        Ok(())
    }

    /// The last event has come; whatever follows is not read.
    pub(in crate::backend) fn is_done(&self) -> bool {
        self.done
    }

    /// The whole reply; one without its last event was cut short and is none.
    pub(in crate::backend) fn finish(self) -> Result<String, Garbage> {
        if !self.done {
            return Err(Garbage::Field("done"));
        }
        clean(&Value::String(self.text)).ok_or(Garbage::Field("delta"))
    }

    fn event(&mut self, line: &[u8]) -> Result<(), Garbage> {
        // Comments, event names, ids and blank lines are part of the format and carry nothing here.
        let Some(json) = line.strip_prefix(b"data:") else {
            return Ok(());
        };
        let value: Value = serde_json::from_slice(json).map_err(|_| Garbage::NotJson)?;
        if let Some(delta) = value.get("delta").and_then(Value::as_str) {
            self.text.push_str(delta);
        }
        self.done = value.get("done").and_then(Value::as_bool).unwrap_or(false);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: &str = ": hello\r\n\r\ndata: {\"delta\":\"At \"}\r\n\r\ndata:{\"delta\":\"nine \u{e9}.\"}\n\ndata: {\"done\":true}\n\ndata: junk\n";

    #[test]
    fn a_reply_is_the_same_wherever_the_bytes_are_cut() {
        for size in [1, 3, 7, 1_000] {
            let mut reply = Reply::default();
            for part in EVENTS.as_bytes().chunks(size) {
                reply.push(part).unwrap();
            }
            assert!(reply.is_done());
            assert_eq!(reply.finish().unwrap(), "At nine \u{e9}.");
        }
    }

    #[test]
    fn a_reply_without_its_last_event_is_none() {
        let mut reply = Reply::default();
        reply.push(b"data: {\"delta\":\"Half a sen\"}\n\n").unwrap();
        assert_eq!(reply.finish(), Err(Garbage::Field("done")));
        assert!(Reply::default().push(b"data: <html>\n").is_err());
    }
}
