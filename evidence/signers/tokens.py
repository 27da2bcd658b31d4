"""Private keys on PKCS#11 tokens (smart cards, HSMs, SoftHSM); they never leave it.

The library of the token is native code of somebody else that runs inside this process
with all its rights; so it is loaded only when a key URI names it, by absolute path,
and not when any user of the machine may write to it. A PIN is sent once: a token that
is asked again and again locks.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import stat
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from evidence.key_errors import (
    TokenAmbiguousError,
    TokenFailedError,
    TokenKeyUnknownError,
    TokenLockedError,
    TokenMissingError,
    TokenModuleError,
    WrongPinError,
)
from evidence.signers.secrets import read_pin
from evidence.signers.tokenkeys import TokenKey, public_key_of
from evidence.signers.uri import TokenUri

if TYPE_CHECKING:
    from pkcs11 import Object, Session, Token
    from pkcs11._pkcs11 import lib

AskPin = Callable[[str], str]
_MAX_SHOWN = 5


def open_token_key(uri: TokenUri, ask: AskPin, *, name: str) -> TokenKey:
    """Open the key `uri` names; `ask` is called with a text to show beside a prompt.

    Args:
        name: whose key it is, for the prompt and for errors.

    Raises:
        TokenModuleError, TokenMissingError, TokenAmbiguousError: no token, or two.
        WrongPinError, TokenLockedError: the token does not open.
        TokenKeyUnknownError, TokenKeyUnusableError: no key, two, or a wrong one.
        TokenFailedError: the token or its library failed.
    """
    import pkcs11

    library = _load(uri)
    try:
        token = _find_token(library, uri)
        pin = _pin(token, uri, ask, name)
        session = _log_in(token, pin)
    except pkcs11.PKCS11Error as error:
        raise TokenFailedError(token=_label(uri), reason=describe(error)) from error
    try:
        private = _find_key(session, uri)
        key = TokenKey(session, private, public_key_of(session, private), pin=pin)
    except pkcs11.PKCS11Error as error:
        _close(session)
        raise TokenFailedError(token=token.label, reason=describe(error)) from error
    except BaseException:
        _close(session)
        raise
    atexit.register(key.close)
    return key


def _label(uri: TokenUri) -> str:
    return uri.token.get("token", "named by the key URI")


def describe(error: Exception) -> str:
    """Return what a PKCS#11 error means: its name is that of the standard's code."""
    return type(error).__name__


def _load(uri: TokenUri) -> lib:
    import pkcs11

    path = str(uri.module)
    try:
        mode = uri.module.stat().st_mode
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "it cannot be read"
        raise TokenModuleError(path=path, reason=reason) from error
    if not stat.S_ISREG(mode):
        raise TokenModuleError(path=path, reason="it is not a file")
    if os.name != "nt" and mode & stat.S_IWOTH:
        reason = "every user of this machine may write to it"
        raise TokenModuleError(path=path, reason=reason)
    try:
        return pkcs11.lib(path)
    except (OSError, RuntimeError) as error:
        reason = "it is no PKCS#11 library, or it did not start"
        raise TokenModuleError(path=path, reason=reason) from error


def _find_token(library: lib, uri: TokenUri) -> Token:
    import pkcs11

    seen: list[str] = []
    fitting: list[Token] = []
    for slot in library.get_slots(token_present=True):
        with contextlib.suppress(pkcs11.TokenNotPresent, pkcs11.TokenNotRecognised):
            token = slot.get_token()
            if not token.flags & pkcs11.TokenFlag.TOKEN_INITIALIZED:
                continue
            seen.append(token.label)
            facts = _facts(library, token)
            if all(facts[name] == wanted for name, wanted in uri.token.items()):
                fitting.append(token)
    if not fitting:
        shown = ", ".join(seen[:_MAX_SHOWN]) + (", ..." * (len(seen) > _MAX_SHOWN))
        raise TokenMissingError(seen=shown or "none")
    if len(fitting) > 1:
        raise TokenAmbiguousError(count=len(fitting))
    return fitting[0]


def _facts(library: lib, token: Token) -> Mapping[str, str]:
    """What library, slot and token say of themselves, by RFC 7512 name."""
    major, minor = library.library_version
    return {
        "token": token.label,
        "manufacturer": token.manufacturer_id,
        "serial": token.serial.decode("utf-8", "replace").strip("\0 "),
        "model": token.model,
        "library-manufacturer": library.manufacturer_id,
        "library-description": library.library_description,
        "library-version": f"{major}.{minor}",
        "slot-manufacturer": token.slot.manufacturer_id,
        "slot-description": token.slot.slot_description,
        "slot-id": str(token.slot.slot_id),
    }


def _pin(token: Token, uri: TokenUri, ask: AskPin, name: str) -> str | None:
    """Return the PIN; None when it is typed at the token's own pin pad.

    Raises:
        TokenLockedError: asking for a PIN would be in vain.
    """
    import pkcs11

    flags, kinds = token.flags, pkcs11.TokenFlag
    if flags & kinds.USER_PIN_LOCKED:
        raise TokenLockedError(token=token.label, reason="too many wrong ones were")
    if not flags & kinds.USER_PIN_INITIALIZED:
        raise TokenLockedError(token=token.label, reason="none was ever set")
    if flags & kinds.PROTECTED_AUTHENTICATION_PATH:
        return None
    if uri.pin_source is not None:
        return read_pin(uri.pin_source)
    last = ", LAST TRY" if flags & kinds.USER_PIN_FINAL_TRY else ""
    return ask(f"{name} (PIN of the token {token.label}{last})")


def _log_in(token: Token, pin: str | None) -> Session:
    import pkcs11

    try:
        return token.open(user_pin=pkcs11.PROTECTED_AUTH if pin is None else pin)
    except pkcs11.UserAlreadyLoggedIn:
        return token.open()  # one login holds for every session of this process
    except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange) as error:
        raise WrongPinError(token=token.label, left=_tries_left(token)) from error
    except pkcs11.PinLocked as error:
        reason = "it locked after too many wrong ones"
        raise TokenLockedError(token=token.label, reason=reason) from error
    except (pkcs11.PinExpired, pkcs11.UserPinNotInitialized) as error:
        reason = "its PIN has to be set anew"
        raise TokenLockedError(token=token.label, reason=reason) from error


def _tries_left(token: Token) -> str:
    """Say what the token tells of the tries left; the standard has no number."""
    import pkcs11

    try:
        flags = token.slot.get_token().flags  # as they are now, after the wrong PIN
    except pkcs11.PKCS11Error:
        return "how many tries are left is not known"
    kinds = pkcs11.TokenFlag
    if flags & kinds.USER_PIN_LOCKED:
        return "it is locked now"
    if flags & kinds.USER_PIN_FINAL_TRY:
        return "ONE try is left before it locks"
    if flags & kinds.USER_PIN_COUNT_LOW:
        return "few tries may be left before it locks"
    return "it does not say how many tries are left"


def _find_key(session: Session, uri: TokenUri) -> Object:
    import pkcs11

    wanted: dict[pkcs11.Attribute, object] = {
        pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY
    }
    if uri.label is not None:
        wanted[pkcs11.Attribute.LABEL] = uri.label
    if uri.id is not None:
        wanted[pkcs11.Attribute.ID] = uri.id
    found = list(session.get_objects(wanted))  # a search must end before signing
    if len(found) != 1:
        raise TokenKeyUnknownError(count=len(found), token=session.token.label)
    return found[0]


def _close(session: Session) -> None:
    import pkcs11

    with contextlib.suppress(pkcs11.PKCS11Error):  # nothing depends on it any more
        session.close()
