"""Damage to the bytes of a valid file: bits, lengths, parts cut out, doubled or from elsewhere."""

import re
import struct
from collections.abc import Callable, Sequence

import numpy as np

_NUMBERS = (0, 1, 2, 7, 255, 2**15, 2**16 - 1, 2**31 - 1, 2**32 - 1, 2**63 - 1, 2**64 - 1)
_WORDS = (b"-1", b"nan", b"1e999", b"9" * 30, b"0", b"0.0000001", b"", b"x", b"\xff", b"1e-999")
_FORMS = ("<B", "<H", ">H", "<I", ">I", "<Q", ">Q")


def damage(data: bytes, others: Sequence[bytes], rng: np.random.Generator) -> bytes:
    """Damage a file in one to four ways; `others` are files of which parts may come in."""
    out = bytearray(data)
    for _ in range(int(rng.integers(1, 5))):
        way = _WAYS[int(rng.integers(len(_WAYS)))]
        way(out, others, rng)
    return bytes(out)


def _flip(out: bytearray, _others: Sequence[bytes], rng: np.random.Generator) -> None:
    for _ in range(int(rng.integers(1, 9))):
        if out:
            out[_place(out, rng)] ^= 1 << int(rng.integers(8))


def _truncate(out: bytearray, _others: Sequence[bytes], rng: np.random.Generator) -> None:
    del out[_place(out, rng) :]


def _cut_out(out: bytearray, _others: Sequence[bytes], rng: np.random.Generator) -> None:
    first, length = _place(out, rng), int(rng.integers(1, 64))
    del out[first : first + length]


def _double(out: bytearray, _others: Sequence[bytes], rng: np.random.Generator) -> None:
    first, length = _place(out, rng), int(rng.integers(1, 64))
    out[first:first] = out[first : first + length]


def _number(out: bytearray, _others: Sequence[bytes], rng: np.random.Generator) -> None:
    """Put a number of a size that is often wrong where a length or a count may stand."""
    form = _FORMS[int(rng.integers(len(_FORMS)))]
    size = struct.calcsize(form)
    value = _NUMBERS[int(rng.integers(len(_NUMBERS)))] & (2 ** (8 * size) - 1)
    # Headers stand at the beginning, those of archives at the end.
    first = min(_place(out, rng), _place(out, rng)) if rng.random() < 0.8 else _place(out, rng)
    out[first : first + size] = struct.pack(form, value)


def _word(out: bytearray, _others: Sequence[bytes], rng: np.random.Generator) -> None:
    """Put another word where digits stand."""
    found = list(re.finditer(rb"\d+(\.\d+)?", out[:4096]))
    if found:
        one = found[int(rng.integers(len(found)))]
        out[one.start() : one.end()] = _WORDS[int(rng.integers(len(_WORDS)))]


def _splice(out: bytearray, others: Sequence[bytes], rng: np.random.Generator) -> None:
    other = others[int(rng.integers(len(others)))]
    first, from_, length = _place(out, rng), _place(other, rng), int(rng.integers(1, 256))
    out[first : first + length] = other[from_ : from_ + length]


def _place(data: bytes | bytearray, rng: np.random.Generator) -> int:
    return int(rng.integers(len(data))) if data else 0


_Way = Callable[[bytearray, Sequence[bytes], np.random.Generator], None]
_WAYS: tuple[_Way, ...] = (_flip, _truncate, _cut_out, _double, _number, _number, _word, _splice)
