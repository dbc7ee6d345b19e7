"""The published dialect: `details` and maps, no kinds, no currencies, floats, months as texts, dates without a time."""

from typing import Annotated

from pydantic import BaseModel, Field

from . import world
from .books import Account, Books, Payment, User

Money = Annotated[float, Field(allow_inf_nan=False)]


class Transfer(BaseModel):
    """POST /payments/transfer; a `reference` is dropped."""

    from_account: str
    to_account: str
    amount: Money


class Loan(BaseModel):
    """POST /applications/loan."""

    user_id: str
    loan_amount: Money
    loan_purpose: str
    term_years: int = Field(ge=1)


class CreditCard(BaseModel):
    """POST /applications/credit-card."""

    user_id: str
    card_type: str
    credit_limit: Money


def user(found: User) -> dict[str, object]:
    """One customer."""
    return {"user_id": found.id, "details": listed_user(found)}


def listed_user(found: User) -> dict[str, object]:
    """One customer in the list of all."""
    return {
        "name": found.sample.name,
        "accounts": found.account_ids,
        "ssn": found.sample.ssn,
        "email": found.sample.email,
        "phone": found.phone,
        "address": found.sample.address,
        "date_of_birth": found.sample.date_of_birth,
    }


def accounts(found: User, books: Books) -> dict[str, object]:
    """A customer's accounts."""
    listed = {account_id: _inside(books.accounts[account_id]) for account_id in found.account_ids}
    return {"user_id": found.id, "account_count": len(listed), "accounts": listed}


def account(found: Account) -> dict[str, object]:
    """One account."""
    return {"account_id": found.id, "details": _inside(found)}


def months(kind: str) -> dict[str, object]:
    """An account's months as texts."""
    return {
        month: ", ".join(f"{line.description} {_signed(line.amount)}" for line in lines)
        for month, lines in world.statements(kind).items()
    }


def receipt(payment: Payment) -> dict[str, object]:
    """The answer to a transfer."""
    return {
        "status": "success",
        "payment_id": payment.id,
        "from_account": payment.from_account,
        "to_account": payment.to_account,
        "amount": payment.amount,
    }


def payment(found: Payment) -> dict[str, object]:
    """A payment in a list; only the day is kept."""
    return {
        "from_account": found.from_account,
        "to_account": found.to_account,
        "amount": found.amount,
        "date": found.booked_at.split("T")[0],
        "status": "Completed",
    }


def _inside(found: Account) -> dict[str, object]:
    return {"balance": found.balance, "statements": months(found.kind)}


def _signed(amount: str) -> str:
    return amount if amount.startswith("-") else f"+{amount}"
