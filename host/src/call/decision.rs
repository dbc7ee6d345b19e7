//! What a policy decides, and how several decisions become one.
//!
//! Deny beats hand-off beats step-up beats confirm beats allow; all caps of all policies hold together. So a policy can only
//! tighten what the others say.

use serde::{Deserialize, Serialize};

use super::intent::Message;
use super::money::Money;

/// What a cap counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CapScope {
    /// All transfers of this caller.
    Caller,
    /// Those from the same account.
    FromAccount,
    /// Those to the same account.
    ToAccount,
}

/// At most `total` and at most `count` transfers in the last `window_hours`, this one included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    /// What is counted.
    pub scope: CapScope,
    /// How far back.
    pub window_hours: u32,
    /// Most money.
    pub total: Option<Money>,
    /// Most transfers.
    pub count: Option<u32>,
}

/// What a policy says, from the least to the most restrictive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "decision", content = "value")]
pub enum Decision {
    /// May happen within these caps.
    Allow(Vec<Cap>),
    /// A yes first.
    Confirm(Message),
    /// The PIN first.
    StepUp(Message),
    /// A human decides.
    HandOff(Message),
    /// No.
    Deny(Message),
}

impl Decision {
    fn strictness(&self) -> u8 {
        match self {
            Self::Allow(_) => 0,
            Self::Confirm(_) => 1,
            Self::StepUp(_) => 2,
            Self::HandOff(_) => 3,
            Self::Deny(_) => 4,
        }
    }

    /// The name in records and metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Allow(_) => "allow",
            Self::Confirm(_) => "confirm",
            Self::StepUp(_) => "step-up",
            Self::HandOff(_) => "hand-off",
            Self::Deny(_) => "deny",
        }
    }

    /// The stable code of the reason; none for leave.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Allow(_) => None,
            Self::Confirm(m) | Self::StepUp(m) | Self::HandOff(m) | Self::Deny(m) => Some(&m.code),
        }
    }

    /// The stricter of the two; of two equally strict ones the earlier, and of two that allow all caps of both.
    ///
    /// Invariant: a policy can only tighten (`combining_never_loosens_either_side`).
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Allow(mut caps), Self::Allow(more)) => {
                caps.extend(more);
                Self::Allow(caps)
            }
            (first, second) if second.strictness() > first.strictness() => second,
            (first, _) => first,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decision() -> impl Strategy<Value = Decision> {
        let message = || Message::plain("code", "Text.");
        let cap = |count| Cap {
            scope: CapScope::Caller,
            window_hours: 24,
            total: None,
            count: Some(count),
        };
        prop_oneof![
            proptest::collection::vec(0_u32..9, 0..3)
                .prop_map(move |counts| Decision::Allow(counts.into_iter().map(cap).collect())),
            Just(Decision::Confirm(message())),
            Just(Decision::StepUp(message())),
            Just(Decision::HandOff(message())),
            Just(Decision::Deny(message())),
        ]
    }

    #[test]
    fn combining_never_loosens_either_side() {
        proptest!(|(a in decision(), b in decision())| {
            let both = a.clone().and(b.clone());
            prop_assert!(both.strictness() >= a.strictness().max(b.strictness()));
            if let (Decision::Allow(x), Decision::Allow(y), Decision::Allow(all)) = (&a, &b, &both)
            {
                prop_assert!(x.iter().chain(y).all(|cap| all.contains(cap)));
            }
        });
    }
}
