//! Why a plugin could not be loaded, and why an invocation of one failed.
//!
//! Facts only: what a failed invocation means for the turn depends on its phase and is decided in `pipeline`.

use crate::call::bounds::OutOfBounds;
use crate::call::mask::grouped;

/// Why an invocation failed. The instance is gone in every case; the plugin stays usable.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The guest used up its time.
    #[error("outlived its deadline of {deadline_ms} ms")]
    DeadlineExceeded {
        /// Guest time that was granted, waiting for the host not counted.
        deadline_ms: u64,
    },
    /// The turn's own time was up, waiting for the host counted.
    #[error("the turn's time was up")]
    TurnDeadlineExceeded,
    /// Nothing ran: until the turn's time was up, all places were taken, by others or by this plugin itself.
    #[error("found no free place before the turn's time was up")]
    NoPlace,
    /// The guest asked for more memory or table space than granted.
    #[error("asked for more than its {what} of {}", grouped(*.max as u64))]
    ResourceExceeded {
        /// `memory` (bytes) or `table` (elements).
        what: &'static str,
        /// What was granted.
        max: usize,
    },
    /// More host calls than granted.
    #[error("called the host more than {max} times")]
    HostCallsExceeded {
        /// What was granted.
        max: u32,
    },
    /// An answer, or the arguments of one host call, would have made the host copy more than granted.
    #[error("handed over more than {} bytes at once", grouped(*.max as u64))]
    BorderBytesExceeded {
        /// What was granted.
        max: usize,
    },
    /// The answer, or an argument of a host call, is not within the contract's bounds.
    #[error("answered outside the contract")]
    BadAnswer(#[source] OutOfBounds),
    /// The answer names something that cannot be meant.
    #[error("answered what cannot be meant: {0}")]
    Implausible(String),
    /// An operator has halted this plugin: it was not asked.
    #[error("is halted by an operator")]
    Halted,
    /// A trap: unreachable, out of bounds, stack exhausted, a panic in the guest.
    #[error("trapped: {0}")]
    Trapped(String),
}

impl Error {
    /// Every [`Self::kind`] of a plugin that was asked.
    pub const KINDS: [&'static str; 9] = [
        "deadline",
        "turn_deadline",
        "resource",
        "host_calls",
        "border_bytes",
        "bad_answer",
        "implausible",
        "halted",
        "trap",
    ];

    /// A short stable name for metrics and records.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::DeadlineExceeded { .. } => "deadline",
            Self::TurnDeadlineExceeded => "turn_deadline",
            Self::NoPlace => "no_place",
            Self::ResourceExceeded { .. } => "resource",
            Self::HostCallsExceeded { .. } => "host_calls",
            Self::BorderBytesExceeded { .. } => "border_bytes",
            Self::BadAnswer(_) => "bad_answer",
            Self::Implausible(_) => "implausible",
            Self::Halted => "halted",
            Self::Trapped(_) => "trap",
        }
    }

    /// With what is behind it: which field, and which bound.
    #[must_use]
    pub fn sentence(&self) -> String {
        match std::error::Error::source(self) {
            Some(cause) => format!("{self}: {cause}"),
            None => self.to_string(),
        }
    }
}

impl Error {
    /// Whether only time was missing: the clock runs on a busy machine too, so this says nothing of the guest. One that computes
    /// too long is [`Self::DeadlineExceeded`].
    #[must_use]
    pub(super) fn is_out_of_time(&self) -> bool {
        matches!(self, Self::TurnDeadlineExceeded | Self::NoPlace)
    }
}

impl LoadError {
    /// Whether it could not be asked what it is for want of time.
    #[must_use]
    pub fn is_out_of_time(&self) -> bool {
        matches!(self, Self::Introspection { source, .. } if source.is_out_of_time())
    }

    /// Whether the same file may be taken another time: the machine was in the way, not the file.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::CompilerUnavailable(_) => true,
            Self::Introspection { .. } => self.is_out_of_time(),
            Self::NotAComponent(_)
            | Self::TooLarge { .. }
            | Self::BytesNeeded
            | Self::CompileTimeExceeded { .. }
            | Self::CompilerCrashed { .. }
            | Self::WrongWorld { .. }
            | Self::OtherName { .. }
            | Self::UnknownImport(_)
            | Self::NotGranted { .. }
            | Self::Mismatch(_) => false,
        }
    }
}

