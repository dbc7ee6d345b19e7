//! The sample world: five customers, their accounts and three months of statements.
//!
//! The same as in the FastAPI reference backend (`tests/backend/bank/world.py`); the contract test holds the two together.

/// A customer: number N is `user_N` with the telephone +1 415 555 267N.
pub(super) struct SampleUser {
    pub number: u32,
    pub name: &'static str,
    pub email: &'static str,
    pub address: &'static str,
    /// Only the published dialect shows it, and the client must not read it.
    pub ssn: &'static str,
    /// As `ssn`.
    pub date_of_birth: &'static str,
    /// Kind and cents; the id is `KIND_N`.
    pub accounts: &'static [(&'static str, i64)],
}

pub(super) const USERS: [SampleUser; 5] = [
    SampleUser {
        number: 1,
        name: "Alice Johnson",
        email: "alice.johnson@example.com",
        address: "12 Market Street, San Francisco, CA 94105",
        ssn: "900-11-0001",
        date_of_birth: "1984-03-12",
        accounts: &[
            ("checking", 500_050),
            ("savings", 1_250_000),
            ("market", 320_075),
        ],
    },
    SampleUser {
        number: 2,
        name: "Bob Smith",
        email: "bob.smith@example.com",
        address: "48 Oak Avenue, Oakland, CA 94607",
        ssn: "900-11-0002",
        date_of_birth: "1979-07-30",
        accounts: &[("checking", 125_025), ("savings", 830_010)],
    },
    SampleUser {
        number: 3,
        name: "Carol Williams",
        email: "carol.williams@example.com",
        address: "7 Pine Road, Berkeley, CA 94704",
        ssn: "900-11-0003",
        date_of_birth: "1991-11-05",
        accounts: &[
            ("checking", 74_280),
            ("savings", 1_502_040),
            ("market", 91_005),
        ],
    },
    SampleUser {
        number: 4,
        name: "David Brown",
        email: "david.brown@example.com",
        address: "230 Lake Drive, San Jose, CA 95112",
        ssn: "900-11-0004",
        date_of_birth: "1968-01-22",
        accounts: &[("checking", 6_415), ("savings", 43_000)],
    },
    SampleUser {
        number: 5,
        name: "Emma Davis",
        email: "emma.davis@example.com",
        address: "91 Hill Street, Palo Alto, CA 94301",
        ssn: "900-11-0005",
        date_of_birth: "1996-09-17",
        accounts: &[
            ("checking", 250_000),
            ("savings", 999_999),
            ("market", 2_010_030),
        ],
    },
];

/// The first payment's number.
pub(super) const FIRST_PAYMENT: u64 = 789;
/// The first application's number.
pub(super) const FIRST_APPLICATION: u64 = 501;

/// Date, description, cents.
pub(super) type SampleLine = (&'static str, &'static str, i64);

/// The months of an account of this kind, oldest first.
pub(super) fn statements(kind: &str) -> &'static [(&'static str, &'static [SampleLine])] {
    match kind {
        "checking" => &[
            (
                "January",
                &[
                    ("2026-01-02", "Salary", 240_000),
                    ("2026-01-09", "Groceries", -8_640),
                    ("2026-01-28", "Rent", -115_000),
                ],
            ),
            (
                "February",
                &[
                    ("2026-02-02", "Salary", 240_000),
                    ("2026-02-14", "Restaurant", -6_225),
                    ("2026-02-27", "Rent", -115_000),
                ],
            ),
            (
                "March",
                &[
                    ("2026-03-02", "Salary", 240_000),
                    ("2026-03-11", "Electricity", -7_415),
                    ("2026-03-30", "Rent", -115_000),
                ],
            ),
        ],
        "savings" => &[
            ("January", &[("2026-01-31", "Interest", 1_250)]),
            ("February", &[("2026-02-28", "Interest", 1_251)]),
            ("March", &[("2026-03-31", "Interest", 1_253)]),
        ],
        _ => &[
            ("January", &[("2026-01-15", "Deposit", 50_000)]),
            ("February", &[("2026-02-28", "Dividend", 2_010)]),
            ("March", &[("2026-03-31", "Fee", -150)]),
        ],
    }
}
