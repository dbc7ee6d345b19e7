//! Transfers as people say them: complete ones become an intent, everything else becomes a question.
//! A question keeps what was certain and nothing else.

use super::*;

#[test]
fn a_complete_transfer_is_an_intent() {
    for (text, minor) in [
        (
            "transfer five hundred dollars from checking to savings",
            50_000,
        ),
        (
            "Transfer $1,250.50 from my checking account to my savings account, please.",
            125_050,
        ),
        ("move 50 into savings out of checking", 5_000),
        ("checking to savings, transfer a grand", 100_000),
        ("please send fifty bucks to savings from checking_1", 5_000),
        (
            "take twenty five dollars from checking and put it in savings",
            2_500,
        ),
        (
            "I want to transfer twelve hundred and fifty dollars and ten cents from checking to savings",
            125_010,
        ),
        ("move 1.5k from checking into savings", 150_000),
        (
            "can you move two and a half thousand from checking to savings",
            250_000,
        ),
        (
            "I'd like to make a transfer of 50 dollars from checking to savings",
            5_000,
        ),
        (
            "yes I want to transfer fifty dollars from checking to savings",
            5_000,
        ),
        (
            "move fifty dollars from checking to savings, it's for my daughter",
            5_000,
        ),
        (
            "transfer from checking one hundred dollars to savings",
            10_000,
        ),
        ("may I transfer a dollar from checking to savings", 100),
        ("move fifty from my main checking to my own savings", 5_000),
        ("Transfer Fifty Dollars From Checking To Savings", 5_000),
        ("transfer 50 from checking to savings for Christmas", 5_000),
        ("move 50 from checking to savings right away please", 5_000),
        ("send 50 from checking to savings to pay the rent", 5_000),
    ] {
        assert_eq!(
            hear(text),
            moved("checking_1", "savings_1", minor),
            "{text}"
        );
    }
}

type Accounts = (Option<&'static str>, Option<&'static str>);

const BOTH: Accounts = (Some("checking_1"), Some("savings_1"));
const FROM: Accounts = (Some("checking_1"), None);
const TO: Accounts = (None, Some("savings_1"));
const NEITHER: Accounts = (None, None);

// One case a line: what was said, the code of the question, the accounts and the amount that are certain.
#[rustfmt::skip]
const OPEN: &[(&str, &str, Accounts, Option<i64>)] = &[
    ("transfer money", "from_account_needed", NEITHER, None),
    ("move fifty to savings", "from_account_needed", TO, Some(5_000)),
    ("move fifty from checking", "to_account_needed", FROM, Some(5_000)),
    ("from checking to savings, transfer", "amount_needed", BOTH, None),
    ("move twelve fifty from checking to savings", "amount_unclear", BOTH, None),
    ("move one oh five from checking to savings", "amount_unclear", BOTH, None),
    ("move fifty or sixty dollars from checking to savings", "amount_unclear", BOTH, None),
    ("move zero dollars from checking to savings", "amount_invalid", BOTH, None),
    ("move 10.005 from checking to savings", "amount_invalid", BOTH, None),
    ("move fifty euros from checking to savings", "amount_currency", BOTH, None),
    ("move everything from checking to savings", "amount_share", BOTH, None),
    ("move 50 from checking to checking", "to_account_same", FROM, Some(5_000)),
    ("move 50 from checking to my money market", "to_account_unknown", FROM, Some(5_000)),
    ("move 50 from checking_9 to savings", "from_account_unknown", TO, Some(5_000)),
    ("send 50 from checking to Bob", "to_account_not_yours", FROM, Some(5_000)),
    ("move 50 between checking and savings", "from_account_needed", NEITHER, Some(5_000)),
    ("move 50 to savings instead of checking", "from_account_needed", TO, Some(5_000)),
    ("pay my landlord fifty dollars", "to_account_not_yours", NEITHER, Some(5_000)),
    ("Send fifty dollars to Bob", "to_account_not_yours", NEITHER, Some(5_000)),
    ("Send Bob Smith fifty dollars from checking", "to_account_not_yours", FROM, Some(5_000)),
    ("pay my credit card 5 dollars from checking", "to_account_not_yours", FROM, Some(500)),
    ("move five dollars from my mother's savings to mine", "from_account_not_yours", NEITHER, Some(500)),
    ("send 5 dollars from checking to savings of Bob Smith", "to_account_not_yours", FROM, Some(500)),
    ("send 5 dollars from checking to the savings account of my wife", "to_account_not_yours", FROM, Some(500)),
    ("send 5 dollars from checking to savings for Bob", "to_account_not_yours", FROM, Some(500)),
    ("wire 5 dollars from checking to savings at Chase", "to_account_not_yours", FROM, Some(500)),
    ("send 5 dollars from checking to my savings account in another bank", "to_account_not_yours", FROM, Some(500)),
    ("move 5 dollars from my Chase checking to savings", "from_account_not_yours", TO, Some(500)),
    ("move 5 dollars from the company checking to savings", "from_account_not_yours", TO, Some(500)),
    ("move 50 from checking and savings", "from_account_ambiguous", NEITHER, Some(5_000)),
    ("transfer half a dollar from checking to savings", "amount_unclear", BOTH, None),
    ("transfer five dollars and five dollars from checking to savings", "amount_unclear", BOTH, None),
    ("transfer fifty pesos from checking to savings", "amount_currency", BOTH, None),
    ("transfer 10% from checking to savings", "amount_share", BOTH, None),
    ("transfer ten percent from checking to savings", "amount_share", BOTH, None),
    ("transfer half from checking to savings", "amount_share", BOTH, None),
    ("transfer the rest from checking to savings", "amount_share", BOTH, None),
    ("transfer as much as possible from checking to savings", "amount_share", BOTH, None),
    ("transfer all my money from checking to savings", "amount_share", BOTH, None),
];

