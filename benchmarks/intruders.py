"""Requests without login to an app that is bound to every address: python -m benchmarks.intruders

    python -m benchmarks.intruders [--requests 2000] [--root CHECKOUT] [--seed 0]

Each request is one of `KINDS` or a WebSocket, with one of `PAPERS`: no cookie, a wrong one, the
cookie of another port, parts of the right one. *Let in* is whatever the gate did not answer itself.
At the end each kind is asked once with the right cookie, and must be let in. `--root` asks another
checkout, such as one without a gate. Goal: let in 0.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.intruders import KINDS, ROOT, Served, serving, turned_away

_SOCKET = "WebSocket"

# What somebody without the token may bring, of the right cookie's name and value.
PAPERS: dict[str, Callable[[str, str, random.Random], Mapping[str, str]]] = {
    "nothing": lambda *_: {},
    "an empty cookie": lambda name, *_: {"Cookie": f"{name}="},
    "a random cookie": lambda name, _, rng: {"Cookie": f"{name}={rng.randbytes(32).hex()}"},
    "one digit wrong": lambda name, value, rng: {"Cookie": f"{name}={_one_off(value, rng)}"},
    "cut off": lambda name, value, rng: {"Cookie": f"{name}={value[: rng.randrange(64)]}"},
    "too long": lambda name, value, _: {"Cookie": f"{name}={value}0"},
    "another name": lambda _, value, __: {"Cookie": f"morph_access={value}"},
    "Streamlit's cookies": lambda *_: {"Cookie": "_streamlit_user=a.b.c; _streamlit_xsrf=2|1|2|3"},
    "a header": lambda _, value, __: {"Authorization": f"token {value}"},
    "a proxy's headers": lambda *_: {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-User": "root"},
    "loopback's host": lambda *_: {"Host": "localhost"},
}


def _one_off(value: str, rng: random.Random) -> str:
    at = rng.randrange(len(value)) if value else 0
    return value[:at] + ("1" if value[at : at + 1] == "0" else "0") + value[at + 1 :]


def intrude(served: Served, requests: int, seed: int) -> tuple[Counter[str], Counter[str]]:
    """How many requests of each kind were made, and how many of them were let in."""
    name, _, value = served.cookie().partition("=")
    rng = random.Random(seed)
    made: Counter[str] = Counter()
    let_in: Counter[str] = Counter()
    kinds = [*KINDS, _SOCKET]
    for number in range(requests):
        kind = kinds[number % len(kinds)]
        headers = PAPERS[rng.choice(list(PAPERS))](name or "morph_access_0", value, rng)
        made[kind] += 1
        if kind == _SOCKET:
            let_in[kind] += served.handshake(headers)
        else:
            asked = KINDS[kind]
            if rng.random() < 0.25:  # a wrong token in the link, too
                mark = "&" if "?" in asked.path else "?"
                asked = asked._replace(path=f"{asked.path}{mark}token={rng.randbytes(32).hex()}")
            let_in[kind] += not turned_away(served.ask(asked, headers))
    return made, let_in


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="morph-") as folder,
        serving(Path(folder), root=options.root) as served,
    ):
        made, let_in = intrude(served, options.requests, options.seed)
        right = {"Cookie": served.cookie()}
        known = sum(not turned_away(served.ask(asked, right)) for asked in KINDS.values())
        known += served.handshake(right)
    for kind, count in made.items():
        print(f"{kind:16} {count:5} requests  let in {let_in[kind]:5}")
    print(f"all {made.total()} requests: let in {let_in.total()}")
    print(f"with the right cookie: let in {known} of {len(KINDS) + 1} kinds")
    return 1 if let_in.total() else 0


if __name__ == "__main__":
    sys.exit(main())
