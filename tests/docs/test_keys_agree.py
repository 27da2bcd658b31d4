"""Who may sign when, P-256, ML-DSA-44, companions: every verifier says the same.

The expected findings are worked out by hand from the specification.
"""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import edwards
from tests.engines import Found, agree, opinions
from tests.forge import P256, Ed25519, Forge, at

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the openssl command is not installed"
)

ANNA, BERT, CARL = (Ed25519(name) for name in ("anna", "bert", "carl"))
DORA = Ed25519("dora", post_quantum=True)
PETRA = P256("petra")
NOTHING: Found = set()


def signed(*codes: str) -> Found:
    return {("signed", code) for code in codes}


def consistent(*codes: str) -> Found:
    return {("consistent", code) for code in codes}


def ended(forge: Forge, *by: Ed25519) -> Forge:
    forge.note(*by)
    return forge


def enrolled(who: Ed25519 = BERT, **changes: object) -> Forge:
    """Anna opens a case and enrols a key."""
    forge = Forge(ANNA)
    forge.add("key_enrol", {"enrols": who.facts(**changes)}, by=ANNA)
    return forge


def revoked(key: Ed25519, since: str, reason: str = "compromised") -> dict[str, str]:
    return {"key": key.id, "from": since, "reason": reason}


def with_act(by: Ed25519, **changes: object) -> Forge:
    forge = enrolled(**changes)
    forge.add("annotate", by=by)
    return ended(forge, ANNA)


def an_enrolled_key_acts_and_signs_the_head() -> Forge:
    forge = enrolled()
    forge.add("annotate", by=BERT)
    return ended(forge, BERT)


def a_p256_key_acts_and_signs_the_head() -> Forge:
    forge = enrolled(PETRA)
    forge.add("annotate", by=PETRA)
    return ended(forge, PETRA)


def a_p256_key_opens_the_case() -> Forge:
    return ended(Forge(PETRA), PETRA)


def a_p256_signature_in_its_other_form() -> Forge:
    forge = enrolled(PETRA)
    forge.add("annotate", by=P256("petra", low=False))
    return ended(forge, ANNA)


def a_p256_head_in_its_other_form() -> Forge:
    return ended(enrolled(PETRA), P256("petra", low=False))


def a_stranger_signs_the_head() -> Forge:
    return ended(enrolled(), CARL)


def a_key_acts_before_it_is_enrolled() -> Forge:
    forge = Forge(ANNA)
    forge.add("annotate", by=BERT)
    forge.add("key_enrol", {"enrols": BERT.facts()}, by=ANNA)
    return ended(forge, ANNA)


def a_head_by_a_key_enrolled_later() -> Forge:
    forge = enrolled()
    forge.note(BERT, size=1)
    return ended(forge, ANNA)


def two_keys_sign_an_entry() -> Forge:
    forge = enrolled()
    forge.add("annotate", by=BERT, signers=[BERT, ANNA])
    return ended(forge, ANNA)


def a_forged_enrolment() -> Forge:
    """The proof of possession is another key's; the key acts all the same."""
    proof = CARL.facts()["possession"]
    return with_act(BERT, possession=proof)


def an_enrolment_for_another_log() -> Forge:
    return with_act(ANNA, log="case.custody.invalid/another")


def an_enrolment_with(**changes: object) -> Callable[[], Forge]:
    return lambda: with_act(ANNA, **changes)


def an_enrolment_twice() -> Forge:
    forge = enrolled()
    forge.add("key_enrol", {"enrols": BERT.facts()}, by=ANNA)
    return ended(forge, ANNA)


def an_enrolment_by_a_key_without_the_right() -> Forge:
    forge = enrolled(rights=["act"])
    forge.add("key_enrol", {"enrols": CARL.facts()}, by=BERT)
    forge.add("annotate", by=CARL)
    return ended(forge, ANNA)


def a_key_without_the_right_to_act() -> Forge:
    return with_act(BERT, rights=["approve"])


def a_key_in_another_role() -> Forge:
    return with_act(BERT, roles=["custodian", "lab-technician"])


def a_key_in_its_role() -> Forge:
    return with_act(BERT, roles=["custodian", "examiner"])


def an_act_before_validity() -> Forge:
    return with_act(BERT, not_before=at(3.1))


def an_act_at_the_end_of_validity() -> Forge:
    return with_act(BERT, not_after=at(3))


def an_act_within_validity() -> Forge:
    return with_act(BERT, not_before=at(3), not_after=at(3.1))


