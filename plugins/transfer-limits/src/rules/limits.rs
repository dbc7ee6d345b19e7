//! The settings of this policy as typed limits, read and checked in one place.
//! Amounts are minor units of one currency.

use settings::Reader;

/// Whose accounts money may go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payees {
    /// The caller's own only.
    Own,
    /// Those and whom the caller, or the bank, knows.
    Known,
    /// Everybody.
    Anyone,
}

/// Every limit there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// ISO 4217 code of all amounts.
    pub currency: String,
    /// Whose accounts money may go to.
    pub payees: Payees,
    /// Account ids that count as known.
    pub payees_known: Vec<String>,
    /// A transfer above it is refused.
    pub transfer_max: i64,
    /// What a caller may move in 24 hours.
    pub day_total_max: i64,
    /// How often.
    pub day_count_max: u32,
    /// A spoken transfer above it needs a yes.
    pub confirm_voice_above: i64,
    /// A transfer by tool call above it needs a yes.
    pub confirm_invocation_above: i64,
    /// A transfer above it needs the PIN.
    pub pin_above: i64,
    /// A transfer with which more than this is moved in 24 hours needs the PIN, so that none is spared by parts.
    pub day_pin_above: Option<i64>,
    /// A transfer above it needs a PIN that was given for just this one, not for something before it in the call.
    pub pin_each_above: Option<i64>,
    /// First hour of the night.
    pub night_from_hour: u32,
    /// First hour after the night.
    pub night_to_hour: u32,
    /// A transfer above it is refused at night.
    pub night_max: Option<i64>,
    /// A transfer above it goes to a colleague.
    pub hand_off_above: Option<i64>,
    /// An application needs a yes.
    pub applications_confirm: bool,
    /// An application needs the PIN.
    pub applications_pin: bool,
}

impl Limits {
    /// Every key there is.
    pub const KEYS: [&str; 17] = [
        "currency",
        "payees",
        "payees_known",
        "transfer_max",
        "day_total_max",
        "day_count_max",
        "confirm_voice_above",
        "confirm_invocation_above",
        "pin_above",
        "day_pin_above",
        "pin_each_above",
        "night_from_hour",
        "night_to_hour",
        "night_max",
        "hand_off_above",
        "applications_confirm",
        "applications_pin",
    ];

    /// Reads and checks all settings.
    pub fn read(reader: &mut Reader) -> Self {
        let currency = reader.currency("currency", "USD");
        let payees = match reader.choice("payees", &["own", "known", "anyone"], "known") {
            "own" => Payees::Own,
            "anyone" => Payees::Anyone,
            _ => Payees::Known,
        };
        let limits = Self {
            payees,
            payees_known: reader.ids("payees_known"),
            transfer_max: reader.amount("transfer_max", &currency, 10_000),
            day_total_max: reader.amount("day_total_max", &currency, 25_000),
            day_count_max: reader.whole("day_count_max", 1..=1_000, 20),
            confirm_voice_above: reader.amount("confirm_voice_above", &currency, 0),
            confirm_invocation_above: reader.amount("confirm_invocation_above", &currency, 100),
            pin_above: reader.amount("pin_above", &currency, 250),
            day_pin_above: reader.amount_or_off("day_pin_above", &currency),
            pin_each_above: reader.amount_or_off("pin_each_above", &currency),
            night_from_hour: reader.whole("night_from_hour", 0..=23, 22),
            night_to_hour: reader.whole("night_to_hour", 0..=23, 6),
            night_max: reader.amount_or_off("night_max", &currency),
            hand_off_above: reader.amount_or_off("hand_off_above", &currency),
            applications_confirm: reader.flag("applications_confirm", true),
            applications_pin: reader.flag("applications_pin", true),
            currency,
        };
        limits.check(reader);
        limits
    }

    /// Whether the hour is in the night, which may run over midnight.
    pub fn is_night(&self, hour: u32) -> bool {
        let (from, to) = (self.night_from_hour, self.night_to_hour);
        if from <= to {
            (from..to).contains(&hour)
        } else {
            hour >= from || hour < to
        }
    }

    // Settings that are each in order but make no sense together.
    fn check(&self, reader: &mut Reader) {
        if self.night_max.is_some() && self.night_from_hour == self.night_to_hour {
            let message = "The night has no hours; set night_max to \"off\" for no night limit.";
            reader.note("night_to_hour", message.into());
        }
        if self.day_total_max < self.transfer_max {
            let message = "Lower than transfer_max, so that transfer_max could never be reached.";
            reader.note("day_total_max", message.into());
        }
    }
}
