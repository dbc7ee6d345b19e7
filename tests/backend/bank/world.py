"""The sample world, the same as the sandbox bank's in the host (`host/src/app/sandbox/world.rs`).

Customer N is `user_N` with the telephone +1 415 555 267N; amounts are decimal texts, so that each bank reads them its own way.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class SampleUser:
    """A customer; only the published dialect shows `ssn` and `date_of_birth`."""

    number: int
    name: str
    email: str
    address: str
    ssn: str
    date_of_birth: str
    accounts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Line:
    """One line of a statement."""

    date: str
    description: str
    amount: str


USERS = (
    SampleUser(
        1,
        "Alice Johnson",
        "alice.johnson@example.com",
        "12 Market Street, San Francisco, CA 94105",
        "900-11-0001",
        "1984-03-12",
        (("checking", "5000.50"), ("savings", "12500.00"), ("market", "3200.75")),
    ),
    SampleUser(
        2,
        "Bob Smith",
        "bob.smith@example.com",
        "48 Oak Avenue, Oakland, CA 94607",
        "900-11-0002",
        "1979-07-30",
        (("checking", "1250.25"), ("savings", "8300.10")),
    ),
    SampleUser(
        3,
        "Carol Williams",
        "carol.williams@example.com",
        "7 Pine Road, Berkeley, CA 94704",
        "900-11-0003",
        "1991-11-05",
        (("checking", "742.80"), ("savings", "15020.40"), ("market", "910.05")),
    ),
    SampleUser(
        4,
        "David Brown",
        "david.brown@example.com",
        "230 Lake Drive, San Jose, CA 95112",
        "900-11-0004",
        "1968-01-22",
        (("checking", "64.15"), ("savings", "430.00")),
    ),
    SampleUser(
        5,
        "Emma Davis",
        "emma.davis@example.com",
        "91 Hill Street, Palo Alto, CA 94301",
        "900-11-0005",
        "1996-09-17",
        (("checking", "2500.00"), ("savings", "9999.99"), ("market", "20100.30")),
    ),
)

FIRST_PAYMENT = 789
FIRST_APPLICATION = 501

_CHECKING = {
    "January": (
        Line("2026-01-02", "Salary", "2400.00"),
        Line("2026-01-09", "Groceries", "-86.40"),
        Line("2026-01-28", "Rent", "-1150.00"),
    ),
    "February": (
        Line("2026-02-02", "Salary", "2400.00"),
        Line("2026-02-14", "Restaurant", "-62.25"),
        Line("2026-02-27", "Rent", "-1150.00"),
    ),
    "March": (
        Line("2026-03-02", "Salary", "2400.00"),
        Line("2026-03-11", "Electricity", "-74.15"),
        Line("2026-03-30", "Rent", "-1150.00"),
    ),
}
_SAVINGS = {
    "January": (Line("2026-01-31", "Interest", "12.50"),),
    "February": (Line("2026-02-28", "Interest", "12.51"),),
    "March": (Line("2026-03-31", "Interest", "12.53"),),
}
_MARKET = {
    "January": (Line("2026-01-15", "Deposit", "500.00"),),
    "February": (Line("2026-02-28", "Dividend", "20.10"),),
    "March": (Line("2026-03-31", "Fee", "-1.50"),),
}


def statements(kind: str) -> dict[str, tuple[Line, ...]]:
    """The months of an account of this kind, oldest first."""
    return {"checking": _CHECKING, "savings": _SAVINGS}.get(kind, _MARKET)