#[test]
fn what_is_missing_or_doubtful_is_asked_for_with_the_draft_so_far() {
    for (text, code, (from, to), minor) in OPEN {
        let (asked_code, asked_draft) = asked(hear(text));
        assert_eq!(asked_code, *code, "{text}");
        assert_eq!(
            asked_draft,
            Draft::Transfer(draft(*from, *to, *minor)),
            "{text}"
        );
    }
}

#[test]
fn a_question_names_the_choices() {
    let Routed::Ask(question) = hear("move fifty from checking") else {
        panic!("no question")
    };
    assert_eq!(question.say.text, "Which account should the money go to?");
    let Routed::Ask(question) = hear("move fifty") else {
        panic!("no question")
    };
    assert_eq!(
        question.say.text,
        "Which account should the money come from: checking or savings?"
    );
    assert_eq!(question.slot, "from_account");
}

#[test]
fn an_explicit_id_of_somebody_else_is_kept_as_a_destination() {
    assert_eq!(
        hear("send fifty dollars from checking to savings_2"),
        moved("checking_1", "savings_2", 5_000)
    );
    assert_eq!(
        hear("send fifty dollars from checking to account number 55667788"),
        moved("checking_1", "55667788", 5_000)
    );
}

#[test]
fn a_note_is_kept_apart_from_the_slots() {
    let Routed::Intent(Intent::Transfer(transfer)) =
        hear("move 50 from checking to savings memo rent for march 2")
    else {
        panic!("no transfer")
    };
    assert_eq!(transfer.memo.as_deref(), Some("rent for march 2"));
    assert_eq!(transfer.amount, usd(5_000));
}

#[test]
fn a_caller_whom_nobody_knows_is_asked_for_no_details() {
    let nobody = Sample {
        accounts: Err(Failure::Unavailable),
        ..alice()
    };
    for text in [
        "transfer ten dollars from checking to savings",
        "move money",
        "I want a loan",
        "what is my balance",
    ] {
        let mut turn = turn(text, None);
        turn.caller.known = false;
        let routed = route(&turn, &preferences(), &nobody);
        assert!(
            matches!(routed, Routed::Intent(Intent::Accounts)),
            "{text}: {routed:?}"
        );
    }
}