def a_revoked_key_acts() -> Forge:
    forge = enrolled()
    forge.add("key_revoke", revoked(BERT, at(3), "left"), by=ANNA)
    forge.add("annotate", by=BERT)
    return ended(forge, ANNA)


def a_revocation_that_reaches_back() -> Forge:
    forge = enrolled()
    forge.add("annotate", by=BERT)
    forge.add("key_revoke", revoked(BERT, at(3)), by=ANNA)
    return ended(forge, ANNA)


def a_revocation_that_spares_what_was_before() -> Forge:
    forge = enrolled()
    forge.add("annotate", by=BERT)
    forge.add("key_revoke", revoked(BERT, at(3.1)), by=ANNA)
    return ended(forge, ANNA)


def a_revocation_that_reaches_a_head() -> Forge:
    forge = enrolled()
    forge.note(BERT)
    forge.add("key_revoke", revoked(BERT, at(2)), by=ANNA)
    return ended(forge, ANNA)


def a_key_that_revokes_itself() -> Forge:
    forge = enrolled()
    forge.add("key_revoke", revoked(BERT, at(3), "lost"), by=BERT)
    return ended(forge, ANNA)


def a_revoked_key_signs_the_head() -> Forge:
    forge = enrolled()
    forge.add("key_revoke", revoked(BERT, at(3)), by=ANNA)
    return ended(forge, BERT)


def a_revocation_from_the_future() -> Forge:
    forge = enrolled()
    forge.add("key_revoke", revoked(BERT, at(9)), by=ANNA)
    forge.add("annotate", by=BERT)
    return ended(forge, ANNA)


def a_revocation_for_no_known_reason() -> Forge:
    forge = enrolled()
    forge.add("key_revoke", revoked(BERT, at(2), "whim"), by=ANNA)
    return ended(forge, ANNA)


def a_revocation_of_a_stranger() -> Forge:
    forge = enrolled()
    forge.add("key_revoke", revoked(CARL, at(2)), by=ANNA)
    return ended(forge, ANNA)


def a_key_replaced(*, uses_old: bool, head: Ed25519) -> Forge:
    forge = Forge(ANNA)
    forge.add("key_enrol", {"enrols": BERT.facts(), "replaces": ANNA.id}, by=ANNA)
    forge.add("annotate", by=ANNA if uses_old else BERT)
    return ended(forge, head)


def a_key_that_replaces_a_stranger() -> Forge:
    forge = Forge(ANNA)
    forge.add("key_enrol", {"enrols": BERT.facts(), "replaces": CARL.id}, by=ANNA)
    forge.add("annotate", by=BERT)
    return ended(forge, ANNA)


def two_persons(types: object = ("disclose", "key_enrol")) -> Forge:
    rule = list(types) if isinstance(types, tuple) else types
    facts = {"two_person": rule, "approvers": [BERT.facts(rights=["approve"])]}
    return Forge(ANNA, facts)


def answered(kind: str, by: Ed25519, *, wrong: bool = False) -> Forge:
    forge = two_persons()
    asked = forge.add("disclose", {}, by=ANNA)
    entry = "0" * 64 if wrong else forge.leaves[asked].hex()
    forge.add("annotate", {"kind": kind, "seq": asked, "entry": entry}, by=by)
    return ended(forge, ANNA)


def an_unanswered_act() -> Forge:
    forge = two_persons()
    forge.add("disclose", {}, by=ANNA)
    return ended(forge, ANNA)


def an_approver_acts() -> Forge:
    forge = two_persons()
    forge.add("annotate", by=BERT)
    return ended(forge, ANNA)


def an_enrolment_that_waits() -> Forge:
    forge = two_persons(("key_enrol",))
    forge.add("key_enrol", {"enrols": CARL.facts()}, by=ANNA)
    forge.add("annotate", by=CARL)
    return ended(forge, ANNA)


def an_enrolment_that_was_approved() -> Forge:
    forge = two_persons(("key_enrol",))
    asked = forge.add("key_enrol", {"enrols": CARL.facts()}, by=ANNA)
    facts = {"kind": "approval", "seq": asked, "entry": forge.leaves[asked].hex()}
    forge.add("annotate", facts, by=BERT)
    forge.add("annotate", by=CARL)
    return ended(forge, CARL)


