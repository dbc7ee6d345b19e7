//! The shaper's settings: wrong ones are named, and what holds then is the default.
//! Each number of problems is what a policy owner would be told of.

use super::*;

#[test]
fn wrong_settings_are_named_and_right_ones_are_kept() {
    let read = |text: &str| {
        let mut reader = settings::Reader::from_object(text, &Bounds::KEYS);
        (Bounds::read(&mut reader).words_max, reader.problems().len())
    };
    assert_eq!(read("{}"), (30, 0));
    assert_eq!(read(r#"{"words_max": 12}"#), (12, 0));
    assert_eq!(read(r#"{"words_max": 5}"#), (30, 1));
    assert_eq!(read(r#"{"word_max": 20}"#), (30, 1));
}
