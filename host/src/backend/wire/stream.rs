//! The assistant's answer as server-sent events, read line by line.
//!
//! `data: {"delta": text}` adds, `data: {"done": true}` ends. Pure: bytes in, text out; the transport bounds how many bytes.

use serde_json::Value;

use super::Garbage;

/// Events that are still coming.
#[derive(Debug, Default)]
pub(in crate::backend) struct Events {
    /// The line that is not complete yet.
    line: Vec<u8>,
    done: bool,
}

impl Events {
    /// Takes the next bytes, wherever they were cut; gives the text that they add.
    pub(in crate::backend) fn push(&mut self, bytes: &[u8]) -> Result<String, Garbage> {
        let mut text = String::new();
        for byte in bytes {
            if self.done {
                break;
            }
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.event(&line, &mut text)?;
            } else {
                self.line.push(*byte);
            }
        }
        Ok(text)
    }

    /// The last event has come; whatever follows is not read.
    pub(in crate::backend) fn is_done(&self) -> bool {
        self.done
    }

    /// Events without the last one were cut short.
    pub(in crate::backend) fn finish(self) -> Result<(), Garbage> {
        if self.done {
            Ok(())
        } else {
            Err(Garbage::Field("done"))
        }
    }

    fn event(&mut self, line: &[u8], text: &mut String) -> Result<(), Garbage> {
        // Comments, event names, ids and blank lines are part of the format and carry nothing here.
        let Some(json) = line.strip_prefix(b"data:") else {
            return Ok(());
        };
        let value: Value = serde_json::from_slice(json).map_err(|_| Garbage::NotJson)?;
        if let Some(delta) = value.get("delta").and_then(Value::as_str) {
            text.push_str(delta);
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
            let mut events = Events::default();
            let parts = EVENTS.as_bytes().chunks(size);
            let text: String = parts.map(|part| events.push(part).unwrap()).collect();
            assert!(events.is_done());
            assert_eq!(text, "At nine \u{e9}.");
            assert_eq!(events.finish(), Ok(()));
        }
    }

    #[test]
    fn events_without_the_last_one_were_cut_short() {
        let mut events = Events::default();
        events
            .push(b"data: {\"delta\":\"Half a sen\"}\n\n")
            .unwrap();
        assert_eq!(events.finish(), Err(Garbage::Field("done")));
        assert!(Events::default().push(b"data: <html>\n").is_err());
    }
}
