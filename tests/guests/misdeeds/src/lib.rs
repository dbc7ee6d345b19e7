//! What the bad guests have in common: how a caller asks for a misdeed, and those that every phase can commit.
//!
//! A guest does wrong only in a turn whose function arguments, or spoken words, hold `"fault":"GUEST:MISDEED"`, so that one host
//! serves good and bad calls at the same time. This crate is no plugin.

use std::hint::black_box;

/// The misdeed that this turn's function arguments or words ask `guest` for; none in every other turn.
pub fn asked<'a>(guest: &str, arguments: Option<&'a str>) -> Option<&'a str> {
    let (_, after) = arguments?.split_once("\"fault\":\"")?;
    let (fault, _) = after.split_once('"')?;
    fault.strip_prefix(guest)?.strip_prefix(':')
}

/// Commits a misdeed of the machine, if this is one; must end the invocation as the kind that is named beside it.
pub fn commit(fault: &str) {
    match fault {
        // trap
        "trap" => panic!("as asked"),
        // deadline
        "endless_loop" => endless_loop(),
        // resource
        "memory_bomb" => memory_bomb(),
        // trap
        "deep_recursion" => {
            black_box(dive(0));
        }
        _ => {}
    }
}

/// Never comes back.
pub fn endless_loop() {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

// Not touched, only taken: the bound must be hit before the deadline is.
fn memory_bomb() {
    let mut held = Vec::new();
    loop {
        held.push(black_box(Vec::<u8>::with_capacity(1024 * 1024)));
    }
}

fn dive(depth: u64) -> u64 {
    if black_box(depth) == u64::MAX {
        return depth;
    }
    black_box(dive(depth + 1)).wrapping_add(depth)
}

/// A text of exactly this many bytes.
pub fn text(bytes: usize) -> String {
    "a".repeat(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_is_asked_by_its_name_only() {
        let arguments = Some(r#"{"account_id":"x","fault":"bad-router:trap"}"#);
        assert_eq!(asked("bad-router", arguments), Some("trap"));
        assert_eq!(asked("bad-policy", arguments), None);
        assert_eq!(asked("bad-router", Some("{}")), None);
        assert_eq!(asked("bad-router", None), None);
    }
}
