//! The currencies that can be said: how many minor digits they have and what their units are called.
//! A currency without names here is still exact; it is said by its code.

/// One ISO 4217 currency as it is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Currency {
    /// Digits after the point, 2 for cents.
    pub minor_digits: u32,
    /// One and many of the main unit; none where only the code is known.
    pub major: Option<(&'static str, &'static str)>,
    /// One and many of the minor unit; none where it is not said.
    pub minor: Option<(&'static str, &'static str)>,
}

impl Currency {
    /// Minor units in one main unit.
    pub fn minor_per_major(self) -> i64 {
        10_i64.pow(self.minor_digits)
    }
}

type Names = Option<(&'static str, &'static str)>;

const DOLLARS: Names = Some(("dollar", "dollars"));
const CENTS: Names = Some(("cent", "cents"));

/// The currency of an ISO 4217 code; an unlisted code has two digits and no names.
///
/// Invariant: as many digits as the host counts by (`every_currency_has_the_digits_of_iso_4217`).
pub fn named(code: &str) -> Currency {
    let (minor_digits, major, minor): (u32, Names, Names) = match code {
        "USD" => (2, DOLLARS, CENTS),
        "CAD" => (2, Some(("Canadian dollar", "Canadian dollars")), CENTS),
        "AUD" => (2, Some(("Australian dollar", "Australian dollars")), CENTS),
        "EUR" => (2, Some(("euro", "euros")), CENTS),
        "GBP" => (2, Some(("pound", "pounds")), Some(("penny", "pence"))),
        "CHF" => (2, Some(("franc", "francs")), Some(("centime", "centimes"))),
        "INR" => (2, Some(("rupee", "rupees")), Some(("paisa", "paise"))),
        "JPY" => (0, Some(("yen", "yen")), None),
        "KRW" => (0, Some(("won", "won")), None),
        "VND" => (0, Some(("dong", "dong")), None),
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "KMF" | "PYG" | "RWF" | "UGX" | "UYI" | "VUV"
        | "XAF" | "XOF" | "XPF" => (0, None, None),
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => (3, None, None),
        "CLF" | "UYW" => (4, None, None),
        _ => (2, None, None),
    };
    Currency {
        minor_digits,
        major,
        minor,
    }
}

/// Three capital letters, as ISO 4217 writes them.
pub fn is_code(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_currency_has_the_digits_of_iso_4217() {
        let letters = || 'A'..='Z';
        let codes = letters().flat_map(|a| {
            letters().flat_map(move |b| letters().map(move |c| String::from_iter([a, b, c])))
        });
        let mut known = 0;
        for code in codes {
            let digits = iso_currency::Currency::from_code(&code).and_then(|it| it.exponent());
            if let Some(digits) = digits {
                known += 1;
                assert_eq!(named(&code).minor_digits, u32::from(digits), "{code}");
            }
        }
        assert!(known > 150, "{known}");
    }
}
