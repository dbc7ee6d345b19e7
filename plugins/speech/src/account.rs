//! What an account is called: its nickname, its kind, and never more of its id than the last four characters.
//! Two accounts of one kind are told apart by how their ids end.

/// The parts of an account that its name is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account<'a> {
    /// The bank's id.
    pub id: &'a str,
    /// The bank's word for its kind, empty where the bank gives none.
    pub kind: &'a str,
    /// The caller's own word for it.
    pub nickname: Option<&'a str>,
}

const KINDS: [(&str, &[&str]); 3] = [
    (
        "checking",
        &["checking", "chequing", "check", "current", "everyday"],
    ),
    ("savings", &["savings", "saving"]),
    (
        "market",
        &["market", "money market", "money_market", "money-market"],
    ),
];

impl Account<'_> {
    /// The kind in lower case; where the bank gives none, the kind that the id begins with (`checking_1`), else empty.
    pub fn kind(&self) -> String {
        if !self.kind.is_empty() {
            return canonical_kind(self.kind)
                .map_or_else(|| self.kind.to_lowercase(), str::to_owned);
        }
        let first = self
            .id
            .split(|c: char| !c.is_alphabetic())
            .next()
            .unwrap_or_default();
        canonical_kind(first).unwrap_or_default().to_owned()
    }
}

/// The kind that a word stands for (`saving` is `savings`); none where the word is no kind.
pub fn canonical_kind(word: &str) -> Option<&'static str> {
    let is_named =
        |(_, words): &&(&str, &[&str])| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    KINDS.iter().find(is_named).map(|(kind, _)| *kind)
}

/// "checking", "Rainy day", "savings ending in 2", or "the account ending in 1 2 3 4".
pub fn label(account: &Account<'_>, all: &[Account<'_>]) -> String {
    if let Some(nickname) = account.nickname.filter(|name| !name.trim().is_empty()) {
        // A nickname is the caller's own text; a name is what can be said in one breath.
        return nickname.trim().chars().take(40).collect();
    }
    let kind = account.kind();
    if kind.is_empty() {
        return stranger(account.id);
    }
    let spoken = if kind == "market" {
        "money market".to_owned()
    } else {
        kind.clone()
    };
    let is_twin = |other: &&Account<'_>| other.id != account.id && other.kind() == kind;
    match all.iter().find(is_twin) {
        Some(_) => format!("{spoken} ending in {}", ending(account.id)),
        None => spoken,
    }
}

/// The label of an id among the caller's accounts; one that is not among them is "the account ending in ...".
pub fn label_of(id: &str, all: &[Account<'_>]) -> String {
    match all.iter().find(|account| account.id == id) {
        Some(account) => label(account, all),
        None => stranger(id),
    }
}

/// Whether a text names the account, by its nickname or its kind.
pub fn is_named(account: &Account<'_>, text: &str) -> bool {
    let line = |text: &str| {
        let plain = text.to_lowercase();
        let words = plain.split(|c: char| !c.is_alphanumeric());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        format!(" {} ", words.join(" "))
    };
    let said = line(text);
    let nickname = account.nickname.map(line);
    let is_nickname = nickname.is_some_and(|name| !name.trim().is_empty() && said.contains(&name));
    let kind = account.kind();
    let is_kind = |word: &str| match canonical_kind(word) {
        // "check the current balance" names no account.
        Some(_) if matches!(word, "check" | "current" | "everyday") => false,
        Some(canonical) => canonical == kind,
        None => word == kind,
    };
    is_nickname || !kind.is_empty() && said.split_whitespace().any(is_kind)
}

/// "your checking account", "your Rainy day account", "the account ending in 1 2".
pub fn with_owner(label: &str) -> String {
    match label.split_once(" ending in ") {
        Some(("the account", _)) => label.to_owned(),
        Some((kind, end)) => format!("your {kind} account ending in {end}"),
        None if label.to_lowercase().ends_with("account") => format!("your {label}"),
        None => format!("your {label} account"),
    }
}

/// The last four characters of the id's last part, one by one for the ear: `acc-001234` is "1 2 3 4", `checking_1` is "1".
pub fn ending(id: &str) -> String {
    let part = id
        .rsplit(|c: char| !c.is_alphanumeric())
        .find(|part| !part.is_empty());
    let characters: Vec<char> = part.unwrap_or_default().chars().collect();
    let last = &characters[characters.len().saturating_sub(4)..];
    let spelled: Vec<String> = last.iter().map(|c| c.to_uppercase().to_string()).collect();
    spelled.join(" ")
}

fn stranger(id: &str) -> String {
    match ending(id) {
        end if end.is_empty() => "the other account".to_owned(),
        end => format!("the account ending in {end}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account<'a>(id: &'a str, kind: &'a str, nickname: Option<&'a str>) -> Account<'a> {
        Account { id, kind, nickname }
    }

    #[test]
    fn an_account_is_called_by_nickname_then_kind_then_ending() {
        let named = account("savings_1", "savings", Some("Rainy day"));
        let checking = account("checking_1", "", None);
        let plain = account("DE-99001234", "", None);
        let all = [named, checking, plain];
        assert_eq!(label(&named, &all), "Rainy day");
        assert_eq!(label(&checking, &all), "checking");
        assert_eq!(label(&plain, &all), "the account ending in 1 2 3 4");
        assert_eq!(label_of("market_77", &all), "the account ending in 7 7");
        assert_eq!(
            label(&account("market_1", "market", None), &all),
            "money market"
        );
    }

    #[test]
    fn two_accounts_of_one_kind_are_told_apart() {
        let (first, second) = (
            account("savings_1", "savings", None),
            account("s-0042", "Saving", None),
        );
        let all = [first, second];
        assert_eq!(label(&first, &all), "savings ending in 1");
        assert_eq!(label(&second, &all), "savings ending in 0 0 4 2");
    }

    #[test]
    fn an_account_is_named_by_its_nickname_or_kind() {
        let named = account("savings_1", "savings", Some("Rainy day"));
        let market = account("market_1", "", None);
        let text = "Check the rainy-day and money market balance";
        assert!(is_named(&named, text) && is_named(&market, text));
        assert!(is_named(&named, "my savings"));
        assert!(!is_named(&account("checking_1", "checking", None), text));
        assert!(!is_named(&account("x", "", Some(" ")), text));
    }

    #[test]
    fn a_label_is_given_its_owner() {
        for (label, said) in [
            ("checking", "your checking account"),
            ("Rainy day", "your Rainy day account"),
            ("Joint account", "your Joint account"),
            ("savings ending in 2", "your savings account ending in 2"),
            ("the account ending in 1 2", "the account ending in 1 2"),
        ] {
            assert_eq!(with_owner(label), said);
        }
    }

    #[test]
    fn never_more_than_four_characters_of_an_id_are_said() {
        assert_eq!(ending("4111111111111111"), "1 1 1 1");
        assert_eq!(ending("abc_"), "A B C");
        assert_eq!(ending("___"), "");
        assert_eq!(label_of("___", &[]), "the other account");
    }
}
