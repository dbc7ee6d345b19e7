"""The bank's agent for open questions: a handful of rules by words, no language model. Moves nothing and sees no account."""

import json
import re
from collections.abc import Iterator

from pydantic import BaseModel

_RULES: tuple[tuple[tuple[set[str], ...], str], ...] = (
    (
        ({"card"}, {"lost", "stolen", "missing", "block"}),
        "I am sorry to hear that. Say agent, and a colleague blocks your card and sends a new one.",
    ),
    (
        ({"hours", "open", "opening", "close", "closing"},),
        "Our branches are open Monday to Friday from nine to five, and on Saturday from nine to noon.",
    ),
    (
        ({"branch", "branches", "atm", "nearest"},),
        "Our main branch is at 1 Market Street in San Francisco, with cash machines at all hours.",
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


def events(answer: str) -> Iterator[str]:
    """The same as server-sent events, word by word."""
    for delta in re.findall(r"\S+ ?", answer):
        event = json.dumps({"delta": delta}, separators=(",", ":"))
        yield f"data: {event}\n\n"
    yield 'data: {"done":true}\n\n'
