"""The option that names proofs other tools made, and what is done with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from evidence.acquire import Acquired, Method, Request, Work
    from evidence.case import CaseWriter
    from evidence.copying import Written
    from evidence.peers.checking import Peers, Signer

KEY = "custody.peer-proofs"
SIGNER = "custody.peer-keys"
_MAX_SENTENCES = 20
_F = TypeVar("_F", bound=Callable[..., object])


def _keep(ctx: click.Context, _param: click.Parameter, value: Any) -> None:
    ctx.meta[KEY] = tuple(value)


def _keep_signer(ctx: click.Context, _param: click.Parameter, value: Any) -> None:
    ctx.meta[SIGNER] = tuple(value)


def peer_option(function: _F) -> _F:
    """Add ``--peer-proof`` and ``--peer-key``."""
    function = click.option(
        "--peer-key",
        metavar="FINGERPRINT|FILE",
        multiple=True,
        expose_value=False,
        callback=_keep_signer,
        help="Whose OpenPGP key has to have signed the proofs: a fingerprint you know "
        "from elsewhere, or a file with the public key (repeatable).",
    )(function)
    return click.option(
        "--peer-proof",
        metavar="FILE|auto",
        multiple=True,
        expose_value=False,
        callback=_keep,
        help="Compare with a proof of another tool, and keep it (repeatable): sums, "
        "hashdeep, .tsr, ProofMode, E01; auto: those beside and inside the source.",
    )(function)


@dataclass(slots=True)
class PeerCheck:
    """The proofs named on the command line, over all exhibits of one command."""

    wanted: tuple[str, ...]
    keys: tuple[str, ...] = ()
    bad: int = 0
    incomplete: bool = False
    exhibits: list[str] = field(default_factory=list)
    told: dict[str, list[str]] = field(default_factory=dict)
    _kept: set[Path] = field(default_factory=set)
    _peers: Peers | None = None
    _signer: Signer | None = None

    @classmethod
    def from_context(cls) -> PeerCheck:
        """Read what the options kept.

        Raises:
            click.UsageError: a key was named and no proof.
            PeerKeyError: a key is none.
        """
        meta = click.get_current_context().meta
        found = cls(meta.get(KEY, ()), meta.get(SIGNER, ()))
        if found.keys and not found.wanted:
            raise click.UsageError("--peer-key goes with --peer-proof.")
        if found.keys:
            from evidence.peers.checking import Signer

            found._signer = Signer.read(found.keys)
        return found

    def around(self, method: Method) -> Method:
        """Return `method`, followed by the comparison when proofs were named."""
        if not self.wanted:
            return method
        from evidence.peers.checking import Peers, Signer

        self._peers = Peers(self.wanted, self._signer or Signer())
        return self._peers.around(method)

    def finish(self, writer: CaseWriter, acquired: Acquired) -> list[Acquired]:
        """Keep the proofs beside the source as documents of the exhibit.

        Raises:
            PeerProofChangedError: one is not what was compared.
        """
        if self._peers is None:
            return []
        from evidence.peers.claims import Result

        self.told[acquired.exhibit] = self._sentences()
        wrong = self._peers.count(Result.MISMATCHED, Result.UNREADABLE)
        if wrong:
            self.bad += wrong
            self.exhibits.append(acquired.exhibit)
        self.incomplete |= bool(self._peers.count(Result.INCOMPLETE))
        self.incomplete |= self._peers.is_unsigned
        kept: list[Acquired] = []
        for path, sha256 in (file for one in self._peers.checked for file in one.keep):
            if path not in self._kept:
                self._kept.add(path)
                kept.append(_document(writer, path, sha256, acquired.exhibit))
        return kept

    def sentences(self, exhibit: str) -> list[str]:
        """Return what the proofs of an exhibit say and do not say (sealed there)."""
        found = self.told.get(exhibit, [])
        more = len(found) - _MAX_SENTENCES
        if more <= 0:
            return found
        return [*found[:_MAX_SENTENCES], f"... and {more} more: see --json."]

    def _sentences(self) -> list[str]:
        if self._peers is None:
            return []
        told = [one.sealed.get("sentences") for one in self._peers.checked]
        found = [str(s) for each in told if isinstance(each, list) for s in each]
        if self._peers.is_unsigned:
            found.append("Nothing is signed by the key named with --peer-key.")
        return found

    def check(self) -> None:
        """End the command as its worst proof demands.

        Raises:
            PeerMismatchError: a proof does not fit, or could not be read.
        """
        if self.bad:
            from evidence.peer_errors import PeerMismatchError

            raise PeerMismatchError(count=self.bad, exhibits=", ".join(self.exhibits))


def _document(writer: CaseWriter, path: Path, sha256: str, exhibit: str) -> Acquired:
    from evidence.acquire import DOCUMENT, Request, acquire
    from evidence.methods import take_files
    from evidence.peer_errors import PeerProofChangedError

    made: list[str] = []

    def take(work: Work) -> Written:
        written = take_files(work)
        made.append(written.sha256)
        return written

    request: Request = Request(DOCUMENT, (path,), documents=exhibit)
    acquired = acquire(writer, request, take)
    if made != [sha256]:
        raise PeerProofChangedError(exhibit=exhibit)
    return acquired
