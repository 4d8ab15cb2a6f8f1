"""JSON as JavaScript writes it, so that fingerprints are those that ganc checks."""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import Any


def _number(value: float) -> str:
    """A number with the shortest digits that read back, laid out as JavaScript does."""
    if not math.isfinite(value):
        return "null"
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    digits = repr(value)
    found = re.fullmatch(r"(-?)(\d)(?:\.(\d+))?e([+-]\d+)", digits)
    if found is None:
        return digits
    sign, first, rest, exponent = found.groups()
    power = int(exponent)
    # JavaScript writes six zeros behind the point before it turns to an exponent, Python four.
    if -7 < power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{first}{rest or ''}"
    shown = f"{first}.{rest}" if rest else first
    return f"{sign}{shown}e{'+' if power > 0 else '-'}{abs(power)}"


def js(value: Any) -> str:
    """A value as `JSON.stringify` writes it."""
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, dict):
        fields = (f"{js(str(key))}:{js(one)}" for key, one in value.items())
        return f"{{{','.join(fields)}}}"
    return f"[{','.join(js(one) for one in value)}]"


def fingerprint(value: dict[str, Any]) -> str:
    return hashlib.sha256(js(value).encode("utf-8", "surrogatepass")).hexdigest()


def sealed(value: dict[str, Any]) -> dict[str, Any]:
    """The value with a fingerprint of all its fields."""
    return {**value, "fingerprint": fingerprint(value)}


def opened(text: str) -> dict[str, Any] | None:
    """A sealed value; nothing where it was changed since."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    mark = value.pop("fingerprint", None)
    return value if mark is None or mark == fingerprint(value) else None
