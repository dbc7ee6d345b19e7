//! What a spoken turn has beside the others: it may be dropped while it runs, and its reply may never be heard.
//!
//! Also what the host says on its own: the greeting, once a call, and the nudge when the caller is silent.

use std::sync::Arc;
use std::time::Instant as Moment;

use tokio::time::Instant;

use super::Orchestrator;
use super::hearing::{self, Hearing, Voiced};
use super::held::Held;
use super::pin_turn::Given;
use super::request::{Answer, Ask, Error};
use super::too_late;
use super::unanswered::ASKED_AGAIN;
use super::working::Working;
use crate::call::intent::Message;
use crate::call::session::{DialogueState, Done, PendingIntent, Spoken};
use crate::call::state::{Event, State};
use crate::call::{Failure, Intent, Outcome, Reply};
use crate::reply;

/// How a request goes on.
pub(super) enum Way {
    /// Through the rules.
    Rules(Option<Box<Voiced>>, Given),
    /// This is all that is said.
    Only(Only),
}

/// What is said without asking any rule.
pub(super) struct Only {
    reply: Reply,
    /// What was done, shown with it.
    done: Vec<Done>,
    /// The caller is silent, and has heard what was said before.
    is_nudge: bool,
}

/// Finds what is new in a spoken request; any other goes through the rules as it is.
pub(super) fn way(held: &mut Held, ask: &Ask, given: Given) -> Way {
    let Ask::Utterance { heard, listener } = ask else {
        return Way::Rules(None, given);
    };
    let call = held.call();
    let mut words = match hearing::hear(call, heard) {
        Hearing::Words(words) => words,
        Hearing::Only(reply, done) => {
            return Way::Only(Only {
                reply,
                done,
                is_nudge: false,
            });
        }
        Hearing::Nothing => {
            return Way::Only(Only {
                reply: nudge(held),
                done: Vec::new(),
                is_nudge: true,
            });
        }
    };
    if let Some(untold) = &words.untold {
        listener.say(&untold.text);
    }
    let call = held.call();
    let compared = words.mark(&call.id);
    let given = match (words.pin.take(), words.unasked.take()) {
        (Some(pin), _) => Given::Pin(pin),
        (None, Some(said)) => Given::Digits(said),
        (None, None) => Given::None,
    };
    let voiced = Voiced {
        words,
        before: call.dialogue_state(),
        compared,
    };
    Way::Rules(Some(Box::new(voiced)), given)
}

/// The open question again, or whether there is anything else.
fn nudge(held: &mut Held) -> Reply {
    let call = held.call();
    let open = call.pending.as_ref().map(|pending| pending.asked.clone());
    Reply::say(open.unwrap_or_else(|| {
        if call.turns == 0 {
            reply::HOW_CAN_I_HELP.to_owned()
        } else {
            reply::ANYTHING_ELSE.to_owned()
        }
    }))
}

/// Keeps what was said until it is known that it was heard; gives the part that has not been said yet.
pub(super) fn remember(
    held: &mut Held,
    voiced: Option<Box<Voiced>>,
    ask: &Ask,
    (outcome, reply, is_promised): (&Outcome, Reply, bool),
    intent: &str,
) -> Reply {
    let (Some(voiced), Ask::Utterance { listener, .. }) = (voiced, ask) else {
        return reply;
    };
    let changed = matches!(
        outcome,
        Outcome::Paid(_) | Outcome::Applied(_) | Outcome::Failed(Failure::Uncertain)
    );
    let untold = voiced.words.untold;
    let mut done = voiced.words.done;
    if changed {
        done.push(Done {
            intent: intent.to_owned(),
            outcome: outcome.clone(),
        });
    }
    // Told once more where the agent has not spoken since; after that it was heard in other words than ours.
    let is_same_moment = held
        .call()
        .spoken
        .as_ref()
        .is_some_and(|before| before.agent_utterances == voiced.words.agent_utterances);
    let must_tell = untold.is_some() && (is_same_moment || listener.is_gone());
    let must_be_heard = changed || must_tell || is_promised;
    let too_late =
        too_late::said(held.call(), outcome, &voiced.words.text).filter(|_| !is_promised);
    // "Please", or a second yes: after the yes that was acted on they need no answer of their own.
    let is_idle = intent == Intent::Unknown.name()
        || intent == Intent::Affirm.name() && held.call().pending.is_none();
    let is_idle = is_idle && !is_promised && too_late.is_none();
    if is_idle && untold.is_some() {
        held.call().restore_dialogue(voiced.before.clone());
    }
    let (whole, rest) = whole_and_rest(untold, too_late, reply, is_idle);
    let asks = asks_to_confirm(held, &voiced.before, outcome, &whole);
    held.call().spoken = Some(Spoken {
        words: voiced.words.all,
        agent_utterances: voiced.words.agent_utterances,
        reply: whole,
        must_be_heard,
        asks,
        compared: voiced.compared,
        done,
        is_unsaid: listener.is_gone(),
        before: voiced.before,
    });
    rest
}

