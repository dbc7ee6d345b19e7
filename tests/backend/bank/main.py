"""The service: the contract under `/api/v1`, `/health` at the root as well, FastAPI's errors less what was sent."""

from collections.abc import Callable
from datetime import datetime, timezone
from threading import Lock
from types import ModuleType
from typing import Annotated

from fastapi import APIRouter, FastAPI, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from . import agent, documented, published
from .books import Books, Kept, Refusal
from .exact import ExactJSON

Key = Annotated[str | None, Header(alias="Idempotency-Key")]


class Desk:
    """The books behind one lock, and what was answered to which key."""

    def __init__(self, shapes: ModuleType, idempotent: bool, manner: str) -> None:
        self.books = Books(published=shapes is published)
        self.lock = Lock()
        self.idempotent = idempotent
        self.agent = manner

    def once(
        self, key: str | None, path: str, body: BaseModel, act: Callable[[Books], object]
    ) -> Response:
        """Does a write, once per key where keys are understood: the same key, the same answer, refusals included."""
        key = key if self.idempotent else None
        request = f"{path} {body.model_dump_json()}"
        with self.lock:
            kept = self.books.kept.get(key) if key else None
            if kept is not None and kept.request != request:
                raise Refusal(422, "Idempotency-Key was used for another request")
            if kept is None:
                try:
                    kept = Kept(request, 200, act(self.books))
                except Refusal as no:
                    kept = Kept(request, no.status, {"detail": no.detail})
                if key:
                    self.books.kept[key] = kept
            return ExactJSON(kept.answer, kept.status)


def build(dialect: str, idempotent: bool, manner: str) -> FastAPI:
    """The service in one dialect, with a fresh sample world."""
    shapes = published if dialect == "published" else documented
    desk = Desk(shapes, idempotent, manner)
    app = FastAPI(title="Reference bank", version="0.1.0", redirect_slashes=False)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(HTTPException, _not_served)
    app.add_exception_handler(RequestValidationError, _unfit)
    router = APIRouter(prefix="/api/v1", default_response_class=ExactJSON)
    _reads(router, desk, shapes)
    _writes(router, desk, shapes)
    app.include_router(router)
    app.add_api_route("/health", _health)
    return app


def _health() -> Response:
    return ExactJSON({"status": "healthy", "version": "0.1.0"})


def _reads(router: APIRouter, desk: Desk, shapes: ModuleType) -> None:
    books = desk.books
    router.add_api_route("/health", _health)

    @router.get("/users/")
    def users() -> Response:
        listed = {user.id: shapes.listed_user(user) for user in books.users.values()}
        return ExactJSON({"users": listed, "count": len(listed)})

    @router.get("/users/{user_id}")
    def user(user_id: str) -> Response:
        return ExactJSON(shapes.user(books.user(user_id)))

    @router.get("/users/{user_id}/accounts")
    def accounts(user_id: str) -> Response:
        with desk.lock:
            return ExactJSON(shapes.accounts(books.user(user_id), books))

    @router.get("/users/{user_id}/profile")
    def profile(user_id: str) -> Response:
        found = books.user(user_id)
        return ExactJSON(
            {
                "user_id": found.id,
                "name": found.sample.name,
                "email": found.sample.email,
                "phone": found.phone,
                "address": found.sample.address,
            }
        )

    @router.get("/accounts/{account_id}")
    def account(account_id: str) -> Response:
        return ExactJSON(shapes.account(books.account(account_id)))

    @router.get("/accounts/{account_id}/balance")
    def balance(account_id: str) -> Response:
        found = books.account(account_id)
        return ExactJSON({"account_id": found.id, "balance": found.balance})

    @router.get("/accounts/{account_id}/statements")
    def statements(account_id: str) -> Response:
        found = books.account(account_id)
        return ExactJSON({"account_id": found.id, "statements": shapes.months(found.kind)})

    @router.get("/payments/")
    def payments(reference: str | None = None) -> Response:
        # A bank that drops references has none to filter by, and lists all.
        wanted = None if shapes is published else reference
        with desk.lock:
            listed = {
                one.id: shapes.payment(one)
                for one in books.payments.values()
                if wanted is None or one.reference == wanted
            }
        return ExactJSON({"payments": listed, "count": len(listed)})

    @router.get("/payments/{payment_id}")
    def payment(payment_id: str) -> Response:
        found = books.payment(payment_id)
        return ExactJSON({"payment_id": found.id, "details": shapes.payment(found)})

    @router.get("/applications/{application_id}")
    def application(application_id: str) -> Response:
        found = books.application(application_id)
        message = f"Your {found.product} application is being reviewed."
        return ExactJSON({"application_id": found.id, "status": "pending", "message": message})


def _writes(router: APIRouter, desk: Desk, shapes: ModuleType) -> None:
    @router.post("/payments/transfer")
    def transfer(body: shapes.Transfer, idempotency_key: Key = None) -> Response:  # type: ignore[name-defined]
        now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        reference = getattr(body, "reference", None)

        def act(books: Books) -> object:
            return shapes.receipt(
                books.transfer(body.from_account, body.to_account, body.amount, reference, now)
            )

        return desk.once(idempotency_key, "transfer", body, act)

    @router.post("/applications/loan")
    def loan(body: shapes.Loan, idempotency_key: Key = None) -> Response:  # type: ignore[name-defined]
        def act(books: Books) -> object:
            application = books.apply(body.user_id, "loan", body.loan_amount)
            return {
                "status": "submitted",
                "application_id": application.id,
                **body.model_dump(),
                "message": "Your loan application has been submitted.",
            }

        return desk.once(idempotency_key, "loan", body, act)

    @router.post("/applications/credit-card")
    def credit_card(body: shapes.CreditCard, idempotency_key: Key = None) -> Response:  # type: ignore[name-defined]
        def act(books: Books) -> object:
            application = books.apply(body.user_id, "credit card", body.credit_limit)
            return {
                "status": "submitted",
                "application_id": application.id,
                **body.model_dump(),
                "message": "Your credit card application has been submitted.",
            }

        return desk.once(idempotency_key, "credit-card", body, act)

    @router.post("/agent/reply")
    async def agent_reply(body: agent.Question, accept: Annotated[str, Header()] = "") -> Response:
        return await agent.respond(desk.agent, accept, body.question)


async def _refused(_: Request, no: Exception) -> Response:
    assert isinstance(no, Refusal)
    return ExactJSON({"detail": no.detail}, no.status)


async def _not_served(_: Request, cause: Exception) -> Response:
    assert isinstance(cause, HTTPException)
    return ExactJSON({"detail": cause.detail}, cause.status_code)


async def _unfit(_: Request, cause: Exception) -> Response:
    """FastAPI's 422, without the `input` that would repeat what was sent."""
    assert isinstance(cause, RequestValidationError)
    problems = [
        {
            "loc": [part for part in problem["loc"] if isinstance(part, str)],
            "msg": problem["msg"],
            "type": problem["type"],
        }
        for problem in cause.errors()
    ]
    return ExactJSON({"detail": problems}, 422)
