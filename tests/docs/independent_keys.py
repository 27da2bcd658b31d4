"""Keys of a case by docs/spec/manifest-v1.md: forms, signatures, who may sign when.

Part of `independent_verifier.py`: the same rules, in the same words, nothing of the
project imported.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import mldsa44

ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")
P256_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
FIELD = 2**255 - 19
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_FIELD = 2**256 - 2**224 + 2**192 + 2**96 - 1
P256_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
ENTRY_TYPE = b"application/vnd.custody.entry.v1+json"
POSSESSION_TYPE = b"application/vnd.custody.possession.v1+json"
HEX64 = re.compile(r"[0-9a-f]{64}\Z")
TIME = re.compile(r"[0-9]{4}(-[0-9]{2}){2}T([0-9]{2}:){2}[0-9]{2}\.[0-9]{6}Z\Z")
ROLE = re.compile(r"[a-z]{2,20}(-[a-z]{1,20})?\Z")
RIGHTS = {"act", "approve", "keys"}
REASONS = {"superseded", "compromised", "lost", "left", "other"}
ANSWERS = {"approval", "refusal"}
_TYPES = """
case_open key_enrol key_revoke authority_add consent_add consent_withdraw identify
collect acquire import verify seal unseal checkout checkin transfer_out transfer_in
consult copy derive analyse annotate combine disclose transmit restrict
lift_restriction rectify review_retention erase renew correction_notice recovery
report_issue report_supersede case_close
"""
ENTRY_TYPES = frozenset(_TYPES.split())


class Bad(Exception):
    """Something has not its prescribed form."""


def unbase64(text: object) -> bytes:
    if not isinstance(text, str):
        raise Bad("not text")
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise Bad("not base64") from error
    if base64.b64encode(raw).decode() != text:
        raise Bad("a second spelling of base64")
    return raw


def dsse(body: bytes, kind: bytes = ENTRY_TYPE) -> bytes:
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


# --- one key --------------------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """A public key: its SubjectPublicKeyInfo."""

    spki: bytes

    @classmethod
    def read(cls, text: object) -> Key:
        spki = unbase64(text)
        if len(spki) == 44 and spki.startswith(ED25519_SPKI):
            return cls(spki)
        if len(spki) == 91 and spki.startswith(P256_SPKI) and spki[26] == 4:
            x, y = (int.from_bytes(spki[i : i + 32], "big") for i in (27, 59))
            inside = x < P256_FIELD and y < P256_FIELD
            if inside and (y * y - x * x * x + 3 * x - P256_B) % P256_FIELD == 0:
                return cls(spki)
        raise Bad("not a key of this format")

    @property
    def is_p256(self) -> bool:
        return len(self.spki) == 91

    @property
    def algorithm(self) -> str:
        return "ecdsa-p256" if self.is_p256 else "ed25519"

    @property
    def id(self) -> str:
        return hashlib.sha256(self.spki).hexdigest()

    def note_id(self, name: str) -> bytes:
        if self.is_p256:
            return hashlib.sha256(self.spki).digest()[:4]
        return hashlib.sha256(name.encode() + b"\n\x01" + self.spki[12:]).digest()[:4]

    def is_signed(self, message: bytes, signature: bytes) -> bool:
        """Ask openssl; second spellings of a signature are refused before."""
        if self.is_p256:
            return is_strict_ecdsa(signature) and self.ask(
                message, signature, "dgst -sha256 -verify key.pem -signature sig text"
            )
        if len(signature) != 64 or is_small(self.spki[12:]):
            return False
        if is_small(signature[:32]):
            return False
        if int.from_bytes(signature[32:], "little") >= GROUP_ORDER:
            return False
        return self.ask(
            message,
            signature,
            "pkeyutl -verify -rawin -pubin -inkey key.pem -sigfile sig -in text",
        )

    def ask(self, message: bytes, signature: bytes, words: str) -> bool:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            pem = base64.b64encode(self.spki).decode()
            lines = "\n".join(pem[i : i + 64] for i in range(0, len(pem), 64))
            (folder / "key.pem").write_text(
                f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n"
            )
            (folder / "text").write_bytes(message)
            (folder / "sig").write_bytes(signature)
            done = subprocess.run(
                ["openssl", *words.split()],
                cwd=folder,
                capture_output=True,
                check=False,
            )
        return done.returncode == 0


def is_strict_ecdsa(signature: bytes) -> bool:
    """DER of r and s in its one form, with s in the lower half of the group."""

    def integer(value: int) -> bytes:
        raw = value.to_bytes(value.bit_length() // 8 + 1, "big")
        return bytes([2, len(raw)]) + raw

    if not 8 <= len(signature) <= 72 or signature[0] != 0x30 or signature[2] != 2:
        return False
    middle = 4 + signature[3]
    r = int.from_bytes(signature[4:middle], "big")
    s = int.from_bytes(signature[middle + 2 :], "big")
    if not (0 < r < P256_ORDER and 0 < s <= P256_ORDER // 2):
        return False
    pair = integer(r) + integer(s)
    return signature == bytes([0x30, len(pair)]) + pair


def is_small(raw: bytes) -> bool:
    """Not in canonical encoding, or of order 1, 2, 4 or 8: eight times it is zero."""
    y = int.from_bytes(raw, "little") & ~(1 << 255)
    if y >= FIELD:
        return True
    d = -121665 * pow(121666, -1, FIELD) % FIELD
    square = (y * y - 1) * pow(d * y * y + 1, -1, FIELD) % FIELD
    for _ in range(3):  # doubling, in x squared and y only
        product = d * square * y * y % FIELD
        twice = 4 * square * y * y * pow(1 + product, -2, FIELD) % FIELD
        y = (y * y + square) * pow(1 - product, -1, FIELD) % FIELD
        square = twice
    return (square, y) == (0, 1)


def post_quantum_key(value: dict) -> bytes | None:
    if value.get("post_quantum") is None:
        return None
    raw = unbase64(value["post_quantum"])
    if len(raw) != mldsa44.PUBLIC_BYTES:
        raise Bad("not an ML-DSA-44 key")
    return raw


# --- what a key may do, and what became of it -----------------------------------------


@dataclass
class Holding:
    key: Key
    roles: list[str] = field(default_factory=list)
    rights: set[str] = field(default_factory=lambda: set(RIGHTS))
    not_before: str = ""
    not_after: str = ""
    post_quantum: bytes | None = None
    # (key, time) of the acts that its being here rests on; the first key of its person
    vouchers: list[tuple[str, str]] = field(default_factory=list)
    person: str = ""
    ended: int | None = None
    void_from: str | None = None
    acts: list[tuple[int, str]] = field(default_factory=list)
    heads: list[tuple[str, str]] = field(default_factory=list)

    def counts_at(self, time: str) -> bool:
        return self.void_from is None or time < self.void_from


def key_of(value: object) -> Key:
    """The key a key object names: `public`, `algorithm` and maybe `key` agree."""
    if not isinstance(value, dict):
        raise Bad("not a key object")
    key = Key.read(value.get("public"))
    if value.get("algorithm") != key.algorithm or value.get("key") not in (
        None,
        key.id,
    ):
        raise Bad("key, algorithm and key id disagree")
    return key


def enrolment(value: object, origin: str) -> Holding:
    """A key object with its proof of possession."""
    key = key_of(value)
    assert isinstance(value, dict)
    second = post_quantum_key(value)
    claim = {"key": key.id, "log": origin}
    if second is not None:
        claim["post_quantum"] = hashlib.sha256(second).hexdigest()
    body = json.dumps(claim, separators=(",", ":"))
    message = dsse(body.encode(), POSSESSION_TYPE)
    if not key.is_signed(message, unbase64(value.get("possession"))):
        raise Bad("the key did not sign that it takes part")
    roles, rights = value.get("roles"), value.get("rights")
    if not isinstance(roles, list) or len(roles) > 16:
        raise Bad("not roles")
    if not all(isinstance(role, str) and ROLE.match(role) for role in roles):
        raise Bad("not roles")
    if not isinstance(rights, list) or len(rights) > 3:
        raise Bad("not rights")
    if not all(isinstance(right, str) and right in RIGHTS for right in rights):
        raise Bad("not rights")
    bounds = [value.get("not_before"), value.get("not_after")]
    for bound in bounds:
        if bound is not None and not (isinstance(bound, str) and TIME.match(bound)):
            raise Bad("not a validity")
    begin, end = (bound or "" for bound in bounds)
    return Holding(key, roles, set(rights), begin, end, second)


@dataclass
class Act:
    """What of an entry the rules about keys look at."""

    seq: int
    type: str
    time: str
    actor: str
    role: object
    facts: dict
    leaf: str

    @property
    def is_answer(self) -> bool:
        kind = self.facts.get("kind")
        return self.type == "annotate" and isinstance(kind, str) and kind in ANSWERS


class Keyring:
    """Who may sign (section 6.4). `problems` are (code, subject)."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.holdings: dict[str, Holding] = {}
        self.named: set[str] = set()
        self.waiting: dict[int, Act] = {}
        self.refused: set[int] = set()
        self.approved: dict[int, tuple[Act, Act]] = {}
        self.two_person: set[str] = set()
        self.opening = ""

    @property
    def opened(self) -> bool:
        return bool(self.opening)

    def in_force(self) -> list[Holding]:
        return [held for held in self.holdings.values() if held.ended is None]

    def open(self, facts: dict, leaf: str) -> None:
        founder = facts.get("founder")
        key = key_of(founder)
        assert isinstance(founder, dict)
        held = Holding(key, post_quantum=post_quantum_key(founder))
        self.put(held, [], key.id)
        self.opening = leaf

    def put(self, held: Holding, vouchers: list[tuple[str, str]], person: str) -> None:
        held.vouchers, held.person = vouchers, person
        self.holdings[held.key.id] = held
        self.named.add(held.key.id)

    def objection(self, act: Act) -> str:
        """The code of why the actor's key may not do this; "" when it may."""
        held = self.holdings.get(act.actor)
        if held is None:
            return "SIGNER_UNKNOWN"
        held.acts.append((act.seq, act.time))
        if held.ended is not None:
            return "KEY_REVOKED"
        if act.time < held.not_before or (
            held.not_after and act.time >= held.not_after
        ):
            return "KEY_EXPIRED"
        right = "approve" if act.is_answer else "act"
        right = "keys" if act.type in ("key_enrol", "key_revoke") else right
        if right not in held.rights or (held.roles and act.role not in held.roles):
            return "KEY_RIGHT"
        return ""

    def apply(self, act: Act) -> list[tuple[str, str]]:
        """Let an entry that holds, in its place, change who may sign."""
        self.problems: list[tuple[str, str]] = []
        try:
            if act.leaf == self.opening:
                self.rules(act)
            elif self.waits(act):
                self.propose(act)
            elif act.is_answer:
                self.answer(act)
            else:
                self.effect(act, [act])
        except Bad:
            self.problems.append(("KEY_CLAIM", f"entry {act.seq}"))
        return self.problems

    def waits(self, act: Act) -> bool:
        replaces = act.type == "key_enrol" and act.facts.get("replaces") is not None
        if replaces and "key_revoke" in self.two_person:
            return True
        return act.type in self.two_person

    def rules(self, act: Act) -> None:
        types = act.facts.get("two_person", [])
        if not isinstance(types, list) or not all(isinstance(t, str) for t in types):
            raise Bad("not a rule")
        cannot = {"case_open", "annotate", "recovery"}
        if not set(types) <= ENTRY_TYPES - cannot or (
            types and "key_enrol" not in types
        ):
            raise Bad("not a rule")
        approvers = act.facts.get("approvers", [])
        if not isinstance(approvers, list) or len(approvers) > 16:
            raise Bad("not approvers")
        found = [enrolment(item, self.origin) for item in approvers]
        ids = [*self.holdings, *(held.key.id for held in found)]
        if len(set(ids)) != len(ids):
            raise Bad("a key is there twice")
        for held in found:
            held.person = held.key.id
        self.demand_somebody([*self.in_force(), *found], second=bool(types))
        self.two_person = set(types)
        for held in found:
            self.put(held, [(act.actor, act.time)], held.key.id)

    def propose(self, act: Act) -> None:
        if act.type == "key_enrol":
            self.named.add(self.enrolment(act).key.id)
        elif act.type == "key_revoke":
            self.revocation(act)
        self.waiting[act.seq] = act

    def answer(self, act: Act) -> None:
        seq, leaf = act.facts.get("seq"), act.facts.get("entry")
        if type(seq) is not int or not isinstance(leaf, str) or not HEX64.match(leaf):
            raise Bad("it names no entry")
        asked = self.waiting.get(seq)
        if asked is None or asked.leaf != leaf:
            raise Bad("no answer to that")
        if self.holdings[asked.actor].person == self.holdings[act.actor].person:
            raise Bad("the same person's")
        if act.facts["kind"] == "refusal":
            self.refused.add(seq)
        else:
            self.effect(asked, [asked, act])
            self.approved[seq] = (asked, act)
        self.waiting.pop(seq, None)

    def enrolment(self, act: Act) -> Holding:
        old = act.facts.get("replaces")
        if old is not None and not (isinstance(old, str) and HEX64.match(old)):
            raise Bad("it replaces no key")
        return enrolment(act.facts.get("enrols"), self.origin)

    def revocation(self, act: Act) -> tuple[str, str]:
        key, since = act.facts.get("key"), act.facts.get("from")
        reason = act.facts.get("reason")
        if not isinstance(key, str) or not HEX64.match(key):
            raise Bad("not a key")
        if not isinstance(since, str) or not TIME.match(since) or since > act.time:
            raise Bad("not a time")
        if not isinstance(reason, str) or reason not in REASONS:
            raise Bad("not a reason")
        return key, since

    def effect(self, act: Act, by: list[Act]) -> None:
        """`by`: the act itself and, where it waited, its approval."""
        if act.type == "key_enrol":
            self.enrol(act, by)
        elif act.type == "key_revoke":
            self.revoke(*self.revocation(act), by[-1])

    def enrol(self, act: Act, by: list[Act]) -> None:
        held, old = self.enrolment(act), act.facts.get("replaces")
        vouchers = [(one.actor, one.time) for one in by]
        if held.key.id in self.holdings or len(self.holdings) >= 1000:
            raise Bad("the key was there before, or one too many")
        if old is None:
            self.put(held, vouchers, held.key.id)
            return
        before = self.holdings.get(old)
        if before is None or before.ended is not None:
            raise Bad("not a key in force")
        if len(by) > 1 and by[1].actor == old:
            raise Bad("it ends its own key")
        held.person = before.person
        staying = [one for one in self.in_force() if one is not before]
        self.demand_somebody([*staying, held], second=bool(self.two_person))
        before.ended = by[-1].seq
        self.put(held, vouchers, before.person)

    def revoke(self, key: str, since: str, by: Act) -> None:
        held = self.holdings.get(key)
        if held is None or (held.ended is not None and not held.counts_at(since)):
            raise Bad("not a key to end")
        void = self.fallen(key, since)
        if by.actor in void:
            raise Bad("it ends its own key")
        staying = [one for one in self.in_force() if one.key.id not in void]
        self.demand_somebody(staying, second=bool(self.two_person))
        for name, start in void.items():
            self.make_void(self.holdings[name], start, by.seq)
        for seq, (asked, approval) in list(self.approved.items()):
            if not self.holdings[approval.actor].counts_at(approval.time):
                del self.approved[seq]
                if asked.type not in ("key_enrol", "key_revoke"):
                    self.waiting[seq] = asked
        for seq, asked in list(self.waiting.items()):
            if not self.holdings[asked.actor].counts_at(asked.time):
                del self.waiting[seq]

    def fallen(self, key: str, since: str) -> dict[str, str]:
        """The keys that are void, each with the time from which on."""
        void = {key: since}
        while True:
            more = {
                name
                for name, held in self.holdings.items()
                if void.get(name) != "" and held.void_from != ""
                for voucher, time in held.vouchers
                if voucher in void and time >= void[voucher]
            }
            if not more:
                return void
            void |= dict.fromkeys(more, "")

    def make_void(self, held: Holding, since: str, at: int) -> None:
        fresh = held.counts_at
        late = [
            f"entry {seq}"
            for seq, time in held.acts
            if time >= since
            and fresh(time)
            and (held.ended is None or seq <= held.ended)
        ]
        late += [name for name, t in held.heads if t >= since and fresh(t)]
        self.problems += [("KEY_REVOKED", subject) for subject in late]
        held.void_from = since
        held.ended = at if held.ended is None else held.ended

    def demand_somebody(self, keys: list[Holding], *, second: bool) -> None:
        """Somebody must be left for the keys and, with a rule, for the answers."""
        lasting = [held for held in keys if not held.not_after]
        for one in lasting:
            if "keys" in one.rights and (
                not second
                or any(
                    "approve" in other.rights and other.person != one.person
                    for other in lasting
                )
            ):
                return
        raise Bad("nobody would be left")
