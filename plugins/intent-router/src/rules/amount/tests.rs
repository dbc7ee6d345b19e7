//! The ways people say amounts, and those that are asked about instead of guessed.
//! Tables for the ways of speaking, properties for the round trip through `speech` and for texts of any kind.

use super::*;
use proptest::prelude::*;

fn all(text: &str) -> Vec<Result<i64, Doubt>> {
    let heard = Heard::new(text);
    let found = mentions(&heard, &vec![false; heard.words.len()], "USD");
    found.into_iter().map(|mention| mention.reading).collect()
}

#[test]
fn amounts_are_read_in_figures_and_in_words() {
    for (text, minor) in [
        ("$1,250.50", 125_050),
        ("1250.5", 125_050),
        ("$5", 500),
        ("50$", 5_000),
        ("500 dollars", 50_000),
        ("1.5k", 150_000),
        ("10 grand", 1_000_000),
        ("2.5 thousand", 250_000),
        ("5 hundred", 50_000),
        ("5 thousand 200 dollars", 520_000),
        ("five hundred", 50_000),
        ("five hundred dollars", 50_000),
        ("fifty bucks", 5_000),
        ("a hundred", 10_000),
        ("a hundred and fifty", 15_000),
        ("hundred dollars", 10_000),
        ("a grand", 100_000),
        ("half a grand", 50_000),
        ("half a million", 50_000_000),
        ("a dollar", 100),
        ("one dollar", 100),
        ("twenty-five dollars", 2_500),
        ("twelve hundred and fifty dollars and ten cents", 125_010),
        ("twelve hundred and fifty dollars ten cents", 125_010),
        ("$12 and 10 cents", 1_210),
        ("two and a half thousand", 250_000),
        ("two and a half dollars", 250),
        ("two point five thousand", 250_000),
        ("ten point five oh dollars", 1_050),
        ("fifty cents", 50),
        ("a penny", 1),
        (
            "one thousand two hundred thirty-four dollars and fifty-six cents",
            123_456,
        ),
        ("five hundred and two thousand", 50_200_000),
        ("three hundred thousand and five", 30_000_500),
        ("one million dollars", 100_000_000),
        ("two thousand and fifty", 205_000),
    ] {
        assert_eq!(all(text), [Ok(minor)], "{text}");
        assert_eq!(
            all(&format!("transfer {text} please")),
            [Ok(minor)],
            "transfer {text} please"
        );
        assert_eq!(of_text(text, "USD"), Ok(minor), "{text}");
    }
}

#[test]
fn what_can_be_read_in_two_ways_is_doubtful() {
    for text in [
        "twelve fifty",
        "one oh five",
        "five fifty",
        "twenty twenty",
        "one two three",
        "1 200",
        "ten dollars and fifty",
        "ten dollars fifty",
        "a couple hundred",
        "a couple of hundred",
        "a few hundred dollars",
        "about fifty",
        "two and a half",
        "a thousand and a half",
        "one hundred and ten cents",
        "five hundred two thousand three million",
        "ten point twenty five",
        "half a dollar",
        "half a cent",
        "half a hundred dollars",
        "half of a hundred dollars",
        "a third of a dollar",
        "five and a quarter dollars",
        "two dollars and a half",
        "quarter of a million",
        "two dimes",
        "ten quarters",
        "two dozen dollars",
        "forty-leven",
        "fifty-ish dollars",
        "fifty something dollars",
        "fifty or so",
        "fifty dollars and change",
        "point five dollars",
        "ten mil",
        "fifty zorkmids",
        "double fifty",
        "ten more cents",
        "dollar fifty",
        "forty leven",
        "1.000",
        "ten more euros",
    ] {
        assert_eq!(all(text), [Err(Doubt::Unclear)], "{text}");
    }
}

#[test]
fn what_is_no_amount_is_invalid() {
    for text in [
        "0",
        "0.00",
        "zero dollars",
        "zero",
        "10.005",
        "$1.234",
        "-50",
        "minus fifty",
        "1e308",
        "1,25",
        "negative five dollars",
        "99999999999999999999",
        "one point two three four",
    ] {
        assert_eq!(all(text), [Err(Doubt::Invalid)], "{text}");
    }
    for text in ["NaN", "abc", "", "everything", "infinity"] {
        assert_eq!(all(text), [], "{text}");
        assert_eq!(of_text(text, "USD"), Err(Doubt::Invalid), "{text}");
    }
}

#[test]
fn another_currency_is_not_taken_for_the_banks_own() {
    for text in [
        "fifty euros",
        "€50",
        "£20",
        "twenty pounds",
        "fifty pesos",
        "fifty canadian dollars",
    ] {
        assert_eq!(all(text), [Err(Doubt::Currency)], "{text}");
    }
    assert_eq!(of_text("fifty euros", "EUR"), Ok(5_000));
    assert_eq!(of_text("EUR 50", "USD"), Err(Doubt::Unclear));
    assert_eq!(of_text("USD 50", "USD"), Ok(5_000));
    assert_eq!(of_text("1200", "JPY"), Ok(1_200));
    assert_eq!(of_text("1200.5", "JPY"), Err(Doubt::Invalid));
}

#[test]
fn little_words_are_no_amounts() {
    for text in [
        "the savings one",
        "one moment",
        "a moment",
        "for five years",
        "over 60 months",
        "5%",
        "three times",
        "on the 1st",
        "that is grand",
        "may i",
    ] {
        assert_eq!(all(text), [], "{text}");
    }
}

#[test]
fn two_amounts_stay_two() {
    assert_eq!(all("fifty dollars or sixty dollars").len(), 2);
    assert_eq!(
        all("fifty dollars and sixty dollars"),
        [Ok(5_000), Ok(6_000)]
    );
    assert_eq!(all("move fifty no sixty"), [Ok(5_000), Ok(6_000)]);
    // Ten dollars, or the same five twice?
    let unclear = Err(Doubt::Unclear);
    assert_eq!(all("five dollars and five dollars"), [unclear, unclear]);
    assert_eq!(all("five dollars, five dollars"), [Ok(500), Ok(500)]);
    assert_eq!(all("one third of a dollar"), [unclear]);
    assert_eq!(all("three quarters of a dollar"), [unclear, unclear]);
    assert_eq!(all("five dollars 5 times"), [unclear]);
}

#[test]
fn a_two_before_an_account_may_have_been_a_to() {
    let heard = Heard::new("send fifty two savings");
    let found = mentions(&heard, &[false, false, false, true], "USD");
    assert_eq!(found[0].reading, Err(Doubt::Unclear));
}

proptest! {
    #[test]
    fn what_is_said_is_read_back(minor in 1_i64..100_000_000_000_000) {
        let said = speech::money::words(minor, "USD");
        prop_assert_eq!(of_text(&said, "USD"), Ok(minor), "{}", said);
    }

    #[test]
    fn a_decimal_text_is_read_back(minor in 1_i64..10_000_000_000_000) {
        prop_assert_eq!(of_text(&speech::money::decimal(minor, "USD"), "USD"), Ok(minor));
    }

    #[test]
    fn no_text_makes_the_reader_fail(text in "\\PC{0,60}") {
        let _ = all(&text);
    }

    #[test]
    fn no_row_of_number_words_makes_the_reader_fail(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "a", "and", "half", "hundred", "thousand", "million", "billion", "one", "two", "twenty", "point",
                "oh", "dollars", "cents", "999999999999999", "1.5k", "zero", "of", "couple",
            ]), 0..12)
    ) {
        for reading in all(&words.join(" ")) {
            prop_assert!(!matches!(reading, Ok(minor) if minor <= 0));
        }
    }
}
