//! The domain's types as the contract's. Total: nothing can be wrong on the way out.
//!
//! The way back, where everything is checked, is `from_guest`.

use super::super::bindings::wit::types as guest;
use crate::call::intent::{CreditCard, CustomIntent, Loan, Payee};
use crate::call::outcome::{
    Account, Application, Balance, Next, Payment, PaymentStatus, Profile, Statement,
};
use crate::call::session::{Direction, PendingIntent};
use crate::call::{
    Channel, Draft, Failure, Intent, Message, Money, Outcome, Question, Reply, Transfer, Trust,
    Turn,
};

pub(in super::super) fn turn(turn: &Turn) -> guest::Turn {
    guest::Turn {
        call: guest::Call {
            id: turn.call_id.clone(),
            agent: turn.agent.clone(),
            direction: match turn.direction {
                Direction::Inbound => guest::Direction::Inbound,
                Direction::Outbound => guest::Direction::Outbound,
                Direction::Web => guest::Direction::Web,
            },
            line: turn.line.clone(),
            age: turn.age,
        },
        number: turn.number,
        channel: match turn.channel {
            Channel::Voice => guest::Channel::Voice,
            Channel::Invocation => guest::Channel::Invocation,
            Channel::Rest => guest::Channel::Rest,
        },
        text: turn.text.clone(),
        invocation: turn
            .invocation
            .as_ref()
            .map(|invocation| guest::Invocation {
                name: invocation.name.clone(),
                arguments: invocation.arguments.clone(),
            }),
        caller: guest::Caller {
            known: turn.caller.known,
            name: turn.caller.name.clone(),
            trust: match turn.caller.trust {
                Trust::Unknown => guest::Trust::Unknown,
                Trust::Phone => guest::Trust::Phone,
                Trust::Pin => guest::Trust::Pin,
                Trust::Trusted => guest::Trust::Trusted,
            },
            pin_age: turn.caller.pin_age,
            language: turn.caller.language.clone(),
        },
        pending: turn.pending.as_ref().map(pending),
        confirmed: turn.confirmed,
        stepped_up: turn.stepped_up,
        misunderstood: turn.misunderstood,
        extra: turn.extra.clone(),
    }
}

fn pending(pending: &PendingIntent) -> guest::Pending {
    match pending {
        PendingIntent::Slot(asked) => guest::Pending::Slot(question(asked)),
        PendingIntent::Confirm(waiting) => guest::Pending::Confirm(intent(waiting)),
        PendingIntent::StepUp(waiting) => guest::Pending::StepUp(intent(waiting)),
    }
}

pub(in super::super) fn money(money: &Money) -> guest::Money {
    guest::Money {
        minor: money.minor,
        currency: money.currency.clone(),
    }
}

fn message(message: &Message) -> guest::Message {
    guest::Message {
        code: message.code.clone(),
        parameters: message.parameters.clone(),
        text: message.text.clone(),
    }
}

fn question(question: &Question) -> guest::Question {
    guest::Question {
        draft: draft(&question.draft),
        slot: question.slot.clone(),
        say: message(&question.say),
    }
}

fn draft(draft: &Draft) -> guest::Draft {
    match draft {
        Draft::Transfer {
            from_account,
            to_account,
            amount,
            memo,
        } => guest::Draft::Transfer(guest::TransferDraft {
            from_account: from_account.clone(),
            to_account: to_account.clone(),
            amount: amount.as_ref().map(money),
            memo: memo.clone(),
        }),
        Draft::Balance => guest::Draft::Balance,
        Draft::Statements(month) => guest::Draft::Statements(month.clone()),
        Draft::Loan {
            amount,
            purpose,
            years,
        } => guest::Draft::Loan(guest::LoanDraft {
            amount: amount.as_ref().map(money),
            purpose: purpose.clone(),
            years: *years,
        }),
        Draft::CreditCard { kind, limit } => guest::Draft::CreditCard(guest::CreditCardDraft {
            kind: kind.clone(),
            limit: limit.as_ref().map(money),
        }),
        Draft::Custom(intent) => guest::Draft::Custom(custom(intent)),
    }
}

fn custom(intent: &CustomIntent) -> guest::CustomIntent {
    guest::CustomIntent {
        name: intent.name.clone(),
        slots: intent.slots.clone(),
    }
}

fn transfer(transfer: &Transfer) -> guest::Transfer {
    guest::Transfer {
        from_account: transfer.from_account.clone(),
        to_account: transfer.to_account.clone(),
        payee: match transfer.payee {
            Payee::SameOwner => guest::Payee::SameOwner,
            Payee::Known => guest::Payee::Known,
            Payee::FirstTime => guest::Payee::FirstTime,
        },
        amount: money(&transfer.amount),
        memo: transfer.memo.clone(),
    }
}

fn loan(loan: &Loan) -> guest::Loan {
    guest::Loan {
        amount: money(&loan.amount),
        purpose: loan.purpose.clone(),
        years: loan.years,
    }
}

fn credit_card(card: &CreditCard) -> guest::CreditCard {
    guest::CreditCard {
        kind: card.kind.clone(),
        limit: money(&card.limit),
    }
}

