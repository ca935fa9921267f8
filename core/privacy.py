"""Personal data at rest and on the screen: encrypted columns, blind indexes, masks.

Keys live in `instance/keys/`: `data.key` (Fernet keys, newest first; rotated by adding a line on
top) and `root.key` (32 random bytes in hex, from which every other secret is derived).
"""

import hashlib
import hmac
import os
import re
import secrets
import unicodedata
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, current_app


class MissingKeys(RuntimeError):
    """The key files are not there or damaged; says how to make or restore them."""


ROOT_BYTES = 32
_PUT_BACK = "Put the keys back from the backup: without them no name can be read."


class Keys:
    """The secrets of one instance."""

    def __init__(self, root: bytes, data_keys: list[bytes]) -> None:
        self._root = root
        self._derived: dict[str, bytes] = {}
        self.fernet = MultiFernet([Fernet(key) for key in data_keys])

    @classmethod
    def load(cls, folder: Path) -> "Keys":
        """Read the key files. Raises MissingKeys."""
        try:
            root = bytes.fromhex((folder / "root.key").read_text().strip())
            data = (folder / "data.key").read_text().split()
        except FileNotFoundError as error:
            raise MissingKeys(
                f"{error.filename} is missing. On a new installation run `flask prepare`; "
                "on an old one put the keys back from the backup: without them no name can be read."
            ) from None
        except (OSError, ValueError) as error:
            raise MissingKeys(
                f"{folder} cannot be read ({type(error).__name__}). {_PUT_BACK}"
            ) from None
        try:
            if len(root) != ROOT_BYTES:  # a cut file would give other cards and find nobody
                raise ValueError
            return cls(root, [key.encode() for key in data])
        except ValueError:
            raise MissingKeys(f"A key in {folder} is damaged. {_PUT_BACK}") from None

    @staticmethod
    def make(folder: Path) -> None:
        """Write new key files, readable by the owner alone; keeps those that exist."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, text in (
            ("root.key", secrets.token_hex(ROOT_BYTES)),
            ("data.key", Fernet.generate_key().decode()),
        ):
            try:
                descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                continue
            with os.fdopen(descriptor, "w") as file:
                file.write(text + "\n")

    @classmethod
    def make_on_first_start(cls, instance: Path) -> None:
        """Make keys where there is nothing yet that they could fail to open."""
        if not (instance / "keys").exists() and not (instance / "zhuhe.db").exists():
            cls.make(instance / "keys")

    def secret(self, purpose: str) -> bytes:
        """32 bytes derived for one purpose (HKDF-SHA256); the same for the life of the instance."""
        if purpose not in self._derived:
            kdf = HKDF(hashes.SHA256(), 32, salt=None, info=f"zhuhe:{purpose}".encode())
            self._derived[purpose] = kdf.derive(self._root)
        return self._derived[purpose]


def init_app(app: Flask) -> None:
    """Make the keys known to the app."""
    keys = Keys.load(Path(app.instance_path) / "keys")
    app.extensions["zhuhe_keys"] = keys
    app.secret_key = keys.secret("session-cookie")


def keys() -> Keys:
    """The keys of the current app."""
    found: Keys = current_app.extensions["zhuhe_keys"]
    return found


def secret(purpose: str) -> bytes:
    """32 bytes for one purpose, for example "card-code"."""
    return keys().secret(purpose)


def blind_index(purpose: str, value: str) -> str:
    """A keyed hash (hex) by which an encrypted value is found again without being readable."""
    return hmac.new(secret(f"index:{purpose}"), value.encode(), hashlib.sha256).hexdigest()


class Sealed(str):
    """A text that is encrypted already: an encrypted column stores it as it is."""

    __slots__ = ()


def seal(text: str) -> Sealed:
    """Encrypt ahead of time what an encrypted column is going to hold."""
    return Sealed(keys().fernet.encrypt(text.encode()).decode())


class Encrypted(sa.types.TypeDecorator[str]):
    """Text encrypted at rest with the instance's data keys. Raises InvalidToken for foreign data."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        if value is None:
            return None
        return str(value if isinstance(value, Sealed) else seal(value))

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else keys().fernet.decrypt(value.encode()).decode()


class EncryptedBytes(sa.types.TypeDecorator[bytes]):
    """Bytes (a photo, a file) encrypted at rest."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: sa.Dialect) -> bytes | None:
        return None if value is None else keys().fernet.encrypt(value)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> bytes | None:
        return None if value is None else keys().fernet.decrypt(bytes(value))


def read_or_none(token: str) -> str | None:
    """The text of a stored value; None when the keys at hand do not open it, or it was tampered with."""
    try:
        return keys().fernet.decrypt(token.encode()).decode()
    except InvalidToken:
        return None


def read_bytes_or_none(token: bytes) -> bytes | None:
    """The same for stored bytes."""
    try:
        return keys().fernet.decrypt(bytes(token))
    except InvalidToken:
        return None


# Eighteen digits of an ID number, fifteen of an old one, seventeen of a card; one more or less is a
# slip of the hand and gives as much away. Blanks and dashes between digits are typing.
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_WHOLE_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d(?:[ \-_.·]?\d){13,}[ \-_.·]?[Xx]?(?![0-9A-Za-z])")


def whole_number_in(text: str) -> str | None:
    """The whole ID number or card code that a text holds, without blanks and dashes; None when it has none."""
    folded = _UUID.sub("", unicodedata.normalize("NFKC", text))
    found = _WHOLE_NUMBER.search(folded)
    return re.sub(r"[^0-9X]", "", found[0].upper()) if found else None


def mask_name(name: str) -> str:
    """王秀华 → 王*华, 王兵 → 王*, 阿卜杜·艾则孜 → 阿*孜; never longer than it must be."""
    if len(name) <= 1:
        return name
    return f"{name[0]}*" if len(name) == 2 else f"{name[0]}*{name[-1]}"


def mask_id_number(number: str | None) -> str:
    """130499193608235198 → 1304**********5198."""
    return f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}" if number else ""


def mask_phone(phone: str | None) -> str:
    """13759838675 → 137****8675; shorter numbers keep their last two digits."""
    if not phone:
        return ""
    if len(phone) < 9:
        return "*" * max(0, len(phone) - 2) + phone[-2:]
    return f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}"


def mask_address(address: str | None) -> str:
    """Keeps the community and the building and hides the door: the first two thirds stay."""
    if not address:
        return ""
    keep = min(len(address) * 2 // 3, max(0, len(address) - 4))
    return address[:keep] + "*" * (len(address) - keep)
