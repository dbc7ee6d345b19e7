//! Days and months in words, and the bank's local day of an instant.
//! The instant is an argument: nothing here reads a clock.

use crate::number;

/// The months of the year by their English names.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A local moment, to the hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Full year.
    pub year: u32,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// 0 to 23.
    pub hour: u32,
}

/// The local moment of an instant, the offset being that of the bank at this instant.
pub fn local(unix_ms: u64, utc_offset_minutes: i32) -> Moment {
    let utc_seconds = i64::try_from(unix_ms / 1_000).unwrap_or(i64::MAX / 2);
    let seconds = (utc_seconds + i64::from(utc_offset_minutes) * 60).max(0);
    let hour = u32::try_from(seconds % 86_400 / 3_600).unwrap_or(0);
    let (year, month, day) = civil(seconds / 86_400);
    Moment {
        year,
        month,
        day,
        hour,
    }
}

/// `2026-03` is "March twenty twenty-six"; a month as the bank names it stays as it is.
pub fn month_words(month: &str) -> String {
    match year_and_month(month) {
        Some((year, number)) => format!("{} {}", month_name(number), number::year_words(year)),
        None => month.to_owned(),
    }
}

/// `2026-03-05` is "March fifth"; any other text stays as it is.
pub fn day_words(date: &str) -> String {
    let said = || {
        let (month, day) = (date.get(..7)?, date.get(7..10)?.strip_prefix('-')?);
        let (_, number) = year_and_month(month)?;
        let day = number::ordinal_words(day.parse().ok()?)?;
        Some(format!("{} {day}", month_name(number)))
    };
    said().unwrap_or_else(|| date.to_owned())
}

/// Year and month of `YYYY-MM`.
pub fn year_and_month(text: &str) -> Option<(u32, u32)> {
    let (year, month) = text.split_once('-')?;
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if year.len() != 4 || month.len() != 2 || !digits(year) || !digits(month) {
        return None;
    }
    let (year, month) = (year.parse().ok()?, month.parse().ok()?);
    (1..=12).contains(&month).then_some((year, month))
}

fn month_name(number: u32) -> &'static str {
    MONTHS[(number as usize + 11) % 12]
}

// Days since 1970 to a date of the Gregorian calendar, in eras of 400 years that begin in March, so that the leap day comes last.
fn civil(days: i64) -> (u32, u32, u32) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let whole = |value: i64| u32::try_from(value).unwrap_or(0);
    (whole(year), whole(month), whole(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_has_a_local_day_and_hour() {
        let noon_utc = 1_795_348_800_000; // 2026-11-22T12:00:00Z
        let moment = |year, month, day, hour| Moment {
            year,
            month,
            day,
            hour,
        };
        assert_eq!(local(noon_utc, 0), moment(2026, 11, 22, 12));
        assert_eq!(local(noon_utc, -480), moment(2026, 11, 22, 4));
        assert_eq!(local(noon_utc, 780), moment(2026, 11, 23, 1));
        assert_eq!(local(0, -60), moment(1970, 1, 1, 0));
        assert_eq!(local(1_709_164_800_000, 0), moment(2024, 2, 29, 0));
        assert_eq!(local(1_735_689_599_000, 0), moment(2024, 12, 31, 23));
    }

    #[test]
    fn months_and_days_are_said() {
        assert_eq!(month_words("2026-03"), "March twenty twenty-six");
        assert_eq!(month_words("January"), "January");
        assert_eq!(month_words("2026-13"), "2026-13");
        assert_eq!(day_words("2026-03-05"), "March fifth");
        assert_eq!(day_words("2026-03-05T10:00:00Z"), "March fifth");
        assert_eq!(day_words("yesterday"), "yesterday");
        assert_eq!(day_words("été 2026 là"), "été 2026 là");
    }
}