/// What to do about a component that is larger than is taken.
pub const SMALLER: &str = "make it smaller (`cargo xtask plugins` builds without names and debug data), or raise \
    `plugin.component_bytes_max`";

/// Why a file is no plugin of this pipeline. Each says what was found and what was expected.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Not WebAssembly, cut short, or a core module.
    #[error("it is not a valid WebAssembly component: {0}")]
    NotAComponent(String),
    /// Larger than the engine takes.
    #[error("it has {} bytes, at most {} are taken; {SMALLER}", grouped(*.found), grouped(*.max as u64))]
    TooLarge {
        /// The file's size.
        found: u64,
        /// The bound.
        max: usize,
    },
    /// It is not compiled yet, and its bytes were not given: for whoever has them elsewhere.
    #[error(
        "its bytes are nowhere: it is not compiled on this host, and the database does not keep them; restore table `components` from a \
         backup"
    )]
    BytesNeeded,
    /// Compiling took too long.
    #[error(
        "it takes more than {max_ms} ms to compile; make it smaller, or raise `plugin.compile_ms_max`"
    )]
    CompileTimeExceeded {
        /// The bound.
        max_ms: u64,
    },
    /// The compiler ended without a word, as it does when it asks for more memory than it may have.
    #[error(
        "it cannot be compiled: the compiler ended ({how}); it may use {memory_bytes_max} bytes (`plugin.compile_memory_bytes_max`)"
    )]
    CompilerCrashed {
        /// Exit code or signal.
        how: String,
        /// The bound.
        memory_bytes_max: u64,
    },
    /// The compiler's process cannot be run.
    #[error("it cannot be compiled: no process for the compiler")]
    CompilerUnavailable(#[source] std::io::Error),
    /// It exports another phase, or none.
    #[error("it does not export `{missing}`, which phase `{phase}` needs; it exports {found}")]
    WrongWorld {
        /// The export that is missing.
        missing: String,
        /// The phase of its stage.
        phase: &'static str,
        /// What it exports instead.
        found: String,
    },
    /// It is another plugin than its stage asks for.
    #[error(
        "it calls itself `{own}`, and its file is named for `{expected}`; a component lies in the plugin folder under its own name, \
         `{own}.wasm` (a stage may be called otherwise by `name`)"
    )]
    OtherName {
        /// What it calls itself.
        own: String,
        /// What its stage asks for.
        expected: String,
    },
    /// It imports something that no host of this contract has; WASI is this.
    #[error("it imports `{0}`, which is not part of the contract bank:voice@0.1.0")]
    UnknownImport(String),
    /// It imports a capability that its stage was not granted.
    #[error("it imports `{import}`, but its stage does not grant `{grant}`; add it to `grants`")]
    NotGranted {
        /// The import.
        import: String,
        /// The grant to add.
        grant: &'static str,
    },
    /// The types of its imports or exports are not those of the contract.
    #[error("it does not fit the contract bank:voice@0.1.0: {0}")]
    Mismatch(String),
    /// Its `describe` or `check-settings` failed.
    #[error("its `{function}` failed")]
    Introspection {
        /// Which.
        function: &'static str,
        /// How.
        #[source]
        source: Error,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_machine_is_not_the_files_fault_and_a_guest_that_computes_too_long_is() {
        let asked = |source| LoadError::Introspection {
            function: "describe",
            source,
        };
        for passing in [Error::TurnDeadlineExceeded, Error::NoPlace] {
            let refused = asked(passing);
            assert!(
                refused.is_passing() && refused.is_out_of_time(),
                "{refused:?}"
            );
        }
        let own = asked(Error::DeadlineExceeded { deadline_ms: 5 });
        assert!(!own.is_passing() && !own.is_out_of_time());
        let machine = LoadError::CompilerUnavailable(std::io::Error::other("no process"));
        assert!(machine.is_passing() && !machine.is_out_of_time());
    }
}
