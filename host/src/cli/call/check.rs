//! What a step expects, compared with what came: pure, and each difference is a sentence with both sides.
//!
//! Money is compared in `books`, which has to ask for it.

use std::time::Duration;

use super::books::Decision;
use super::provider::After;
use super::script::Checks;

/// What of the reply's words and of what follows them differs.
pub(super) fn reply(checks: &Checks, said: &str, after: Option<&After>) -> Option<String> {
    let lower = said.to_lowercase();
    let holds = |text: &String| lower.contains(&text.to_lowercase());
    if let Some(text) = checks.texts.iter().find(|text| !holds(text)) {
        return Some(format!("{text:?} was expected; heard was {said:?}"));
    }
    if let Some(text) = checks.not.iter().find(|text| holds(text)) {
        return Some(format!("{text:?} should not be heard; heard was {said:?}"));
    }
    if let Some(pattern) = checks.matches.as_ref().filter(|it| !it.is_match(said)) {
        return Some(format!(
            "a match of {pattern} was expected; heard was {said:?}"
        ));
    }
    let ends = matches!(after, Some(After::End));
    let hands_over = matches!(after, Some(After::HandOver(_)));
    let differs = |wanted: Option<bool>, is: bool| wanted.is_some_and(|wanted| wanted != is);
    match () {
        () if differs(checks.ends, ends) && ends => Some("the agent hangs up".to_owned()),
        () if differs(checks.ends, ends) => Some(format!(
            "the agent should hang up (end_call) after {said:?}"
        )),
        () if differs(checks.hands_over, hands_over) && hands_over => {
            Some("the agent hands the caller over".to_owned())
        }
        () if differs(checks.hands_over, hands_over) => Some(format!(
            "the agent should hand the caller over (transfer_number) after {said:?}"
        )),
        () => None,
    }
}

/// Whether the first words came in time.
pub(super) fn pace(checks: &Checks, first_words: Option<Duration>) -> Option<String> {
    let within = Duration::from_millis(checks.within_ms?);
    match first_words {
        None => Some("nothing was said".to_owned()),
        Some(took) if took > within => Some(format!(
            "the first words came after {} ms, expected were {} ms",
            took.as_millis(),
            within.as_millis()
        )),
        Some(_) => None,
    }
}

/// What of the newest decision record differs.
pub(super) fn record(checks: &Checks, newest: Option<&Decision>) -> Option<String> {
    let Some(newest) = newest else {
        return Some("the host recorded no decision for this turn".to_owned());
    };
    let differs = |what, wanted: &Option<String>, is: &str| {
        let wanted = wanted.as_ref().filter(|wanted| *wanted != is)?;
        Some(format!(
            "{what} `{wanted}` was expected; the host decided `{is}`"
        ))
    };
    differs("the intent", &checks.intent, &newest.intent)
        .or_else(|| differs("the code", &checks.code, &newest.code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_may_be_large_or_small_and_every_text_must_be_there() {
        let checks = Checks {
            texts: vec!["five hundred".to_owned(), "SAVINGS".to_owned()],
            not: vec!["market".to_owned()],
            ..Checks::default()
        };
        assert_eq!(
            reply(&checks, "Five hundred dollars to savings, shall I?", None),
            None
        );
        let missing = reply(&checks, "Five hundred dollars, shall I?", None).unwrap();
        assert!(missing.contains("\"SAVINGS\" was expected; heard was \"Five hundred"));
        let more = reply(&checks, "Five hundred from savings to market.", None).unwrap();
        assert!(more.contains("should not be heard"), "{more}");
    }

    #[test]
    fn how_a_reply_ends_is_compared_only_where_the_script_says_so() {
        let human = After::HandOver("+1".to_owned());
        let of = |ends, hands_over| Checks {
            ends,
            hands_over,
            ..Checks::default()
        };
        for (checks, after, is_right) in [
            (of(None, None), Some(&After::End), true),
            (of(Some(true), None), Some(&After::End), true),
            (of(Some(true), None), None, false),
            (of(Some(false), None), Some(&After::End), false),
            (of(None, Some(true)), Some(&human), true),
            (of(None, Some(true)), Some(&After::End), false),
            (of(None, Some(false)), Some(&human), false),
        ] {
            let found = reply(&checks, "Goodbye.", after);
            assert_eq!(found.is_none(), is_right, "{checks:?} {found:?}");
        }
    }

    #[test]
    fn the_time_of_the_first_words_counts() {
        let checks = Checks {
            within_ms: Some(100),
            ..Checks::default()
        };
        assert_eq!(pace(&checks, Some(Duration::from_millis(100))), None);
        let late = pace(&checks, Some(Duration::from_millis(101))).unwrap();
        assert!(late.contains("after 101 ms"), "{late}");
        assert_eq!(pace(&checks, None).as_deref(), Some("nothing was said"));
        assert_eq!(pace(&Checks::default(), None), None);
    }
}
