"""JSON with exact decimals: a `Decimal` becomes the number token `5000.50`, which the standard encoder cannot write."""

import json
from decimal import Decimal

from fastapi import Response

CENT = Decimal("0.01")


def dumps(value: object) -> str:
    """Writes JSON; objects keep their order."""
    match value:
        case Decimal():
            return format(value.quantize(CENT), "f")
        case dict():
            fields = (f"{json.dumps(str(name))}:{dumps(item)}" for name, item in value.items())
            return "{" + ",".join(fields) + "}"
        case list() | tuple():
            return "[" + ",".join(dumps(item) for item in value) + "]"
        case _:
            return json.dumps(value, allow_nan=False)


class ExactJSON(Response):
    """An answer in such JSON."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """The body."""
        return dumps(content).encode()
