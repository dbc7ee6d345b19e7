"""The bank's books: customers, accounts, payments, applications. Pure: no HTTP and no clock.

Amounts are `Decimal` in the documented bank and `float` in the published one, whose noise (2469.7000000000003) is thereby real.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from . import world

Amount = Decimal | float


class Refusal(Exception):
    """The bank says no: a status and FastAPI's detail."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


@dataclass
class User:
    """A customer of the bank."""

    id: str
    phone: str
    sample: world.SampleUser
    account_ids: list[str] = field(default_factory=list)


@dataclass
class Account:
    """An account."""

    id: str
    owner: str
    kind: str
    balance: Amount


@dataclass(frozen=True)
class Payment:
    """A payment that was booked; `booked_at` is RFC 3339 with seconds."""

    id: str
    from_account: str
    to_account: str
    amount: Amount
    booked_at: str
    reference: str | None


@dataclass(frozen=True)
class Application:
    """What was applied for: a `loan` or a `credit card`."""

    id: str
    product: str


@dataclass(frozen=True)
class Kept:
    """What a key was used for, and what was answered."""

    request: str
    status: int
    answer: object


class Books:
    """Everything that the bank knows; a fresh sample world per process."""

    def __init__(self, published: bool) -> None:
        self.users: dict[str, User] = {}
        self.accounts: dict[str, Account] = {}
        self.payments: dict[str, Payment] = {}
        self.applications: dict[str, Application] = {}
        self.kept: dict[str, Kept] = {}
        read: Callable[[str], Amount] = float if published else Decimal
        for sample in world.USERS:
            dashed = f"+1-415-555-267{sample.number}"
            user_id = dashed if published else f"user_{sample.number}"
            user = User(user_id, dashed if published else dashed.replace("-", ""), sample)
            self.users[user_id] = user
            for kind, balance in sample.accounts:
                account = Account(f"{kind}_{sample.number}", user_id, kind, read(balance))
                self.accounts[account.id] = account
                user.account_ids.append(account.id)

    def user(self, user_id: str) -> User:
        """The customer, or a 404."""
        if user_id not in self.users:
            raise Refusal(404, "User not found")
        return self.users[user_id]

    def account(self, account_id: str) -> Account:
        """The account, or a 404."""
        if account_id not in self.accounts:
            raise Refusal(404, "Account not found")
        return self.accounts[account_id]

    def payment(self, payment_id: str) -> Payment:
        """The payment, or a 404."""
        if payment_id not in self.payments:
            raise Refusal(404, "Payment not found")
        return self.payments[payment_id]

    def application(self, application_id: str) -> Application:
        """The application, or a 404."""
        if application_id not in self.applications:
            raise Refusal(404, "Application not found")
        return self.applications[application_id]

    def transfer(
        self, from_account: str, to_account: str, amount: Amount, reference: str | None, now: str
    ) -> Payment:
        """Moves money, all of it or none."""
        if from_account not in self.accounts:
            raise Refusal(404, "Source account not found")
        if to_account not in self.accounts:
            raise Refusal(404, "Destination account not found")
        if from_account == to_account:
            raise Refusal(400, "Source and destination must differ")
        if amount <= 0:
            raise Refusal(400, "Amount must be positive")
        source, destination = self.accounts[from_account], self.accounts[to_account]
        if source.balance < amount:
            raise Refusal(400, "Insufficient funds")
        source.balance -= amount  # type: ignore[operator]
        destination.balance += amount  # type: ignore[operator]
        payment_id = f"payment_{world.FIRST_PAYMENT + len(self.payments)}"
        payment = Payment(payment_id, from_account, to_account, amount, now, reference)
        self.payments[payment_id] = payment
        return payment

    def apply(self, user_id: str, product: str, amount: Amount) -> Application:
        """Takes an application."""
        self.user(user_id)
        if amount <= 0:
            raise Refusal(400, "Amount must be positive")
        application_id = f"application_{world.FIRST_APPLICATION + len(self.applications)}"
        self.applications[application_id] = Application(application_id, product)
        return self.applications[application_id]
