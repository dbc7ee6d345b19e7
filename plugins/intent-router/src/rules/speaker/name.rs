//! Names: the customer's own, in every form in which they say it, and those of anybody else.
//! Capitals tell a name, and where nobody writes any, a list of the commonest.

use super::{FILLERS, skip};
use crate::rules::Known;
use crate::rules::person;
use crate::rules::words::Heard;

/// Before a name.
pub const TITLES: &str = "mr|mrs|ms|miss|mister|dr|doctor|sir|madam|maam";
// The commonest, of either sex.
const FIRST_NAMES: &str = "james|mary|robert|patricia|john|jennifer|michael|linda|david|elizabeth|william|barbara|richard|susan|\
    joseph|jessica|thomas|sarah|charles|karen|christopher|lisa|daniel|nancy|matthew|betty|anthony|sandra|mark|ashley|donald|\
    emily|steven|kimberly|andrew|margaret|paul|donna|joshua|michelle|kenneth|carol|kevin|amanda|brian|melissa|george|deborah|\
    timothy|stephanie|ronald|rebecca|jason|sharon|edward|laura|jeffrey|cynthia|ryan|kathleen|jacob|amy|gary|angela|nicholas|\
    shirley|eric|anna|jonathan|emma|stephen|helen|larry|pamela|justin|nicole|scott|samantha|brandon|katherine|benjamin|\
    christine|samuel|rachel|gregory|carolyn|alexander|janet|peter|maria|patrick|diane|jack|julie|dennis|joyce|jerry|victoria|\
    tyler|kelly|aaron|christina|jose|lauren|adam|joan|nathan|evelyn|henry|olivia|bob|bobby|bill|billy|mike|jim|jimmy|joe|dave|\
    tom|tony|steve|chris|dan|danny|matt|nick|sam|alex|ben|kate|katie|liz|sue|jane|alice|lucy|fred|frank";
// They stand behind "I'm" with a capital letter, and are no names.
const PEOPLES: &str = "american|african|asian|australian|austrian|british|brazilian|canadian|chinese|cuban|danish|dutch|english|\
    european|filipino|finnish|french|german|greek|hispanic|indian|iranian|irish|israeli|italian|jamaican|japanese|jewish|korean|\
    latino|latina|mexican|nigerian|norwegian|pakistani|polish|portuguese|puerto|romanian|russian|scottish|spanish|swedish|swiss|\
    turkish|ukrainian|vietnamese|welsh|christian|catholic|muslim|buddhist|hindu|ok|okay|sorry|calling";
// Names that a customer has besides.
const OTHER_NAMES: &str =
    "middle|maiden|pen|nick|business|pet|users|user|account|cards|file|company|childs";
// Words that sound alike are written by a transcription as it likes.
const SLIP: usize = 1;
const LETTERS_MIN: usize = 4;
// Where a name would stand behind "my name", and none stands.
const NO_NAME: &str = "wrong|spelled|misspelled|spelt|written|incorrect|missing|different|long|too|on|in|and|of|the|a|changed|\
    being|been|still|really|also|so|pronounced|hard|difficult|not|no";

/// "My name is Bob".
pub fn is_strange_behind_name(heard: &Heard, known: &Known) -> bool {
    if known.caller.is_none() {
        return false;
    }
    heard
        .places("my name is|my names|name is|the names")
        .into_iter()
        .any(|place| {
            let name = (place.start..place.end).find(|at| heard.is_one_of(*at, "name|names"));
            if name.is_some_and(|name| name > 0 && heard.is_one_of(name - 1, OTHER_NAMES)) {
                return false;
            }
            let at = skip(heard, skip(heard, place.end, TITLES), FILLERS);
            if is_own_misheard(heard, at, known) {
                return false;
            }
            if heard.text(at) == "not" {
                return person::is_own(heard.text(at + 1), known);
            }
            let is_word = heard.is_one_of(at, NO_NAME) || heard.text(at).is_empty();
            if is_own(heard, at, known) {
                return has_other_surname(heard, at, known);
            }
            !is_word && !heard.ends_clause(place.end - 1) && !person::is_own(heard.text(at), known)
        })
}

