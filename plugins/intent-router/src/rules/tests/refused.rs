//! After a refusal that asks for another sum: what is said takes the place of what was refused, and the rest stays.
//! A no drops all of it.

use super::*;

#[test]
fn another_sum_or_account_takes_the_place_of_what_was_refused() {
    let (checking, savings) = (Some("checking_1"), Some("savings_1"));
    let refused = || draft(checking, savings, Some(900_000));
    for text in ["fifty", "make it fifty", "fifty dollars then", "no, fifty"] {
        assert_eq!(
            answer(refused(), "amount", text),
            moved("checking_1", "savings_1", 5_000),
            "{text}"
        );
    }
    assert_eq!(
        answer(refused(), "amount", "then take it from savings to checking"),
        moved("savings_1", "checking_1", 900_000)
    );
    assert_eq!(
        asks_for(answer(refused(), "amount", "everything")),
        "amount_share"
    );
    for text in ["nothing", "never mind", "no thanks", "no"] {
        let said = answer(refused(), "amount", text);
        let is_no = matches!(said, Routed::Intent(Intent::Decline | Intent::Cancel));
        assert!(is_no, "{text}: {said:?}");
    }
}