def an_enrolment_that_was_refused() -> Forge:
    forge = two_persons(("key_enrol",))
    asked = forge.add("key_enrol", {"enrols": CARL.facts()}, by=ANNA)
    facts = {"kind": "refusal", "seq": asked, "entry": forge.leaves[asked].hex()}
    forge.add("annotate", facts, by=BERT)
    return ended(forge, CARL)


def a_rule_that_is_no_list() -> Forge:
    return ended(two_persons("disclose"), ANNA)


def an_answer_without_a_rule() -> Forge:
    """Where no act needs a second person, nothing waits for one."""
    forge = enrolled()
    forge.add("annotate", {"kind": "approval", "seq": 7, "entry": "x"}, by=BERT)
    return ended(forge, ANNA)


def an_enrolled_key_with_a_second_one() -> Forge:
    return ended(enrolled(DORA), DORA)


def a_key_enrolled_by_a_void_act() -> Forge:
    forge = enrolled()
    forge.add("key_enrol", {"enrols": CARL.facts()}, by=BERT)
    forge.add("annotate", by=CARL)
    forge.note(CARL)
    forge.add("key_revoke", revoked(BERT, at(3)), by=ANNA)
    return ended(forge, ANNA)


def revoked_twice(first: float, second: float) -> Forge:
    forge = enrolled()
    forge.add("annotate", by=BERT)
    forge.add("annotate", by=BERT)
    forge.add("key_revoke", revoked(BERT, at(first)), by=ANNA)
    forge.add("key_revoke", revoked(BERT, at(second)), by=ANNA)
    return ended(forge, ANNA)


def a_revocation_that_reaches_further_back() -> Forge:
    return revoked_twice(5, 3.5)


def a_revocation_that_reaches_less_far() -> Forge:
    return revoked_twice(4.5, 5)


def a_revocation_that_leaves_nobody() -> Forge:
    forge = enrolled(not_after=at(60))
    forge.add("key_revoke", revoked(ANNA, at(2)), by=BERT)
    return ended(forge, ANNA)


def a_head_after_its_signer_expired() -> Forge:
    forge = enrolled(not_after=at(3))
    forge.add("annotate", by=ANNA)
    return ended(forge, BERT)


def an_approval_that_became_void() -> Forge:
    forge = two_persons()
    asked = forge.add("disclose", {}, by=ANNA)
    entry = forge.leaves[asked].hex()
    enrol = forge.add("key_enrol", {"enrols": CARL.facts()}, by=ANNA)
    facts = {"kind": "approval", "seq": enrol, "entry": forge.leaves[enrol].hex()}
    forge.add("annotate", facts, by=BERT)
    forge.add("annotate", {"kind": "approval", "seq": asked, "entry": entry}, by=CARL)
    forge.add("key_revoke", revoked(CARL, at(5)), by=ANNA)
    return ended(forge, ANNA)


def a_rule_without_enrolments() -> Forge:
    return ended(two_persons(("disclose",)), ANNA)


def a_rule_for_notes() -> Forge:
    return ended(two_persons(("annotate", "key_enrol")), ANNA)


def an_approver_who_is_the_founder() -> Forge:
    return ended(Forge(ANNA, {"approvers": [ANNA.facts()]}), ANNA)


def a_rule_with_nobody_to_approve() -> Forge:
    return ended(Forge(ANNA, {"two_person": ["key_enrol"]}), ANNA)


def a_replacement_that_waits() -> Forge:
    forge = two_persons(("key_enrol", "key_revoke"))
    facts = {"enrols": CARL.facts(), "replaces": ANNA.id}
    forge.add("key_enrol", facts, by=ANNA)
    forge.files[f"identities/{CARL.id}.json"] = b"{}"
    return ended(forge, ANNA)


def an_enrolment_out_of_its_place() -> Forge:
    """A number that was there before: it changes nobody's standing."""
    forge = Forge(ANNA)
    forge.add("annotate", by=ANNA)
    forge.add("key_enrol", {"enrols": BERT.facts()}, by=ANNA, seq=1)
    return ended(forge, BERT)


def a_founder_of_small_order() -> Forge:
    key = Ed25519("anna")
    key.spki = key.spki[:12] + bytes.fromhex("01" + "00" * 31)
    return ended(Forge(key), ANNA)