/// "Bob Smith is my name".
pub fn is_strange_before_name(heard: &Heard, known: &Known) -> bool {
    let is_strange_at = |at: usize| {
        !is_own(heard, at, known) && (is_first_name(heard, at) || is_strange(heard, at, known))
    };
    let mut places = heard.places("is my name").into_iter();
    places.any(|place| place.start > 0 && is_strange_at(place.start - 1))
}

/// One of the commonest first names.
pub fn is_first_name(heard: &Heard, at: usize) -> bool {
    heard.is_one_of(at, FIRST_NAMES)
}

/// "Alise Johnson" of Alice Johnson: two names that sound like the customer's own.
pub fn is_own_misheard(heard: &Heard, at: usize, known: &Known) -> bool {
    let at = skip(heard, at, TITLES);
    let mut own = own_names(known);
    let (Some(first), Some(last)) = (own.next(), own.last()) else {
        return false;
    };
    let is_near = |said: &str, own: &str| {
        said == own || own.len() >= LETTERS_MIN && strsim::osa_distance(said, own) <= SLIP
    };
    is_near(heard.text(at), &first) && is_near(heard.text(at + 1), &last)
}

/// "her", "Bob's", "my wife's", and the customer's own, who would say "my".
pub fn is_anybodys(heard: &Heard, at: usize, known: &Known) -> bool {
    person::is_owner(heard, at, known) || is_customers(heard, at, known)
}

/// "Alice's", "Johnson's" of the customer.
pub fn is_customers(heard: &Heard, at: usize, known: &Known) -> bool {
    let name = heard.text(at).strip_suffix('s');
    name.is_some_and(|name| own_names(known).any(|own| own == name))
}

/// The name that a customer has at home, and says of themselves only to introduce themselves: "Alice", "Mrs Johnson".
pub fn is_customer(heard: &Heard, at: usize, known: &Known) -> bool {
    let is_titled = at > 0 && heard.is_one_of(at - 1, TITLES) && is_own(heard, at, known);
    is_titled || given_name(known).is_some_and(|own| own == heard.text(at))
}

fn given_name(known: &Known) -> Option<String> {
    let name = known.caller.as_deref()?;
    name.split_whitespace().next().map(str::to_lowercase)
}

/// "Alice", "Mrs Johnson".
pub fn is_own(heard: &Heard, at: usize, known: &Known) -> bool {
    let at = skip(heard, at, TITLES);
    let text = heard.text(at);
    !text.is_empty() && own_names(known).any(|own| own == text)
}

fn own_names(known: &Known) -> impl Iterator<Item = String> {
    let name = known.caller.as_deref().unwrap_or_default();
    name.split_whitespace().map(str::to_lowercase)
}

/// "Alice Brown" where Alice Johnson is the customer.
pub fn has_other_surname(heard: &Heard, at: usize, known: &Known) -> bool {
    let next = skip(heard, at, TITLES) + 1;
    let is_next = !heard.ends_clause(next - 1) && own_names(known).count() > 1;
    let word = heard.words.get(next).filter(|_| is_next);
    // "Alice Mary Johnson".
    if (next + 1..next + 3).any(|at| own_names(known).any(|own| own == heard.text(at))) {
        return false;
    }
    let is_possessive = word.is_some_and(|word| word.raw.contains(['\'', '\u{2019}']));
    !is_possessive && word.is_some_and(|word| person::may_be_name(word, known))
}

/// Where no capitals are written at all, a first name is known as one.
pub fn is_small(heard: &Heard, at: usize, known: &Known) -> bool {
    let is_plain = heard
        .words
        .iter()
        .all(|word| !word.raw.starts_with(char::is_uppercase));
    let at = skip(heard, at, TITLES);
    is_plain && !is_own(heard, at, known) && heard.is_one_of(at, FIRST_NAMES)
}

/// Whether a name stands there that is not the customer's.
pub fn is_strange(heard: &Heard, at: usize, known: &Known) -> bool {
    let at = skip(heard, at, TITLES);
    let is_title = heard.words.len() > 4 && heard.words.iter().all(person::is_capitalised);
    let word = heard.words.get(at);
    !is_title
        && !heard.is_one_of(at, PEOPLES)
        && word.is_some_and(|word| person::may_be_name(word, known))
}
