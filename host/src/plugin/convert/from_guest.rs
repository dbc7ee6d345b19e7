//! The contract's types as the domain's, every text and list checked on the way in.
//!
//! Invariant: what a plugin answers is input like any other (`an_oversized_or_control_character_answer_is_a_failed_stage`).

use super::super::bindings::{policies, router, wit::types as guest};
use super::super::routed::Routed;
use crate::call::bounds::{self, OutOfBounds};
use crate::call::decision::{Cap, CapScope, Decision};
use crate::call::intent::{CreditCard, CustomIntent, Loan, Payee};
use crate::call::outcome::{
    Account, Application, Balance, Next, Payment, PaymentStatus, Profile, Statement, StatementLine,
};
use crate::call::{Draft, Failure, Intent, Message, Money, Outcome, Question, Reply, Transfer};

type Checked<T> = Result<T, OutOfBounds>;

pub(in super::super) fn routed(
    routed: router::exports::bank::voice::routing::Routed,
) -> Checked<Routed> {
    use router::exports::bank::voice::routing::Routed as Guest;
    Ok(match routed {
        Guest::Intent(wanted) => Routed::Intent(intent(wanted)?),
        Guest::Ask(asked) => Routed::Ask(question(asked)?),
        Guest::Pass => Routed::Pass,
    })
}

pub(in super::super) fn decision(
    decision: policies::exports::bank::voice::policy::Decision,
) -> Checked<Decision> {
    use policies::exports::bank::voice::policy::{CapScope as Scope, Decision as Guest};
    Ok(match decision {
        Guest::Allow(caps) => {
            bounds::list("caps", &caps)?;
            let caps = caps.into_iter().map(|cap| {
                Ok(Cap {
                    scope: match cap.scope {
                        Scope::Caller => CapScope::Caller,
                        Scope::FromAccount => CapScope::FromAccount,
                        Scope::ToAccount => CapScope::ToAccount,
                    },
                    window_hours: cap.window_hours,
                    total: cap.total.map(money).transpose()?,
                    count: cap.count,
                })
            });
            Decision::Allow(caps.collect::<Checked<_>>()?)
        }
        Guest::Confirm(said) => Decision::Confirm(message(said)?),
        Guest::StepUp(said) => Decision::StepUp(message(said)?),
        Guest::HandOff(said) => Decision::HandOff(message(said)?),
        Guest::Deny(said) => Decision::Deny(message(said)?),
    })
}

pub(in super::super) fn outcome(outcome: guest::Outcome) -> Checked<Outcome> {
    Ok(match outcome {
        guest::Outcome::Balances(all) => Outcome::Balances(many("balances", all, balance)?),
        guest::Outcome::Accounts(all) => Outcome::Accounts(many("accounts", all, account)?),
        guest::Outcome::Statement(found) => Outcome::Statement(statement(found)?),
        guest::Outcome::Profile(found) => Outcome::Profile(profile(found)?),
        guest::Outcome::Paid(paid) => Outcome::Paid(payment(paid)?),
        guest::Outcome::Applied(applied) => Outcome::Applied(application(applied)?),
        guest::Outcome::Asked(asked) => Outcome::Asked(question(asked)?),
        guest::Outcome::Confirmation(said) => Outcome::Confirmation(message(said)?),
        guest::Outcome::StepUp(said) => Outcome::StepUp(message(said)?),
        guest::Outcome::Refused(said) => Outcome::Refused(message(said)?),
        guest::Outcome::HandedOff(said) => Outcome::HandedOff(message(said)?),
        guest::Outcome::Failed(why) => Outcome::Failed(failure(why)?),
        guest::Outcome::Said(said) => Outcome::Said(message(said)?),
        guest::Outcome::Cancelled => Outcome::Cancelled,
        guest::Outcome::Repeated => Outcome::Repeated,
        guest::Outcome::Ended => Outcome::Ended,
    })
}

