"""The installation's own keys: files of 32 random bytes in hex, readable by their owner alone."""

from __future__ import annotations

import os
from pathlib import Path

from tradeshall.core.ids import random_key


def read_or_make_key(folder: Path, name: str) -> bytes:
    """Return the 32-byte key `name`: from TRADESHALL_<NAME>_KEY (hex), else from its file, made on first use.

    The file is `<folder>/keys/<name>.key`. Two processes that make it at once agree on one.
    """
    given = os.environ.get(f"TRADESHALL_{name.upper()}_KEY")
    if given:
        return _parse(given, f"TRADESHALL_{name.upper()}_KEY")
    path = folder / "keys" / f"{name}.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(f".{os.getpid()}")
        with open(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            file.write(random_key().hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # fails if another process was first; then its key is the key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return _parse(path.read_text(), str(path))


def _parse(text: str, origin: str) -> bytes:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ValueError(f"{origin}: expected 64 hexadecimal digits")
    return key
