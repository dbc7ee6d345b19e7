//! What is pending in a call: what plugins see of it, and what the host keeps about it.
//!
//! Plain data, and what follows from it alone; what an answer means to it is the orchestrator's.

use serde::{Deserialize, Serialize};

use crate::call::intent::{Intent, Question};

/// How the PIN is asked for behind words that say already what it is for.
const WHO_IS_IT: &str = "Please say the PIN, or enter it.";

/// What an earlier turn left open, as plugins see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "pending", content = "value")]
pub enum PendingIntent {
    /// A slot was asked for.
    Slot(Question),
    /// A yes or a no is awaited.
    Confirm(Intent),
    /// The PIN is awaited.
    StepUp(Intent),
}

impl PendingIntent {
    /// The complete intent that waits, if one does.
    #[must_use]
    pub fn intent(&self) -> Option<&Intent> {
        match self {
            Self::Slot(_) => None,
            Self::Confirm(intent) | Self::StepUp(intent) => Some(intent),
        }
    }

    /// Whether what waits would change something at the bank.
    #[must_use]
    pub fn is_write(&self) -> bool {
        match self {
            Self::Slot(question) => question.draft.is_write(),
            Self::Confirm(intent) | Self::StepUp(intent) => intent.is_write(),
        }
    }
}

/// What is pending, with what the host keeps about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// What plugins see.
    pub intent: PendingIntent,
    /// A yes was given to it; kept across a step-up.
    pub confirmed: bool,
    /// The ledger key minted with the question, so that a repeated yes is the same transfer.
    pub key: Option<String>,
    /// The sentence that asked, for asking again.
    pub asked: String,
    /// Until it is seen that the question was heard: a yes does not count before. By voice the transcript shows it; with a tool call the
    /// caller must have spoken since.
    #[serde(default)]
    pub is_unheard: bool,
    /// How often the caller had spoken when a tool call's turn put the question; none where nobody says.
    #[serde(default)]
    pub asked_after: Option<usize>,
    /// How often the caller had spoken when an answer to it was told that nothing was done: until they speak again no yes and no PIN
    /// counts, since it may be a copy of that answer.
    #[serde(default)]
    pub turned_away_after: Option<usize>,
    /// While the PIN is awaited, the question that the caller said yes to before: it is asked anew where the PIN came with a doubt.
    #[serde(default)]
    pub agreed: Option<String>,
    /// The PIN was given while exactly this waited, or along with the wish for it; kept across a yes.
    #[serde(default)]
    pub has_pin: bool,
    /// What waits meanwhile and is asked again afterwards: money, where this is a question about a reading in between; whatever was
    /// asked before, where this is an offer.
    #[serde(default)]
    pub beneath: Option<Box<Pending>>,
}

impl Pending {
    /// The question that was answered with a yes before `next`, the PIN for the same, is awaited.
    #[must_use]
    pub fn agreed_to(&self, next: &PendingIntent) -> Option<String> {
        match (&self.intent, next) {
            (PendingIntent::Confirm(asked), PendingIntent::StepUp(wanted)) if asked == wanted => {
                Some(self.asked.clone())
            }
            (PendingIntent::StepUp(asked), PendingIntent::StepUp(wanted)) if asked == wanted => {
                self.agreed.clone()
            }
            _ => None,
        }
    }

    /// Whether `now` is this question left standing, and no other and not put anew, which leaves one without a date.
    #[must_use]
    pub fn is_left_as(&self, now: &Self) -> bool {
        self.intent == now.intent
            && self.asked == now.asked
            && self.key == now.key
            && self.asked_after == now.asked_after
    }

    /// The money that waits: this, or what lies beneath.
    #[must_use]
    pub fn into_money(self) -> Option<Self> {
        if self.intent.is_write() {
            return Some(self);
        }
        self.beneath.and_then(|beneath| beneath.into_money())
    }

    /// The ledger key of the money that waits, one wish at most: of this, or of what lies beneath.
    #[must_use]
    pub fn ledger_key(&self) -> Option<&str> {
        if self.intent.is_write() {
            return self.key.as_deref();
        }
        self.beneath.as_ref()?.ledger_key()
    }

    /// Gives the money that waits `key` in place of the one that it has, if it has one.
    pub fn renew_ledger_key(&mut self, key: String) {
        if self.intent.is_write() {
            self.key = self.key.take().map(|_| key);
        } else if let Some(beneath) = &mut self.beneath {
            beneath.renew_ledger_key(key);
        }
    }

    /// Lets no answer count before the caller, who had spoken so often, speaks again.
    pub fn turn_copies_away(&mut self, caller_utterances: Option<usize>) {
        if self.intent.is_write() {
            // Copies may come out of order.
            self.turned_away_after = self.turned_away_after.max(caller_utterances);
        }
        if let Some(beneath) = &mut self.beneath {
            beneath.turn_copies_away(caller_utterances);
        }
    }

    /// Whether an answer was turned away since which the caller, who has spoken so often, has said nothing.
    #[must_use]
    pub fn was_turned_away(&self, caller_utterances: usize) -> bool {
        self.turned_away_after
            .is_some_and(|before| caller_utterances <= before)
            || self
                .beneath
                .as_ref()
                .is_some_and(|it| it.was_turned_away(caller_utterances))
    }

    /// What a yes would be to, where this is an offer of the bank's beside what the caller wants: a colleague, mostly.
    #[must_use]
    pub fn offer(&self) -> Option<&Intent> {
        match &self.intent {
            PendingIntent::Confirm(offer) if !offer.needs_customer() => Some(offer),
            _ => None,
        }
    }

    /// What other words than yes and no may answer: the question beneath an offer, or else this.
    #[must_use]
    pub fn question(&self) -> &Self {
        match &self.beneath {
            Some(beneath) if self.offer().is_some() => beneath,
            _ => self,
        }
    }

    /// The same question, where something is noted about it.
    pub fn question_mut(&mut self) -> &mut Self {
        if self.offer().is_none() {
            return self;
        }
        match self.beneath {
            Some(ref mut beneath) => beneath,
            None => self,
        }
    }

    /// What is left of it where the PIN has to come first: a complete wish waits for that, whatever was agreed to, and is asked about
    /// anew behind it; a question about a part of one is gone, since it tells what there is to choose from.
    #[must_use]
    pub fn proved_first(self) -> Option<Self> {
        let beneath = self.beneath.and_then(|it| it.proved_first());
        let (intent, asked) = match self.intent {
            PendingIntent::Slot(_) => return beneath,
            PendingIntent::Confirm(intent) | PendingIntent::StepUp(intent)
                if intent.needs_customer() =>
            {
                (PendingIntent::StepUp(intent), WHO_IS_IT.to_owned())
            }
            offer => (offer, self.asked),
        };
        Some(Self {
            intent,
            asked,
            confirmed: false,
            agreed: None,
            has_pin: false,
            beneath: beneath.map(Box::new),
            ..self
        })
    }

    /// What is open once an offer is not any more.
    #[must_use]
    pub fn without_offer(self) -> Option<Self> {
        if self.offer().is_none() {
            return Some(self);
        }
        self.beneath.map(|beneath| *beneath)
    }
}
