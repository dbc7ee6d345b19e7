//! A share said instead of an amount: "everything", "half of it", "the rest", "ten percent". Nobody here works it out, because what
//! there is may change before the yes; the sum is asked for, and the caller is told why.

use crate::rules::words::Heard;

const SHARES: &str = "everything|all my|all of|all the|all it|it all|all that|the rest|rest of|the remainder|\
    the remaining|whatever is left|whats left|what is left|as much as|how ever much|however much|the maximum|the max|\
    entire|the whole|whole balance|full balance|whole amount|half|halves|one third|a third|two thirds|a quarter|\
    three quarters|most of|part of|percent|per cent";

/// Whether a share is said.
pub fn is_said(heard: &Heard) -> bool {
    heard.has_any(SHARES) || is_percentage(heard)
}

/// Whether a percentage is said, beside which no other number is the amount.
pub fn is_percentage(heard: &Heard) -> bool {
    heard.has_any("percent|per cent") || heard.texts().any(|text| text.ends_with('%'))
}
