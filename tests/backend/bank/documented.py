"""The documented dialect: flat answers with kinds and currencies, exact amounts, references kept."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field

from . import world
from .books import Account, Books, Payment, User

CURRENCY = "USD"

# What a double holds exactly, in cents: beyond it somebody on the way may have rounded.
Money = Annotated[Decimal, Field(decimal_places=2, le=Decimal("90071992547409.91"))]


class Transfer(BaseModel):
    """POST /payments/transfer."""

    from_account: str
    to_account: str
    amount: Money
    reference: str | None = None


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
    return {
        "id": found.id,
        "name": found.sample.name,
        "phone": found.phone,
        "email": found.sample.email,
        "address": found.sample.address,
        "accounts": found.account_ids,
    }


def listed_user(found: User) -> dict[str, object]:
    """One customer in the list of all."""
    return user(found)


def accounts(found: User, books: Books) -> dict[str, object]:
    """A customer's accounts."""
    listed = [
        {
            "account_id": account.id,
            "type": account.kind,
            "currency": CURRENCY,
            "balance": account.balance,
        }
        for account in (books.accounts[account_id] for account_id in found.account_ids)
    ]
    return {"user_id": found.id, "account_count": len(listed), "accounts": listed}


def account(found: Account) -> dict[str, object]:
    """One account."""
    return {
        "account_id": found.id,
        "user_id": found.owner,
        "type": found.kind,
        "currency": CURRENCY,
        "balance": found.balance,
    }


def months(kind: str) -> dict[str, object]:
    """An account's months as lists of lines."""
    return {
        month: [
            {"date": line.date, "description": line.description, "amount": Decimal(line.amount)}
            for line in lines
        ]
        for month, lines in world.statements(kind).items()
    }


def receipt(payment: Payment) -> dict[str, object]:
    """The answer to a transfer."""
    return {
        "id": payment.id,
        "from_account": payment.from_account,
        "to_account": payment.to_account,
        "amount": payment.amount,
        "status": "Completed",
    }


def payment(found: Payment) -> dict[str, object]:
    """A payment in a list."""
    return {
        "from_account": found.from_account,
        "to_account": found.to_account,
        "amount": found.amount,
        "currency": CURRENCY,
        "date": found.booked_at,
        "status": "Completed",
        "reference": found.reference,
    }
