//! Sentences for the ear: markdown and control characters taken out, enumerations, and a bound on the number of words.
//! A cut falls on the end of a sentence where there is one.

/// The text as one line without markdown, control characters and doubled spaces.
pub fn clean(text: &str) -> String {
    let is_mark = |c: char| matches!(c, '#' | '_' | '|' | '<' | '>' | '[' | ']');
    let words = text.split(|c: char| c.is_whitespace() || c.is_control() || is_mark(c));
    let mut line = String::with_capacity(text.len());
    // A bullet or a rule that stood alone has no sound.
    for word in words.filter(|word| word.chars().any(char::is_alphanumeric)) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.split(['*', '`', '~']));
    }
    line
}

/// The words of a text, as the bound counts them.
pub fn word_count(text: &str) -> usize {
    text.split_whitespace().count()
}

/// At most `words_max` words and 600 bytes, cut after the last whole sentence that fits, else at a word and closed with a full stop.
pub fn cut(text: &str, words_max: usize) -> String {
    const BYTES_MAX: usize = 600;
    if word_count(text) <= words_max && text.len() <= BYTES_MAX {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut sentence_end = 0;
    for word in text.split_whitespace().take(words_max) {
        if kept.len() + word.len() + 2 > BYTES_MAX {
            break;
        }
        if !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(word);
        if word.ends_with(['.', '!', '?']) {
            sentence_end = kept.len();
        }
    }
    if sentence_end > 0 {
        kept.truncate(sentence_end);
        return kept;
    }
    format!("{}.", kept.trim_end_matches([',', ';', ':', '-', ' ']))
}

/// "checking", "checking and savings", "checking, savings and market".
pub fn list(items: &[String], conjunction: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} {conjunction} {last}", first.join(", ")),
    }
}

/// The first letter as a capital.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => format!("{}{}", first.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_and_control_characters_are_never_spoken() {
        assert_eq!(clean("**Hello**,\n- `you`\u{7} #there"), "Hello, you there");
        assert_eq!(clean(" one \t two "), "one two");
        assert_eq!(clean("---"), "");
    }

    #[test]
    fn a_long_text_is_cut_at_the_end_of_a_sentence() {
        assert_eq!(cut("One two three. Four five six.", 5), "One two three.");
        assert_eq!(cut("One two three, four five", 3), "One two three.");
        assert_eq!(cut("One two.", 30), "One two.");
        assert!(cut(&"x".repeat(700), 30).len() <= 600);
    }

    #[test]
    fn things_are_enumerated_as_people_do() {
        let items: Vec<String> = ["a", "b", "c"].map(String::from).into();
        assert_eq!(list(&items, "and"), "a, b and c");
        assert_eq!(list(&items[..2], "or"), "a or b");
        assert_eq!(list(&items[..1], "or"), "a");
        assert_eq!(capitalised("five dollars"), "Five dollars");
    }
}
