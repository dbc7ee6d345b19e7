//! The words of the domain: a call, its turns, what is wanted, what came of it, and money.
//!
//! Lowest floor of the house: plain types and pure functions, without I/O and without a clock. Everything above imports from
//! here; this imports nothing of ours. Generated WIT types, database entities, Retell's JSON and the bank's JSON are each
//! translated to these at their own border.

pub mod bounds;
pub mod claims;
pub mod decision;
pub mod figures;
pub mod intent;
pub mod json;
pub mod mask;
pub mod money;
pub mod outcome;
pub mod pin;
pub mod record;
pub mod redact;
pub mod sentences;
pub mod session;
pub mod state;
pub mod trust;
pub mod turn;

pub use decision::{Cap, CapScope, Decision};
pub use intent::{Draft, Intent, Message, Question, Transfer};
pub use money::Money;
pub use outcome::{Failure, Outcome, Reply};
pub use session::{Call, CallId, Direction, Pending, User};
pub use state::{Event, State};
pub use trust::Trust;
pub use turn::{Caller, Channel, Instant, Invocation, Turn};