class Twisted(Ed25519):
    """Signs so that R has a part of small order, or is nothing but one."""

    def __init__(self, nonce: int) -> None:
        super().__init__("anna")
        self.nonce = nonce

    def sign(self, message: bytes) -> bytes:
        secret = edwards.scalar_of(self.seed)
        key = edwards.times(secret, edwards.base())
        assert edwards.encoded(key) == self.spki[12:]
        twist = edwards.of_order_8() if self.nonce else edwards.ZERO
        return edwards.signature(
            message, secret=secret, key=key, nonce=self.nonce, twist=twist
        )


def with_a_twisted_act(nonce: int) -> Forge:
    """The corrupt colleague: an entry that holds for a lax verifier alone."""
    forge = Forge(ANNA)
    forge.add("annotate", by=Twisted(nonce))
    return ended(forge, ANNA)


def a_founder_with(**changes: object) -> Callable[[], Forge]:
    own = {"algorithm": "ed25519", "public": base64.b64encode(ANNA.spki).decode()}
    return lambda: ended(Forge(ANNA, {"founder": own | changes}), ANNA)


def off_the_curve() -> str:
    point = bytearray(PETRA.spki)
    point[-1] ^= 1
    return base64.b64encode(bytes(point)).decode()


def a_head_without_its_second_signature() -> Forge:
    forge = Forge(DORA)
    forge.note(DORA, second=False)
    return forge


def a_head_with_both_signatures() -> Forge:
    return ended(Forge(DORA), DORA)


def a_head_with_a_wrong_second_signature() -> Forge:
    forge = a_head_with_both_signatures()
    name = "manifest/checkpoints/0000000001.note"
    forge.files[name] = forge.files[name][:-9] + b"AAAAAAA=\n"
    return forge


def a_head_with_a_second_signature_from_another_head() -> Forge:
    forge = a_head_with_both_signatures()
    before = forge.files["manifest/checkpoints/0000000001.note"].splitlines()
    forge.add("annotate", by=DORA)
    now = forge.note(DORA).splitlines()
    now[-1] = before[-1]
    forge.files["manifest/checkpoints/0000000002.note"] = b"\n".join(now) + b"\n"
    return forge


def swapped_heads() -> Forge:
    forge = enrolled()
    names = [f"manifest/checkpoints/{n:010d}.note" for n in (1, 2)]
    notes = forge.note(ANNA, size=1), forge.note(ANNA, size=2)
    forge.files |= dict(zip(names, reversed(notes), strict=True))
    return forge


def companions(*names: str) -> Callable[[], Forge]:
    def build() -> Forge:
        forge = ended(Forge(ANNA), ANNA)
        for name in names:
            forge.files[f"manifest/checkpoints/{name}"] = b"\x30\x00"
        return forge

    return build


def a_line_too_long_under_a_head() -> Forge:
    """The head over it is compared all the same, with the keys in force there."""
    forge = Forge(ANNA)
    forge.add("annotate", {"kind": "fact", "more": "x" * 66_000}, by=ANNA)
    forge.note(ANNA)
    forge.add("annotate", by=ANNA)
    return ended(forge, ANNA)