pub(in super::super) fn reply(reply: guest::Reply) -> Checked<Reply> {
    bounds::spoken("reply.text", &reply.text)?;
    let next = match reply.next {
        guest::Next::Listen => Next::Listen,
        guest::Next::HangUp => Next::HangUp,
        guest::Next::HandOff(to) => Next::HandOff(optional_name("reply.next", to)?),
        guest::Next::Press(key) => {
            bounds::key("reply.next", &key)?;
            Next::Press(key)
        }
    };
    Ok(Reply {
        text: reply.text,
        next,
        interruptible: reply.interruptible,
    })
}

pub(in super::super) fn transfer(transfer: guest::Transfer) -> Checked<Transfer> {
    Ok(Transfer {
        from_account: name("from-account", transfer.from_account)?,
        to_account: name("to-account", transfer.to_account)?,
        payee: match transfer.payee {
            guest::Payee::SameOwner => Payee::SameOwner,
            guest::Payee::Known => Payee::Known,
            guest::Payee::FirstTime => Payee::FirstTime,
        },
        amount: money(transfer.amount)?,
        memo: optional_text("memo", transfer.memo)?,
    })
}

pub(in super::super) fn loan(loan: guest::Loan) -> Checked<Loan> {
    Ok(Loan {
        amount: money(loan.amount)?,
        purpose: text("purpose", loan.purpose)?,
        years: loan.years,
    })
}

pub(in super::super) fn credit_card(card: guest::CreditCard) -> Checked<CreditCard> {
    Ok(CreditCard {
        kind: name("kind", card.kind)?,
        limit: money(card.limit)?,
    })
}

fn intent(intent: guest::Intent) -> Checked<Intent> {
    Ok(match intent {
        guest::Intent::Balance(account) => Intent::Balance(name("account", account)?),
        guest::Intent::Accounts => Intent::Accounts,
        guest::Intent::Statements(query) => Intent::Statements {
            account: name("account", query.account)?,
            month: optional_name("month", query.month)?,
        },
        guest::Intent::Profile => Intent::Profile,
        guest::Intent::Transfer(wanted) => Intent::Transfer(transfer(wanted)?),
        guest::Intent::Loan(wanted) => Intent::Loan(loan(wanted)?),
        guest::Intent::CreditCard(wanted) => Intent::CreditCard(credit_card(wanted)?),
        guest::Intent::ApplicationStatus(id) => Intent::ApplicationStatus(name("id", id)?),
        guest::Intent::Affirm => Intent::Affirm,
        guest::Intent::Decline => Intent::Decline,
        guest::Intent::Cancel => Intent::Cancel,
        guest::Intent::Repeat => Intent::Repeat,
        guest::Intent::Human => Intent::Human,
        guest::Intent::Goodbye => Intent::Goodbye,
        guest::Intent::Unknown => Intent::Unknown,
        guest::Intent::Custom(wanted) => Intent::Custom(custom(wanted)?),
    })
}

fn custom(intent: guest::CustomIntent) -> Checked<CustomIntent> {
    Ok(CustomIntent {
        name: name("name", intent.name)?,
        slots: pairs("slots", intent.slots)?,
    })
}

fn question(question: guest::Question) -> Checked<Question> {
    Ok(Question {
        draft: draft(question.draft)?,
        slot: name("slot", question.slot)?,
        say: message(question.say)?,
    })
}

fn draft(draft: guest::Draft) -> Checked<Draft> {
    Ok(match draft {
        guest::Draft::Transfer(known) => Draft::Transfer {
            from_account: optional_name("from-account", known.from_account)?,
            to_account: optional_name("to-account", known.to_account)?,
            amount: known.amount.map(money).transpose()?,
            memo: optional_text("memo", known.memo)?,
        },
        guest::Draft::Balance => Draft::Balance,
        guest::Draft::Statements(month) => Draft::Statements(optional_name("month", month)?),
        guest::Draft::Loan(known) => Draft::Loan {
            amount: known.amount.map(money).transpose()?,
            purpose: optional_text("purpose", known.purpose)?,
            years: known.years,
        },
        guest::Draft::CreditCard(known) => Draft::CreditCard {
            kind: optional_name("kind", known.kind)?,
            limit: known.limit.map(money).transpose()?,
        },
        guest::Draft::Custom(known) => Draft::Custom(custom(known)?),
    })
}