pub(in super::super) fn intent(intent: &Intent) -> guest::Intent {
    match intent {
        Intent::Balance(account) => guest::Intent::Balance(account.clone()),
        Intent::Accounts => guest::Intent::Accounts,
        Intent::Statements { account, month } => {
            guest::Intent::Statements(guest::StatementsQuery {
                account: account.clone(),
                month: month.clone(),
            })
        }
        Intent::Profile => guest::Intent::Profile,
        Intent::Transfer(wanted) => guest::Intent::Transfer(transfer(wanted)),
        Intent::Loan(wanted) => guest::Intent::Loan(loan(wanted)),
        Intent::CreditCard(wanted) => guest::Intent::CreditCard(credit_card(wanted)),
        Intent::ApplicationStatus(id) => guest::Intent::ApplicationStatus(id.clone()),
        Intent::Affirm => guest::Intent::Affirm,
        Intent::Decline => guest::Intent::Decline,
        Intent::Cancel => guest::Intent::Cancel,
        Intent::Repeat => guest::Intent::Repeat,
        Intent::Human => guest::Intent::Human,
        Intent::Goodbye => guest::Intent::Goodbye,
        Intent::Unknown => guest::Intent::Unknown,
        Intent::Custom(wanted) => guest::Intent::Custom(custom(wanted)),
    }
}

pub(in super::super) fn account(account: &Account) -> guest::Account {
    guest::Account {
        id: account.id.clone(),
        kind: account.kind.clone(),
        nickname: account.nickname.clone(),
        currency: account.currency.clone(),
    }
}

pub(in super::super) fn balance(balance: &Balance) -> guest::Balance {
    guest::Balance {
        account: account(&balance.account),
        available: money(&balance.available),
    }
}

pub(in super::super) fn statement(statement: &Statement) -> guest::Statement {
    guest::Statement {
        account: account(&statement.account),
        month: statement.month.clone(),
        lines: statement
            .lines
            .iter()
            .map(|line| guest::StatementLine {
                date: line.date.clone(),
                description: line.description.clone(),
                amount: line.amount.as_ref().map(money),
            })
            .collect(),
    }
}

pub(in super::super) fn profile(profile: &Profile) -> guest::Profile {
    guest::Profile {
        name: profile.name.clone(),
        email: profile.email.clone(),
        phone: profile.phone.clone(),
        address: profile.address.clone(),
    }
}

pub(in super::super) fn payment(payment: &Payment) -> guest::Payment {
    guest::Payment {
        id: payment.id.clone(),
        transfer: transfer(&payment.transfer),
        status: match payment.status {
            PaymentStatus::Completed => guest::PaymentStatus::Completed,
            PaymentStatus::Pending => guest::PaymentStatus::Pending,
        },
    }
}

pub(in super::super) fn application(application: &Application) -> guest::Application {
    guest::Application {
        id: application.id.clone(),
        status: application.status.clone(),
        message: application.message.clone(),
    }
}

pub(in super::super) fn failure(failure: &Failure) -> guest::Failure {
    match failure {
        Failure::NotFound(what) => guest::Failure::NotFound(what.clone()),
        Failure::NotAllowed(code) => guest::Failure::NotAllowed(code.clone()),
        Failure::InsufficientFunds => guest::Failure::InsufficientFunds,
        Failure::Rejected(reason) => guest::Failure::Rejected(reason.clone()),
        Failure::Unavailable => guest::Failure::Unavailable,
        Failure::Uncertain => guest::Failure::Uncertain,
        Failure::Unsupported => guest::Failure::Unsupported,
    }
}

pub(in super::super) fn outcome(outcome: &Outcome) -> guest::Outcome {
    match outcome {
        Outcome::Balances(all) => guest::Outcome::Balances(all.iter().map(balance).collect()),
        Outcome::Accounts(all) => guest::Outcome::Accounts(all.iter().map(account).collect()),
        Outcome::Statement(found) => guest::Outcome::Statement(statement(found)),
        Outcome::Profile(found) => guest::Outcome::Profile(profile(found)),
        Outcome::Paid(paid) => guest::Outcome::Paid(payment(paid)),
        Outcome::Applied(applied) => guest::Outcome::Applied(application(applied)),
        Outcome::Asked(asked) => guest::Outcome::Asked(question(asked)),
        Outcome::Confirmation(said) => guest::Outcome::Confirmation(message(said)),
        Outcome::StepUp(said) => guest::Outcome::StepUp(message(said)),
        Outcome::Refused(said) => guest::Outcome::Refused(message(said)),
        Outcome::HandedOff(said) => guest::Outcome::HandedOff(message(said)),
        Outcome::Failed(why) => guest::Outcome::Failed(failure(why)),
        Outcome::Said(said) => guest::Outcome::Said(message(said)),
        Outcome::Cancelled => guest::Outcome::Cancelled,
        Outcome::Repeated => guest::Outcome::Repeated,
        Outcome::Ended => guest::Outcome::Ended,
    }
}

pub(in super::super) fn reply(reply: &Reply) -> guest::Reply {
    guest::Reply {
        text: reply.text.clone(),
        next: match &reply.next {
            Next::Listen => guest::Next::Listen,
            Next::HangUp => guest::Next::HangUp,
            Next::HandOff(to) => guest::Next::HandOff(to.clone()),
            Next::Press(key) => guest::Next::Press(key.clone()),
        },
        interruptible: reply.interruptible,
    }
}