/// What is said in all, and of that the part that has not been said yet.
fn whole_and_rest(
    untold: Option<Reply>,
    too_late: Option<Reply>,
    reply: Reply,
    is_idle: bool,
) -> (Reply, Reply) {
    let no_more = |untold: Reply| {
        let text = String::new();
        (untold.clone(), Reply { text, ..untold })
    };
    match (untold, too_late) {
        (None, _) => (reply.clone(), reply),
        (Some(untold), None) if is_idle => no_more(untold),
        // It was said to the words before, of which these are the longer form.
        (Some(untold), Some(told)) if untold.text.ends_with(&told.text) => no_more(untold),
        (Some(untold), too_late) => {
            let reply = too_late.unwrap_or(reply);
            let whole = hearing::joined(&untold, reply.clone());
            let text = reply.text;
            (whole.clone(), Reply { text, ..whole })
        }
    }
}

/// Whether a reply holds the question of which a yes is awaited. A new one counts as unheard until the transcript shows it.
///
/// It may be interrupted all the same: who has heard sum and accounts answers before "shall I?", and who wants none of it need not
/// listen to the end.
fn asks_to_confirm(
    held: &mut Held,
    before: &DialogueState,
    outcome: &Outcome,
    said: &Reply,
) -> bool {
    let Some(open) = &mut held.call().pending else {
        return false;
    };
    if !matches!(open.intent, PendingIntent::Confirm(_)) {
        return false;
    }
    if before.pending.as_ref() != Some(open) {
        open.is_unheard = true;
    }
    matches!(outcome, Outcome::Confirmation(_))
        || outcome.code() == ASKED_AGAIN
        || said.text.contains(&open.asked)
}

impl Orchestrator {
    /// Route to fulfil, in the time there is and while somebody waits for it. Money that is on its way, and a PIN that is compared,
    /// is followed to its end all the same, and told in the next reply.
    ///
    /// Invariant: an interrupted turn either changes nothing or is told (`money_that_is_interrupted_moves_once_and_is_told`).
    pub(super) async fn worked_out(
        &self,
        held: &mut Held,
        working: &mut Working,
        ask: &Ask,
        given: Given,
        until: Instant,
    ) -> Result<Outcome, Error> {
        let scope = Arc::clone(&working.scope);
        let in_time = || scope.truthful(Outcome::Failed(Failure::Unavailable));
        let work = self.outcome(held, working, ask, given);
        tokio::pin!(work);
        let gone = async {
            match ask {
                Ask::Utterance { listener, .. } => listener.gone().await,
                Ask::Invocation { .. } | Ask::Rest { .. } => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            outcome = &mut work => return outcome,
            () = gone => {
                if !scope.must_be_finished() {
                    return Err(Error::Superseded);
                }
            }
            () = tokio::time::sleep_until(until) => return Ok(in_time()),
        }
        match tokio::time::timeout_at(until, work).await {
            Ok(outcome) => outcome,
            Err(_) => Ok(in_time()),
        }
    }

    /// Says something without asking any rule.
    pub(super) async fn only(
        &self,
        mut held: Held,
        ask: &Ask,
        Only {
            mut reply,
            done,
            is_nudge,
        }: Only,
        (now_ms, began): (i64, Moment),
    ) -> Result<Answer, Error> {
        held.step(Event::TurnBegan, "turn")?;
        if let Ask::Utterance { heard, listener } = ask {
            let kept = match is_nudge {
                true => self.kept_promises(&mut held).await,
                false => None,
            };
            let call = held.call();
            match (kept, &mut call.spoken) {
                (Some(kept), _) => {
                    reply = hearing::joined(&Reply::say(kept), reply);
                    call.spoken = Some(Spoken {
                        words: String::new(),
                        agent_utterances: hearing::agent_utterances(heard),
                        reply: reply.clone(),
                        must_be_heard: true,
                        asks: false,
                        compared: None,
                        done: Vec::new(),
                        is_unsaid: listener.is_gone(),
                        before: call.dialogue_state(),
                    });
                }
                // A nudge says nothing of it, so it was heard even where nobody waits for the nudge.
                (None, Some(spoken)) if spoken.reply == reply => {
                    spoken.is_unsaid = listener.is_gone();
                }
                (None, _) => {}
            }
        }
        held.step(Event::OutcomeKnown, "outcome")?;
        held.step(Event::ReplyHandedOver, "reply")?;
        let is_promised = !held.call().promised.is_empty();
        if let Err(cause) = self.save(&mut held, now_ms).await {
            tracing::error!("call not saved: {cause}");
        }
        Ok(Answer {
            intent: "none".to_owned(),
            outcome: Outcome::Said(Message::plain("said_again", &reply.text)),
            reply,
            done,
            months: Vec::new(),
            is_promised,
            total_micros: u64::try_from(began.elapsed().as_micros()).unwrap_or(0),
            backend_micros: 0,
        })
    }

    /// The reply was spoken and the line is the caller's. Only the state says so, and a call in a turn is left alone.
    pub async fn callers_turn(&self, call_id: &str, until: Instant) {
        let now_ms = self.clock.now().unix_ms;
        let Ok(mut held) = self.hold(call_id, now_ms, until).await else {
            return;
        };
        if held.call().state != State::SpeakingResponse {
            return self.discard(&mut held);
        }
        let stepped = held.step(Event::CallersTurn, "caller's turn");
        if let Err(cause) = stepped.and(self.save(&mut held, now_ms).await) {
            tracing::warn!(call_id, "caller's turn not noticed: {cause}");
        }
    }
}
