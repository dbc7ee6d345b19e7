"""The orchestrator's job as a FastAPI program, written as its users would write it well.

Does: Retell's signature on the raw body, Pydantic models, the state of every call in memory with a lock per call, the caller looked
up at the bank once a call, intent by function name, a limit for every transfer and one for the day, one question to the bank a turn
(httpx with kept connections), a sentence, and a record of every turn in SQLite, written in groups off the path of the turn. An event
is stored before it is acknowledged, a transfer before it is sent.

Does not: rules that can be changed while it runs or that are kept apart from it, PINs and questions back, encryption of records,
repeats and a breaker towards the bank, recovery of a transfer whose outcome is unknown, PostgreSQL, metrics.

One process for each core: `uvicorn app:app --workers CORES`.
"""

import asyncio
import hashlib
import hmac
import json
import os
import sqlite3
import time
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal

import httpx
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, ValidationError

API_KEY = os.environ["RETELL_API_KEY"].encode()
BANK = os.environ["PYTHON_BACKEND_URL"] + "/api/v1"
DATABASE = os.environ["DATABASE_FILE"]
WINDOW_MS = 300_000
TRANSFER_MAX = Decimal("100.00")
DAY_MAX = Decimal("25000.00")
DAY_COUNT_MAX = 20
TRANSCRIPT_MAX = 20
BANK_CONNECTIONS = 12


class Utterance(BaseModel):
    role: str
    content: str


class CallFacts(BaseModel):
    call_id: str
    from_number: str | None = None
    transcript_object: list[Utterance] = []


class Invocation(BaseModel):
    name: str
    args: dict
    call: CallFacts


class Event(BaseModel):
    event: str
    call: CallFacts