/// A sentence of a plugin's is spoken one day, so it has the bounds of speech.
fn message(message: guest::Message) -> Checked<Message> {
    bounds::spoken("message.text", &message.text)?;
    Ok(Message {
        code: name("message.code", message.code)?,
        parameters: pairs("message.parameters", message.parameters)?,
        text: message.text,
    })
}

fn money(money: guest::Money) -> Checked<Money> {
    Ok(Money::new(money.minor, name("currency", money.currency)?))
}

fn account(account: guest::Account) -> Checked<Account> {
    Ok(Account {
        id: name("account.id", account.id)?,
        kind: text("account.kind", account.kind)?,
        nickname: optional_text("account.nickname", account.nickname)?,
        currency: name("account.currency", account.currency)?,
    })
}

fn balance(balance: guest::Balance) -> Checked<Balance> {
    Ok(Balance {
        account: account(balance.account)?,
        available: money(balance.available)?,
    })
}

fn statement(statement: guest::Statement) -> Checked<Statement> {
    Ok(Statement {
        account: account(statement.account)?,
        month: text("month", statement.month)?,
        lines: many("lines", statement.lines, |line| {
            Ok(StatementLine {
                date: text("date", line.date)?,
                description: text("description", line.description)?,
                amount: line.amount.map(money).transpose()?,
            })
        })?,
    })
}

fn profile(profile: guest::Profile) -> Checked<Profile> {
    Ok(Profile {
        name: text("name", profile.name)?,
        email: optional_text("email", profile.email)?,
        phone: optional_text("phone", profile.phone)?,
        address: optional_text("address", profile.address)?,
    })
}

fn payment(payment: guest::Payment) -> Checked<Payment> {
    Ok(Payment {
        id: name("payment.id", payment.id)?,
        transfer: transfer(payment.transfer)?,
        status: match payment.status {
            guest::PaymentStatus::Completed => PaymentStatus::Completed,
            guest::PaymentStatus::Pending => PaymentStatus::Pending,
        },
    })
}

fn application(application: guest::Application) -> Checked<Application> {
    Ok(Application {
        id: name("application.id", application.id)?,
        status: text("status", application.status)?,
        message: text("message", application.message)?,
    })
}

fn failure(failure: guest::Failure) -> Checked<Failure> {
    Ok(match failure {
        guest::Failure::NotFound(what) => Failure::NotFound(name("failure", what)?),
        guest::Failure::NotAllowed(code) => Failure::NotAllowed(name("failure", code)?),
        guest::Failure::InsufficientFunds => Failure::InsufficientFunds,
        guest::Failure::Rejected(reason) => Failure::Rejected(text("failure", reason)?),
        guest::Failure::Unavailable => Failure::Unavailable,
        guest::Failure::Uncertain => Failure::Uncertain,
        guest::Failure::Unsupported => Failure::Unsupported,
    })
}

fn name(field: &'static str, value: String) -> Checked<String> {
    bounds::name(field, &value).map(|()| value)
}

fn text(field: &'static str, value: String) -> Checked<String> {
    bounds::text(field, &value).map(|()| value)
}

fn optional_name(field: &'static str, value: Option<String>) -> Checked<Option<String>> {
    value.map(|value| name(field, value)).transpose()
}

fn optional_text(field: &'static str, value: Option<String>) -> Checked<Option<String>> {
    value.map(|value| text(field, value)).transpose()
}

fn pairs(field: &'static str, pairs: Vec<(String, String)>) -> Checked<Vec<(String, String)>> {
    many(field, pairs, |(key, value)| {
        Ok((name(field, key)?, text(field, value)?))
    })
}

fn many<G, T>(
    field: &'static str,
    items: Vec<G>,
    convert: impl Fn(G) -> Checked<T>,
) -> Checked<Vec<T>> {
    bounds::list(field, &items)?;
    items.into_iter().map(convert).collect()
}
