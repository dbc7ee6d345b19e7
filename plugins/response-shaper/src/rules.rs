//! One reply for every outcome: what is said, whether the line stays open, and whether the caller may talk over it.
//! Outcomes of the bank get sentences of their own; sentences that came from rules are cleaned and kept short.
//! Pure: the accounts come through a function that is called only where an id must be named.

mod failure;
mod money;
mod names;
mod open;
mod statement;

use crate::bindings::bank::voice::types::{
    Account, Application, Next, Outcome, Profile, Reply, Turn,
};
use speech::sentence;

/// The settings of this plugin.
pub struct Bounds {
    /// A reply stays under this many words.
    pub words_max: usize,
    /// How many balances or statement lines a reply names.
    pub named_max: usize,
}

impl Bounds {
    /// Every key there is.
    pub const KEYS: [&str; 2] = ["words_max", "accounts_named_max"];

    /// Reads and checks all settings.
    pub fn read(reader: &mut settings::Reader) -> Self {
        Self {
            words_max: reader.whole("words_max", 10..=60, 30) as usize,
            named_max: reader.whole("accounts_named_max", 1..=5, 3) as usize,
        }
    }

    /// Whether a text is short enough.
    pub fn fits(&self, text: &str) -> bool {
        sentence::word_count(text) < self.words_max
    }
}

/// Says an outcome; `draft` is what would be said without this plugin.
pub fn shape(
    turn: &Turn,
    outcome: &Outcome,
    draft: &Reply,
    bounds: &Bounds,
    accounts: impl FnOnce() -> Vec<Account>,
) -> Reply {
    let text = match outcome {
        Outcome::Balances(balances) => money::balances(balances, bounds),
        Outcome::Accounts(accounts) => names::accounts(accounts, bounds),
        Outcome::Statement(statement) => statement::say(statement, bounds),
        Outcome::Profile(profile) => say_profile(profile, bounds),
        Outcome::Paid(payment) => money::paid(payment, &accounts()),
        Outcome::Applied(application) => say_application(application),
        Outcome::Asked(question) => question.say.text.clone(),
        Outcome::Confirmation(message)
        | Outcome::StepUp(message)
        | Outcome::Refused(message)
        | Outcome::HandedOff(message)
        | Outcome::Said(message) => message.text.clone(),
        Outcome::Failed(failure) => failure::say(failure, turn.pending.is_some()).to_owned(),
        Outcome::Cancelled => open::dropped(turn),
        // Before the first reply there was nothing but the greeting.
        Outcome::Repeated if turn.number <= 1 => "How can I help you today?".into(),
        Outcome::Repeated => open::repeated(&draft.text, bounds),
        Outcome::Ended => "Thank you for calling. Goodbye.".into(),
    };
    let text = open::told(turn, outcome, text, bounds);
    let cleaned = sentence::clean(&text);
    // A rule that gave no sentence leaves the host's plain one.
    let said = if cleaned.is_empty() {
        sentence::clean(&draft.text)
    } else {
        cleaned
    };
    Reply {
        text: sentence::cut(&sentence::capitalised(&said), bounds.words_max - 1),
        next: next(outcome, draft),
        interruptible: draft.interruptible && !moves_money(outcome),
    }
}

fn next(outcome: &Outcome, draft: &Reply) -> Next {
    match (outcome, &draft.next) {
        (Outcome::Ended, _) => Next::HangUp,
        // An earlier shaper may have named a queue.
        (Outcome::HandedOff(_), Next::HandOff(queue)) => Next::HandOff(queue.clone()),
        (Outcome::HandedOff(_), _) => Next::HandOff(None),
        (_, next) => next.clone(),
    }
}

// What became of somebody's money is heard to the end.
fn moves_money(outcome: &Outcome) -> bool {
    use crate::bindings::bank::voice::types::Failure;
    matches!(
        outcome,
        Outcome::Paid(_) | Outcome::Applied(_) | Outcome::Failed(Failure::Uncertain)
    )
}

fn say_profile(profile: &Profile, bounds: &Bounds) -> String {
    let name = sentence::clean(&profile.name);
    let mut said = format!("You are registered as {name}.");
    let more = [
        ("email address", &profile.email),
        ("postal address", &profile.address),
    ];
    for (what, value) in more {
        let Some(value) = value
            .as_deref()
            .map(str::trim)
            .filter(|value| !value.is_empty())
        else {
            continue;
        };
        let longer = format!("{said} Your {what} is {value}.");
        if bounds.fits(&longer) {
            said = longer;
        }
    }
    said
}

// The bank's own words, where it has some; the id is not for the ear.
fn say_application(application: &Application) -> String {
    let message = sentence::clean(&application.message);
    let has_id = !application.id.is_empty() && application.message.contains(&application.id);
    let ending = speech::account::ending(&application.id);
    if !message.is_empty() && !has_id {
        // By its number the caller can ask for it.
        return match ending.is_empty() {
            true => message,
            false => format!("{message} Its number ends in {ending}."),
        };
    }
    let status = sentence::clean(&application.status).to_lowercase();
    match (status.is_empty(), ending.is_empty()) {
        (false, false) => format!("Your application ending in {ending} is {status}."),
        (false, true) => format!("Your application is {status}."),
        (true, _) => "I have your application, but the bank gave no status for it.".into(),
    }
}

#[cfg(test)]
mod tests;