@dataclass
class Call:
    user_id: str | None = None
    name: str | None = None
    turns: int = 0
    state: str = "AWAITING_INTENT"
    transcript: deque = field(default_factory=lambda: deque(maxlen=TRANSCRIPT_MAX))
    answered: dict = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Records:
    """One writer; whatever is queued goes into one transaction."""

    def __init__(self):
        self.db = sqlite3.connect(DATABASE, check_same_thread=False, isolation_level=None)
        self.db.executescript(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            CREATE TABLE IF NOT EXISTS turns (call_id, number, intent, decision, outcome, reply, micros, at_ms, record);
            CREATE TABLE IF NOT EXISTS events (key PRIMARY KEY, body, at_ms);
            CREATE TABLE IF NOT EXISTS transfers (key PRIMARY KEY, user_id, from_account, to_account, amount, state, at_ms);
            """
        )
        self.reader = sqlite3.connect(DATABASE, isolation_level=None)
        self.queue = asyncio.Queue()

    async def write(self, statement, values):
        done = asyncio.get_running_loop().create_future()
        self.queue.put_nowait((statement, values, done))
        return await done

    def put(self, statement, values):
        self.queue.put_nowait((statement, values, None))

    async def run(self):
        while True:
            group = [await self.queue.get()]
            if group[0][2] is None:
                await asyncio.sleep(0.02)
            while not self.queue.empty():
                group.append(self.queue.get_nowait())
            changed = await asyncio.to_thread(self.commit, group)
            for (_, _, done), count in zip(group, changed):
                if done is not None and not done.cancelled():
                    done.set_result(count)

    def commit(self, group):
        self.db.execute("BEGIN IMMEDIATE")
        changed = [self.db.execute(statement, values).rowcount for statement, values, _ in group]
        self.db.execute("COMMIT")
        return changed

    def day(self, user_id, now_ms):
        row = self.reader.execute(
            "SELECT count(*), coalesce(sum(amount), 0) FROM transfers WHERE user_id = ? AND at_ms > ? AND state != 'refused'",
            (user_id, now_ms - 86_400_000),
        ).fetchone()
        return row[0], Decimal(row[1]) / 100


class Bank:
    """httpx looks through all its connections and all who wait for one at every request, so few of either are much faster."""

    def __init__(self):
        limits = httpx.Limits(max_connections=BANK_CONNECTIONS, max_keepalive_connections=BANK_CONNECTIONS)
        self.client = httpx.AsyncClient(limits=limits, timeout=3.0)
        self.places = asyncio.Semaphore(BANK_CONNECTIONS)

    async def get(self, path):
        async with self.places:
            return await self.client.get(BANK + path)

    async def post(self, path, order):
        async with self.places:
            return await self.client.post(BANK + path, json=order)


@asynccontextmanager
async def lifespan(app):
    app.state.calls = {}
    app.state.records = Records()
    app.state.bank = Bank()
    writer = asyncio.create_task(app.state.records.run())
    yield
    writer.cancel()
    await app.state.bank.client.aclose()


app = FastAPI(lifespan=lifespan)


def is_signed(header, body):
    time_ms, _, digest = (header or "").removeprefix("v=").partition(",d=")
    if not time_ms.isdigit() or abs(time.time() * 1000 - int(time_ms)) > WINDOW_MS:
        return False
    expected = hmac.new(API_KEY, body + time_ms.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, digest)


async def live(facts):
    """The call, its caller looked up at the bank the first time."""
    call = app.state.calls.setdefault(facts.call_id, Call())
    if call.user_id is None and facts.from_number:
        async with call.lock:
            if call.user_id is None:
                answer = await app.state.bank.get(f"/users/{facts.from_number.replace('+', '%2B')}")
                if answer.status_code == 200:
                    call.user_id, call.name = answer.json()["id"], answer.json()["name"]
    return call


def route(name, args):
    match name:
        case "check_balance":
            return "balance", args.get("account_id")
        case "transfer_funds":
            amount = Decimal(str(args["amount"])).quantize(Decimal("0.01"))
            return "transfer", (args["from_account"], args["to_account"], amount)
        case _:
            return "unknown", None


async def accounts_of(user_id):
    answer = await app.state.bank.get(f"/users/{user_id}/accounts")
    answer.raise_for_status()
    return {account["account_id"]: account for account in answer.json()["accounts"]}


async def balance(call, account_id):
    accounts = await accounts_of(call.user_id)
    account = accounts.get(account_id)
    if account is None:
        return "deny", "account_not_found", "I could not find that account among yours."
    figure = Decimal(account["balance"])
    return "allow", "balance", f"The balance of your {account['type']} account is ${figure:,.2f}."


async def transfer(call, facts, wanted, now_ms):
    source, target, amount = wanted
    spoken = sum(1 for utterance in facts.transcript_object if utterance.role == "user")
    key = f"{facts.call_id}:{source}:{target}:{amount}:{spoken}"
    if key in call.answered:
        return call.answered[key]
    accounts = await accounts_of(call.user_id)
    count, moved = app.state.records.day(call.user_id, now_ms)
    if source not in accounts or target not in accounts or source == target:
        return "deny", "not_your_account", "I can only move money between accounts of yours."
    if amount <= 0 or amount > TRANSFER_MAX or amount > Decimal(accounts[source]["balance"]):
        return "deny", "amount_not_allowed", "I cannot transfer that amount."
    if count >= DAY_COUNT_MAX or moved + amount > DAY_MAX:
        return "deny", "over_day_max", "That is more than you can transfer in one day."
    insert = "INSERT OR IGNORE INTO transfers VALUES (?, ?, ?, ?, ?, 'sent', ?)"
    values = (key, call.user_id, source, target, int(amount * 100), now_ms)
    if not await app.state.records.write(insert, values):
        return "deny", "outcome_pending", "That transfer is being looked into. I will confirm it."
    order = {"from_account": source, "to_account": target, "amount": float(amount), "reference": key}
    answer = await app.state.bank.post("/payments/transfer", order)
    state = "completed" if answer.status_code == 200 else "refused"
    await app.state.records.write("UPDATE transfers SET state = ? WHERE key = ?", (state, key))
    if state == "refused":
        return "allow", "refused", "The bank did not accept that transfer."
    said = ("allow", "transfer_completed", f"I have transferred ${amount:,.2f} to your {accounts[target]['type']} account.")
    call.answered[key] = said
    return said


async def turn(call, asked, now_ms):
    try:
        intent, wanted = route(asked.name, asked.args)
    except (KeyError, ArithmeticError):
        return "unknown", ("deny", "not_understood", "I am sorry, I did not get that.")
    if call.user_id is None:
        return intent, ("deny", "caller_unknown", "I do not know this number. Please call from your own telephone.")
    try:
        match intent:
            case "balance":
                return intent, await balance(call, wanted)
            case "transfer":
                return intent, await transfer(call, asked.call, wanted, now_ms)
            case _:
                return intent, ("deny", "unknown", "I can tell you a balance or transfer money.")
    except httpx.HTTPError:
        return intent, ("allow", "bank_unavailable", "I cannot reach the bank at the moment. Please try again later.")


@app.post("/functions")
async def functions(request: Request):
    raw = await request.body()
    if not is_signed(request.headers.get("x-retell-signature"), raw):
        return Response(status_code=401)
    try:
        asked = Invocation.model_validate_json(raw)
    except ValidationError:
        return {"result": "I am sorry, something went wrong.", "code": "not_json", "data": {}}
    began, now_ms = time.perf_counter(), int(time.time() * 1000)
    call = await live(asked.call)
    async with call.lock:
        call.state = "PROCESSING_REQUEST"
        call.transcript.extend(asked.call.transcript_object)
        intent, (decision, code, said) = await turn(call, asked, now_ms)
        call.turns += 1
        call.state = "SPEAKING_RESPONSE"
    micros = int((time.perf_counter() - began) * 1_000_000)
    record = json.dumps({"name": asked.name, "args": asked.args, "user_id": call.user_id, "decision": decision, "code": code})
    app.state.records.put(
        "INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (asked.call.call_id, call.turns, intent, decision, code, said, micros, now_ms, record),
    )
    return {"result": said, "code": code, "data": {}}


@app.post("/webhook")
async def webhook(request: Request):
    raw = await request.body()
    if not is_signed(request.headers.get("x-retell-signature"), raw):
        return Response(status_code=401)
    event = Event.model_validate_json(raw)
    key = f"{event.event}:{event.call.call_id}"
    await app.state.records.write(
        "INSERT OR IGNORE INTO events VALUES (?, ?, ?)", (key, raw, int(time.time() * 1000))
    )
    if event.event == "call_ended":
        app.state.calls.pop(event.call.call_id, None)
    return Response(status_code=204)


@app.get("/health")
async def health():
    return {"status": "healthy"}