CLAIM = signed("KEY_CLAIM")
FORMS: dict[str, object] = {
    "rights that are unknown": {"rights": ["act", "rule"]},
    "rights four times": {"rights": ["act", "act", "act", "act"]},
    "rights that are missing": {"rights": None},
    "roles that are two words": {"roles": ["chief examiner"]},
    "roles that are too many": {"roles": ["examiner"] * 17},
    "a validity that is no time": {"not_after": "2027"},
    "a validity that is a number": {"not_before": 0},
    "another key's id": {"key": CARL.id},
    "another algorithm": {"algorithm": "ecdsa-p256"},
    "no algorithm": {"algorithm": None},
    "a short ML-DSA key": {"post_quantum": "AAAA"},
    "an ML-DSA key that is a number": {"post_quantum": 1},
    "no proof": {"possession": None},
    "a proof that is not base64": {"possession": "***"},
    "a key off the curve": {"public": off_the_curve(), "algorithm": "ecdsa-p256"},
    "a key that is none": {"public": "AAAA"},
}
# What is built, what must fail, what must be remarked.
CASES: dict[str, tuple[Callable[[], Forge], Found, Found]] = {
    build.__name__.replace("_", " "): (build, failing, remarks)
    for build, failing, remarks in (
        (an_enrolled_key_acts_and_signs_the_head, NOTHING, NOTHING),
        (a_p256_key_acts_and_signs_the_head, NOTHING, NOTHING),
        (a_p256_key_opens_the_case, NOTHING, NOTHING),
        (a_p256_signature_in_its_other_form, signed("SIGNATURE_WRONG"), NOTHING),
        (a_p256_head_in_its_other_form, signed("CHECKPOINT_SIGNATURE"), NOTHING),
        (a_stranger_signs_the_head, signed("CHECKPOINT_SIGNATURE"), NOTHING),
        (a_key_acts_before_it_is_enrolled, signed("SIGNER_UNKNOWN"), NOTHING),
        (a_head_by_a_key_enrolled_later, signed("CHECKPOINT_SIGNATURE"), NOTHING),
        (two_keys_sign_an_entry, signed("SIGNER_UNKNOWN"), NOTHING),
        (a_forged_enrolment, signed("KEY_CLAIM", "SIGNER_UNKNOWN"), NOTHING),
        (an_enrolment_for_another_log, CLAIM, NOTHING),
        (an_enrolment_twice, CLAIM, NOTHING),
        (
            an_enrolment_by_a_key_without_the_right,
            signed("KEY_RIGHT", "SIGNER_UNKNOWN"),
            NOTHING,
        ),
        (a_key_without_the_right_to_act, signed("KEY_RIGHT"), NOTHING),
        (a_key_in_another_role, signed("KEY_RIGHT"), NOTHING),
        (a_key_in_its_role, NOTHING, NOTHING),
        (an_act_before_validity, signed("KEY_EXPIRED"), NOTHING),
        (an_act_at_the_end_of_validity, signed("KEY_EXPIRED"), NOTHING),
        (an_act_within_validity, NOTHING, NOTHING),
        (a_revoked_key_acts, signed("KEY_REVOKED"), NOTHING),
        (a_revocation_that_reaches_back, signed("KEY_REVOKED"), NOTHING),
        (a_revocation_that_spares_what_was_before, NOTHING, NOTHING),
        (a_revocation_that_reaches_a_head, signed("KEY_REVOKED"), NOTHING),
        (a_key_that_revokes_itself, CLAIM, NOTHING),
        (a_revoked_key_signs_the_head, signed("CHECKPOINT_SIGNATURE"), NOTHING),
        (a_revocation_from_the_future, CLAIM, NOTHING),
        (a_revocation_for_no_known_reason, CLAIM, NOTHING),
        (a_revocation_of_a_stranger, CLAIM, NOTHING),
        (
            a_key_that_replaces_a_stranger,
            signed("KEY_CLAIM", "SIGNER_UNKNOWN"),
            NOTHING,
        ),
        (an_unanswered_act, NOTHING, signed("APPROVAL_PENDING")),
        (an_approver_acts, signed("KEY_RIGHT"), NOTHING),
        (
            an_enrolment_that_waits,
            signed("SIGNER_UNKNOWN"),
            signed("APPROVAL_PENDING"),
        ),
        (an_enrolment_that_was_approved, NOTHING, NOTHING),
        (
            an_enrolment_that_was_refused,
            signed("CHECKPOINT_SIGNATURE"),
            signed("APPROVAL_REFUSED"),
        ),
        (a_key_enrolled_by_a_void_act, signed("KEY_REVOKED"), NOTHING),
        (a_revocation_that_reaches_further_back, signed("KEY_REVOKED"), NOTHING),
        (a_revocation_that_reaches_less_far, CLAIM, NOTHING),
        (a_revocation_that_leaves_nobody, CLAIM, NOTHING),
        (a_head_after_its_signer_expired, signed("KEY_EXPIRED"), NOTHING),
        (
            an_approval_that_became_void,
            signed("KEY_REVOKED"),
            signed("APPROVAL_PENDING"),
        ),
        (a_rule_without_enrolments, CLAIM, NOTHING),
        (a_rule_for_notes, CLAIM, NOTHING),
        (an_approver_who_is_the_founder, CLAIM, NOTHING),
        (a_rule_with_nobody_to_approve, CLAIM, NOTHING),
        (a_replacement_that_waits, NOTHING, signed("APPROVAL_PENDING")),
        (
            an_enrolment_out_of_its_place,
            consistent("ENTRY_FORKED") | signed("CHECKPOINT_SIGNATURE"),
            NOTHING,
        ),
        (a_rule_that_is_no_list, CLAIM, NOTHING),
        (an_answer_without_a_rule, CLAIM, NOTHING),
        (
            a_founder_of_small_order,
            signed("SIGNATURE_WRONG", "CHECKPOINT_SIGNATURE"),
            NOTHING,
        ),
        (
            a_head_without_its_second_signature,
            NOTHING,
            signed("POST_QUANTUM_ABSENT"),
        ),
        (a_head_with_both_signatures, NOTHING, NOTHING),
        (
            a_head_with_a_wrong_second_signature,
            signed("CHECKPOINT_SIGNATURE"),
            NOTHING,
        ),
        (
            a_head_with_a_second_signature_from_another_head,
            signed("CHECKPOINT_SIGNATURE"),
            NOTHING,
        ),
        (swapped_heads, consistent("CHECKPOINT_MISNAMED"), NOTHING),
    )
}
FOUNDERLESS = (
    signed("SIGNER_UNKNOWN", "CHECKPOINT_SIGNATURE") | consistent("NO_CASE_OPEN"),
    NOTHING,
)
CASES |= {
    f"an enrolment with {name}": (an_enrolment_with(**changes), CLAIM, NOTHING)  # type: ignore[arg-type]
    for name, changes in FORMS.items()
}
CASES |= {
    "an R of small order": (
        lambda: with_a_twisted_act(0),
        signed("SIGNATURE_WRONG"),
        NOTHING,
    ),
    "an R with a part of small order": (
        lambda: with_a_twisted_act(7 << 200),
        signed("SIGNATURE_WRONG"),
        NOTHING,
    ),
    "a key replaced": (
        lambda: a_key_replaced(uses_old=False, head=BERT),
        NOTHING,
        NOTHING,
    ),
    "a replaced key acts": (
        lambda: a_key_replaced(uses_old=True, head=BERT),
        signed("KEY_REVOKED"),
        NOTHING,
    ),
    "a replaced key signs the head": (
        lambda: a_key_replaced(uses_old=False, head=ANNA),
        signed("CHECKPOINT_SIGNATURE"),
        NOTHING,
    ),
    "an approval": (lambda: answered("approval", BERT), NOTHING, NOTHING),
    "a refusal": (
        lambda: answered("refusal", BERT),
        NOTHING,
        signed("APPROVAL_REFUSED"),
    ),
    "an approval by oneself": (
        lambda: answered("approval", ANNA),
        CLAIM,
        signed("APPROVAL_PENDING"),
    ),
    "an approval of something else": (
        lambda: answered("approval", BERT, wrong=True),
        CLAIM,
        signed("APPROVAL_PENDING"),
    ),
    "a founder with another algorithm": (
        a_founder_with(algorithm="rsa"),
        *FOUNDERLESS,
    ),
    "a founder with another key id": (a_founder_with(key="0" * 64), *FOUNDERLESS),
    "a founder with an odd ML-DSA key": (
        a_founder_with(post_quantum="AAAA"),
        *FOUNDERLESS,
    ),
    "companions of a head": (
        companions("0000000001.tsa.tsr", "0000000001.w-1.cosig"),
        NOTHING,
        NOTHING,
    ),
    "a token moved to no head": (
        companions("0000000002.tsa.tsr"),
        NOTHING,
        consistent("COMPANION_ALONE"),
    ),
    "companions without number": (
        companions(*(f"0000000001.w{n}.cosig" for n in range(65))),
        consistent("COMPANION_MALFORMED"),
        NOTHING,
    ),
    "a companion of another kind": (
        companions("0000000001.tsa.txt"),
        {("complete", "UNLISTED")},
        NOTHING,
    ),
    "a companion with capitals": (
        companions("0000000001.TSA.tsr"),
        {("complete", "UNLISTED")},
        NOTHING,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_all_verifiers_agree(
    name: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CUSTODY_HOME", str(tmp_path / "no-keys"))
    build, failing, remarks = CASES[name]
    found = agree(build().write(tmp_path / "case"), capsys)
    assert (found.failing, found.remarks) == (failing, remarks)


def test_all_verifiers_fail_a_line_that_is_too_long(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The root over it may be computed or not (step 3); the axes are the same."""
    monkeypatch.setenv("CUSTODY_HOME", str(tmp_path / "no-keys"))
    case = a_line_too_long_under_a_head().write(tmp_path / "case")
    ours, _, said = opinions(case, capsys)
    for found in (ours, *said.values()):
        assert found.axes["consistent"] == "fail"
        assert consistent("ENTRY_MALFORMED") <= found.failing
        assert found.failing <= consistent(
            "ENTRY_MALFORMED", "CHECKPOINT_ROOT", "CHAIN_BROKEN"
        )
