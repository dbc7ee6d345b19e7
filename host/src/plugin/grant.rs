//! Phases and grants: the names that a pipeline manifest and a plugin agree on.
//!
//! A grant is a capability that a stage may have; what it opens is linked in `imports`.

use serde::{Deserialize, Serialize};

/// How the name of every interface of the contract begins.
pub(super) const PACKAGE: &str = "bank:voice/";
/// And how it ends.
pub(super) const VERSION: &str = "@0.1.0";

/// When in a turn a plugin is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// What does the caller want?
    Route,
    /// May it happen?
    Decide,
    /// Make it happen.
    Fulfil,
    /// How is it said?
    Shape,
}

impl Phase {
    /// Every phase, in the order of a turn.
    pub const ALL: [Self; 4] = [Self::Route, Self::Decide, Self::Fulfil, Self::Shape];

    /// What a plugin of this phase is.
    #[must_use]
    pub fn plugin(self) -> &'static str {
        match self {
            Self::Route => "a router",
            Self::Decide => "a policy",
            Self::Fulfil => "an action",
            Self::Shape => "a shaper",
        }
    }

    /// The name in the manifest, in records and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Route => "route",
            Self::Decide => "decide",
            Self::Fulfil => "fulfil",
            Self::Shape => "shape",
        }
    }

    /// The widest world of this phase in the contract.
    #[must_use]
    pub fn world(self) -> &'static str {
        match self {
            Self::Route => "router",
            Self::Decide => "policies",
            Self::Fulfil => "actions",
            Self::Shape => "shaper",
        }
    }

    /// The interface that a plugin of this phase exports.
    pub(super) fn export(self) -> &'static str {
        match self {
            Self::Route => "routing",
            Self::Decide => "policy",
            Self::Fulfil => "action",
            Self::Shape => "shaping",
        }
    }

    /// The function in it.
    pub(super) fn function(self) -> &'static str {
        self.name()
    }
}

/// What an import asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Import {
    /// What every plugin has.
    Always,
    /// A capability.
    Of(Grant),
    /// Nothing of this contract; WASI is this.
    Unknown,
}

impl Import {
    /// By its whole name, `bank:voice/accounts@0.1.0`.
    pub(super) fn named(name: &str) -> Self {
        let interface = name
            .strip_prefix(PACKAGE)
            .and_then(|rest| rest.strip_suffix(VERSION));
        match interface {
            Some(interface) if contract::ALWAYS.contains(&interface) => Self::Always,
            Some(interface) => Grant::ALL
                .into_iter()
                .find(|grant| grant.interface() == interface)
                .map_or(Self::Unknown, Self::Of),
            None => Self::Unknown,
        }
    }
}

/// A capability that a stage may be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grant {
    /// The caller's accounts, balances and statements.
    Accounts,
    /// Who the caller is.
    Profile,
    /// Paying what was allowed; actions only.
    Payments,
    /// Loans and cards.
    Applications,
    /// The caller's transfers.
    History,
    /// What was said.
    Transcript,
    /// The bank's own agent; actions only.
    Assistant,
}

impl Grant {
    /// Every grant.
    pub const ALL: [Self; 7] = [
        Self::Accounts,
        Self::Profile,
        Self::Payments,
        Self::Applications,
        Self::History,
        Self::Transcript,
        Self::Assistant,
    ];

    /// The name in the manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Profile => "profile",
            Self::Payments => "payments",
            Self::Applications => "applications",
            Self::History => "history",
            Self::Transcript => "transcript",
            Self::Assistant => "assistant",
        }
    }

    /// The interface in the contract.
    pub(super) fn interface(self) -> &'static str {
        match self {
            Self::Profile => "profile-reader",
            other => other.name(),
        }
    }

    /// Whether only an action may have it.
    #[must_use]
    pub fn is_for_actions_only(self) -> bool {
        matches!(self, Self::Payments | Self::Assistant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_and_grants_are_the_contracts() {
        assert_eq!(Phase::ALL.map(Phase::name), contract::PHASES);
        assert_eq!(Grant::ALL.map(Grant::name), contract::GRANTS);
    }
}
