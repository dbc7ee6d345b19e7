//! Whether the caller acts under pressure: in danger, made to say what they say, or talked into moving their money.
//! Too much is found rather than too little: who is taken for one of them gets a person, who is not may lose what they have.

use super::request::is_change;
use super::words::Heard;
use crate::bindings::bank::voice::types::{Channel, Draft, Pending, Question, Turn};
use crate::bindings::exports::bank::voice::routing::Routed;

// Whatever else is said: nothing is moved on this line.
const DANGER: &str = "gun|guns|pistol|weapon|let me go until|kill myself|killing myself|end my life|suicide|suicidal|hurt myself|\
    harm myself|want to die|call the police|call an ambulance|send the police|get the police|need the police|send help|\
    held hostage|being held|held captive|kidnapped|under duress|against my will|coerced|coercing|to my head|to my throat|\
    with a knife|a knife to|has a knife|has a gun|with a gun|am in danger|im in danger|are in danger|having a heart attack|\
    cant breathe|cannot breathe|having a stroke|chest pain|cant talk freely|cannot talk freely|robbing me|robbed right now|\
    being robbed|broke into my|under pressure|pressured|pressuring|blackmail|blackmailed|blackmailing|extorted|extorting|\
    scamming me|being scammed|afraid of him|afraid of her|afraid of them|afraid of the man|scared of him|scared of her|\
    scared of them|i have no choice|or else|im held|house down|photos and will|go to prison|go to jail|in jail|needs bail|\
    for bail|being forced|forced to do this|cant say no|cannot say no|not allowed to hang up";
// What is done to somebody by whoever threatens them.
const VIOLENCE: &str = "hitting|beating|hurting|killing|kicking|stabbing|rob|taken|threatening|threatens|threatened|hit|hits|beat|\
    beats|hurt|hurts|harm|kill|kills|shoot|stab|punch|attack|attacked|forcing|forces|forced|making|makes|locked|shouting at|\
    screaming at|yelling at|grabbed|watching|strangle|controlling";
// To whom.
const VICTIM: &str = "me|us";
const FAMILY: &str = "son|daughter|wife|husband|family|kids|kid|child|children|mother|father|mom|mum|dad|brother|sister|baby|dog";
// With these a thing is done to somebody, and no violence: "making me happy".
const HARMLESS: &str = "nobody is forcing|no one is forcing|nobodys forcing|taken me|makes me|making me|hits me as|hit me that";
const MADE: &str = "makes me do|making me do|makes me say|making me say|making me transfer|making me move|making me send|\
    making me pay|makes me transfer|makes me move|makes me send|makes me pay|hes making me|is making me|locked my computer";
const WATCHED: &str = "is watching me|watching me do|next to me and|standing next to me|standing behind me|right next to me|\
    control of my computer|controlling my computer|control of my screen|on my computer|anydesk|teamviewer|team viewer|\
    remote access|have my daughter|has my daughter|they have my son|has my son|they have my wife|they have my husband|\
    they have my family|they have my kids|they have my child|holding my arm";
const SECRET: &str = "mustnt tell|must not tell|not to talk to|keep this secret|keep it secret|not to tell you|not to tell anyone|\
    not to tell anybody|not talk to anyone|telling me to say|tells me to say|told me to say|telling me what to|tells me what to|\
    told me what to say|what to say to you|telling me to transfer|telling me to move|telling me to send|telling me to do this|\
    says to press yes|says to say yes";
const SCARED: &str = "im scared|i am scared|im afraid he|im afraid they|im terrified";

// So begin those who talk people out of their money, and what the bank is asked when it is noticed.
const TALKED_INTO: &str = "computer is hacked|computer was hacked|computer has a virus|microsoft|the irs|the fbi|social security|\
    security team|tech support|fraud department|arrest me|be arrested|warrant for|safe account|secure account|\
    from your bank called|from the bank called|from my bank called|your bank called me|bank called and told|bank called and asked|\
    your colleague called|gift cards|block my account|freeze my account|lock my account|block my accounts|freeze my accounts|\
    suspend my account|close it at once|talked me into|talked into this|talked into it|told to do this by|won a prize|pay the fee|\
    computer technician|sheriffs office|was hacked|met online|woman online|man online|on the internet needs|police called|\
    court called|lose everything|i was told to|ive been told to";
