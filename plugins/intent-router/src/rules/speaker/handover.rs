//! Whether the phone goes from hand to hand: "my brother takes over", "let me put my wife on".
//! Who hands it over has opened nothing for the next.

use super::absent::THIRD;
use super::is_relation;
use crate::rules::words::Heard;
use std::ops::Range;

const HANDED: &str = "given the phone|handed it over|swapped phones|taken over this|has the phone now|pass her the phone|pass him the phone|hand the phone|hands the phone|handing the phone|handed the phone|give the phone|gives the phone|\
    giving the phone|gave the phone|pass the phone|passes the phone|passing the phone|passed the phone|take the phone|\
    takes the phone|taking the phone|took the phone|taken the phone|grab the phone|grabbed the phone|have the phone now|\
    got the phone now|handed me|gave me the phone|gave me this phone|gave me her phone|gave me his phone|passed me the phone|\
    handing you|passing you|hand you to|hand you over to my|giving you to|give you to|hand over to|pass you to|let me pass you|\
    took over the phone|take over the phone|taking over the phone|taken over the phone|took this phone|took over the call|\
    took over the line|took over this|here he is|here she is|here they are|now youre talking to|now youre speaking to|now you are talking to|now you are speaking to|\
    took over from|taking over from|taking over for";
const TAKES: &str = "coming to the phone|comes to the phone|coming on the line|takes over|taking over|take over|took over|taken over|takes it from here|take it from here|\
    is going to talk|going to talk to you|is going to speak|goes on from here|wants to talk to you|wants to speak to you|\
    wants to speak|would like to speak|would like to talk|wants a word|wants the phone|takes the call|takes the phone|\
    is here now|speaks now|talks now|speaking now|talking now|wants to speak with you|wants to talk with you|will talk|will speak|can talk to you|will continue|continues|do the talking|\
    talk for me|speak for me|is on the phone now|is on the line now|tell you the rest|do the rest";
const SPEAKS: &str = "talk to|talk with|speak to|speak with|tell|repeat that for|repeat it for|say that to|say it to|explain it to|\
    explain that to|you were talking to|you were speaking to|you talked to|you spoke to|you spoke with";
const PUTS: &str = "put|putting|get|getting|let|have|bring|bringing";

/// Whether the phone goes to somebody else.
pub fn is_said(heard: &Heard) -> bool {
    let is_third = |at: usize| {
        is_relation(heard, at) || heard.is_one_of(at, THIRD) || heard.is_one_of(at, "him|her")
    };
    let takes = |place: Range<usize>| (0..place.start).any(is_third);
    // "Let me put my wife on", "here is my son".
    let is_put = |at: usize| {
        let after = usize::from(heard.is_one_of(at + 1, "my|the")) + at + 1;
        let is_on = || {
            (after + 1..after + 4)
                .any(|at| heard.is_one_of(at, "on|talk|speak|finish|continue|take|answer|explain"))
        };
        is_third(after) && heard.is_one_of(at, PUTS) && is_on()
    };
    let is_shown =
        |place: Range<usize>| heard.text(place.end) == "my" && is_relation(heard, place.end + 1);
    // "Here, talk to my husband": the bank is to.
    let is_told = |place: Range<usize>| {
        let after = usize::from(heard.is_one_of(place.end, "my|the")) + place.end;
        let is_own_wish = (0..place.start).any(|at| heard.is_one_of(at, "i|id|ill|ive|let|me"));
        is_third(after) && !is_own_wish
    };
    heard.has_any(HANDED)
        || heard.places(SPEAKS).into_iter().any(is_told)
        || heard.places(TAKES).into_iter().any(takes)
        || (0..heard.words.len()).any(is_put)
        || heard
            .places("here is|heres|here comes|giving you|give you|getting you|get you")
            .into_iter()
            .any(is_shown)
}
