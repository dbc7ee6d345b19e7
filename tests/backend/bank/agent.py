"""The bank's agent for open questions: a handful of rules by words, no language model. Moves nothing and sees no account.

How it behaves is an argument, so that a test can have one that fails.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator

from fastapi import HTTPException, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel

# As it should; not there; 500 every time; takes the question and says nothing; says its first sentence and no more.
MANNERS = ("answers", "absent", "fails", "hangs", "stalls")

_RULES: tuple[tuple[tuple[set[str], ...], str], ...] = (
    (
        ({"card"}, {"lost", "stolen", "missing", "block"}),
        "I am sorry to hear that. Say agent, and a colleague blocks your card and sends you another.",
    ),
    (
        ({"hours", "open", "opening", "close", "closing"},),
        "Our branches are open on weekdays, and on Saturday mornings. On weekdays that is from nine to five.",
    ),
    (
        ({"branch", "branches", "atm", "nearest"},),
        "Our main branch is on Market Street in San Francisco, with cash machines at all hours.",
    ),
    (({"thanks", "thank"},), "You are welcome."),
    (
        ({"hello", "hi", "morning", "afternoon", "evening"},),
        "Hello. How can I help you with your accounts today?",
    ),
)


class Question(BaseModel):
    """POST /agent/reply."""

    call_id: str
    user_id: str | None = None
    question: str
    transcript: list[dict[str, str]] = []


def reply(question: str) -> str:
    """What it says: the first rule of which every group of words is touched."""
    words = set(re.findall(r"[^\W_]+", question.lower()))
    for groups, answer in _RULES:
        if all(words & group for group in groups):
            return answer
    return "I can help with balances, statements, transfers and applications."


async def respond(manner: str, accept: str, question: str) -> Response:
    """Answers a question in one of `MANNERS`."""
    if manner == "absent":
        raise HTTPException(404, "Not Found")
    if manner == "fails":
        raise HTTPException(500, "The agent is unwell")
    if manner == "hangs":
        await asyncio.Event().wait()
    answer = reply(question)
    if manner == "stalls":
        first = re.sub(r"(?<=[.]) .*", " ", answer)
        return StreamingResponse(_events(first, stalls=True), media_type="text/event-stream")
    if "text/event-stream" in accept:
        return StreamingResponse(_events(answer), media_type="text/event-stream")
    return JSONResponse({"reply": answer})


async def _events(answer: str, stalls: bool = False) -> AsyncIterator[str]:
    """The same as server-sent events, word by word."""
    for delta in re.findall(r"\S+ ?", answer):
        event = json.dumps({"delta": delta}, separators=(",", ":"))
        yield f"data: {event}\n\n"
    if stalls:
        await asyncio.Event().wait()
    yield 'data: {"done":true}\n\n'
