//! The trace that a request belongs to, W3C `traceparent`: taken over from whoever asked, begun here otherwise, passed on to the bank.
//!
//! Carried beside the work, as a task's own value, since nothing between the door and the bank has any other use for it.

use uuid::Uuid;

/// The header.
pub const HEADER: &str = "traceparent";

tokio::task_local! {
    static CURRENT: Trace;
}

/// One trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    id: u128,
    flags: u8,
}

impl Trace {
    /// A new one; random, as the standard asks.
    #[must_use]
    pub fn begin() -> Self {
        Self {
            id: Uuid::new_v4().as_u128(),
            flags: 1,
        }
    }

    /// The one that a header names; none where it is not a header of the standard's, which then counts as absent.
    #[must_use]
    pub fn read(header: &str) -> Option<Self> {
        let is_hex = |part: &str| {
            part.bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let parts: Vec<&str> = header.split('-').collect();
        let [version, id, parent, flags, rest @ ..] = parts.as_slice() else {
            return None;
        };
        // A later version may say more behind what this one knows.
        let is_whole = (version.len(), id.len(), parent.len(), flags.len()) == (2, 32, 16, 2)
            && [version, id, parent, flags]
                .into_iter()
                .all(|part| is_hex(part))
            && *version != "ff"
            && (rest.is_empty() || *version != "00");
        let id = u128::from_str_radix(id, 16).ok()?;
        let has_parent = parent.bytes().any(|byte| byte != b'0');
        let flags = u8::from_str_radix(flags, 16).ok()?;
        (is_whole && id != 0 && has_parent).then_some(Self { id, flags })
    }

    /// The header of one request within it, with an id of its own.
    #[must_use]
    pub fn header(&self) -> String {
        let request = getrandom::u64().unwrap_or(1).max(1);
        // Of the flags only this one is known here.
        let sampled = self.flags & 1;
        format!("00-{:032x}-{request:016x}-{sampled:02x}", self.id)
    }
}

/// The trace of what is being done; a new one where nobody named one.
#[must_use]
pub fn current() -> Trace {
    CURRENT
        .try_with(|trace| *trace)
        .unwrap_or_else(|_| Trace::begin())
}

/// Does this within a trace.
pub async fn within<T>(trace: Trace, work: impl Future<Output = T>) -> T {
    CURRENT.scope(trace, work).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn what_is_no_header_of_the_standard_counts_as_absent() {
        assert!(Trace::read(GIVEN).is_some());
        for later in [
            GIVEN.replacen("00", "cc", 1),
            GIVEN.replacen("00", "cc", 1) + "-more",
        ] {
            assert!(Trace::read(&later).is_some(), "{later}");
        }
        for wrong in [
            "",
            "-",
            "00",
            &GIVEN.to_uppercase(),
            &GIVEN.replacen("00", "ff", 1),
            &format!("{GIVEN}-more"),
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e47+6-00f067aa0ba902b7-01",
            &GIVEN.replace('4', "é"),
        ] {
            assert_eq!(Trace::read(wrong), None, "{wrong}");
        }
    }

    #[tokio::test]
    async fn each_request_has_an_id_of_its_own_in_the_trace_that_was_given() {
        let given = Trace::read(GIVEN).unwrap();
        let (one, other) = within(given, async { (current().header(), current().header()) }).await;
        assert_ne!(one, other);
        for header in [&one, &other] {
            assert_eq!(Trace::read(header), Some(given));
        }
        assert_ne!(current(), current(), "nobody named one");
    }
}
