//! What of a conversation is kept of a call.
//!
//! Beside the code because it is pure.

use super::*;

#[test]
fn a_pin_whose_question_is_cut_off_is_taken_out_all_the_same() {
    let utterance = |by_agent, text: &str| Utterance {
        by_agent,
        text: text.to_owned(),
    };
    for between in 0..pin::PATIENCE {
        let mut said = vec![utterance(true, "Please tell me your PIN.")];
        said.extend((0..between).map(|_| utterance(false, "hold on")));
        said.push(utterance(false, "it is 1234"));
        said.extend((1..bounds::TRANSCRIPT_LEN_MAX).map(|_| utterance(true, "Hello.")));
        let kept = newest_without_pins(&said);
        assert_eq!(kept.len(), bounds::TRANSCRIPT_LEN_MAX);
        assert_eq!(kept[0].text, "it is [pin]");
    }
}
