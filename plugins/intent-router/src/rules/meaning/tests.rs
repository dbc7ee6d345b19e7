//! What counts as an answer, and what only looks like one.
//! The tables of whole utterances are beside the entry of the rules.

use super::*;

#[test]
fn a_yes_needs_its_question_before_a_wish_is_taken_for_one() {
    let heard = Heard::new("yes I want to transfer money");
    assert_eq!(answer(&heard, Asked::Nothing), None);
    assert_eq!(answer(&heard, Asked::YesOrNo), Some(Intent::Affirm));
    assert_eq!(
        answer(&Heard::new("don't cancel"), Asked::YesOrNo),
        Some(aside::stay())
    );
}
