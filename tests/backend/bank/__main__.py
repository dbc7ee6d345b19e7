"""`python -m bank --port P --dialect documented|published [--idempotent|--no-idempotent] [--agent MANNER]`.

Port 0 takes a free one.
"""

import argparse
import socket

import uvicorn

from .agent import MANNERS
from .main import build


def main() -> None:
    """Serves on 127.0.0.1 until stopped; the first line of output is the URL, printed when requests are taken."""
    parser = argparse.ArgumentParser(
        prog="bank", description="Reference backend with five sample customers."
    )
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--dialect", choices=("documented", "published"), default="documented")
    parser.add_argument(
        "--idempotent",
        action=argparse.BooleanOptionalAction,
        help="understand Idempotency-Key; by default the documented dialect does",
    )
    parser.add_argument(
        "--agent", choices=MANNERS, default="answers", help="how the agent for open questions behaves"
    )
    arguments = parser.parse_args()
    idempotent = arguments.idempotent
    if idempotent is None:
        idempotent = arguments.dialect == "documented"
    # asyncio sets TCP_NODELAY only where the protocol is named; without it every answer waits 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", arguments.port))
    # Listening, it queues requests: whoever reads this line may send at once.
    listener.listen(2048)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    app = build(arguments.dialect, idempotent, arguments.agent)
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