const HACKED: &str = "a scam|want my money|wants my money|account is hacked|account was hacked|account has been hacked|\
    account is compromised|money is not safe|money isnt safe|move it to safety|keep it safe|account is at risk|money is at risk";
// Whoever is told by these to move money moves none.
const TOLD_BY: &str = "police|policeman|policewoman|cop|officer|sheriff|sheriffs|detective|fbi|cia|interpol|bank|man|woman|lady|\
    guy|gentleman|stranger|they|somebody|someone|caller|microsoft|apple|google|support|agent|government|court|irs|office|\
    authority|amazon|paypal|whatsapp|lawyer|judge|prosecutor|instructor|technician|adviser|advisor|broker|department|company|\
    colleague|online|tinder|telegram|instagram|facebook";
const TELLS: &str = "told me to|tells me to|telling me to|said to|says to|said i must|say i must|says i must|said i have to|\
    say i have to|says i have to|said i need to|say i need to|says i need to|said i should|say i should|asked me to|wants me to|\
    want me to|instructed me to|advised me to|saying to|helping me move|says i owe|say i owe|and want money|asked me for money|\
    asks me for money|and wants money";

/// Whether a person takes over instead of what the words were taken for: whoever is in danger is asked nothing more, and whoever was
/// talked into it, now or earlier in the call, moves nothing on this line.
pub fn stops(routed: &Routed, turn: &Turn, said_before: impl FnOnce() -> Vec<String>) -> bool {
    if turn.channel != Channel::Voice {
        return false;
    }
    let heard = Heard::since_the_reply(turn);
    let is_pressed = |heard: &Heard| is_in_danger(heard) || is_talked_into(heard);
    let is_waiting = matches!(
        &turn.pending,
        Some(Pending::Confirm(waiting) | Pending::StepUp(waiting)) if is_change(waiting)
    );
    let is_wanted = match routed {
        Routed::Intent(intent) => is_change(intent),
        Routed::Ask(Question { draft, .. }) => {
            matches!(
                draft,
                Draft::Transfer(_) | Draft::Loan(_) | Draft::CreditCard(_)
            )
        }
        Routed::Pass => false,
    };
    let is_later = || {
        said_before()
            .iter()
            .any(|said| is_pressed(&Heard::new(said)))
    };
    is_in_danger(&heard) || is_waiting && is_talked_into(&heard) || is_wanted && is_later()
}

/// Whether the caller is in danger, or made to say what they say.
pub fn is_in_danger(heard: &Heard) -> bool {
    let harmless = heard.taken_by(HARMLESS);
    let is_violence = || {
        let mut places = heard.places(VIOLENCE).into_iter();
        let is_victim = |at: usize| {
            let is_family = heard.text(at) == "my" && heard.is_one_of(at + 1, FAMILY);
            heard.is_one_of(at, VICTIM) || is_family
        };
        places.any(|place| is_victim(place.end) && !harmless[place.start])
    };
    // "I'm scared of forgetting it".
    let is_scared = || heard.has_any(SCARED) && !heard.has_any("scared of");
    heard.has_any(DANGER)
        || heard.has_any(WATCHED)
        || heard.has_any(SECRET)
        || heard.has_any(MADE)
        || is_violence()
        || is_scared()
}

/// Whether somebody seems to have talked the caller into moving money.
pub fn is_talked_into(heard: &Heard) -> bool {
    let is_told = || {
        let mut tells = heard.places(TELLS).into_iter();
        tells.any(|place| (0..place.start).any(|at| heard.is_one_of(at, TOLD_BY)))
    };
    heard.has_any(TALKED_INTO) || heard.has_any(HACKED) || is_told()
}
