"""Findings of the verifier and what it did not check."""

from __future__ import annotations

from evidence.report.i18n import N_

SENTENCES = (
    N_("Its signer has an ML-DSA-44 key, but did not sign it with that one."),
    N_("This installation cannot check its ML-DSA-44 signature."),
    N_("More than {n} files stand beside one checkpoint."),
    N_("A checkpoint over no entries confirms nothing."),
    N_("The checkpoint belongs to another manifest."),
    N_("The checkpoint is over {n} entries, not what it is named."),
    N_("Its ML-DSA-44 signature does not match it."),
    N_("There is no checkpoint, so cut-off entries could not be noticed."),
    N_("The first {n} entries are not those it was made over."),
    N_("No key in force there signed this checkpoint as it stands."),
    N_(
        "It was made over {n} entries, but the manifest holds only {size}: "
        "entries are missing or the end was cut off."
    ),
    N_("It belongs to a checkpoint that is not there."),
    N_("The last entries have no checkpoint yet: a command was interrupted."),
    N_("entries from {n}"),
    N_("entry {n}"),
    N_("entry {n} to {m}"),
    N_("the manifest"),
    N_(
        "{file} has SHA-256 {digest} and {size} bytes; recorded were {recorded} "
        "and {bytes}."
    ),
    N_("Encrypted files were compared with their digests, not decrypted."),
    N_("What the encrypted files hold: they were compared as they are, not decrypted."),
    N_("Whoever has a key can check that with 'custody verify --as NAME'."),
    N_("It is not there: without it nobody can decrypt {what}."),
    N_("{what} although an erasure is in force."),
    N_(
        "'custody erase --carry-out' ends what was interrupted; otherwise "
        "somebody put it back."
    ),
    N_("Its sealed record is still there"),
    N_("The report is still there"),
    N_("{file} is still there"),
    N_("Erased on {time} by key {who}, because: {reason}."),
    N_("approved by key {key}"),
    N_("ground {ground}"),
    N_("no ground recorded"),
    N_("Entry {seq}; its digests remain."),
    N_("{file} ({bytes} bytes) is not there."),
    N_("{file} could not be read: {error}."),
    N_("The inventory is not there."),
    N_("The inventory could not be read: {error}."),
    N_(
        "The inventory has {n} records and root {root}; recorded were {recorded} "
        "and {was}."
    ),
    N_("The manifest does not name it."),
    N_(
        "If a crash interrupted an act just then, 'custody recover' sets it "
        "aside; otherwise somebody put it there."
    ),
    N_("An interrupted act left it; it is no evidence. 'custody recover' tidies."),
    N_("One kept outside confirms the first {n}."),
    N_("It is not what was recorded."),
    N_("It is recorded but not there."),
    N_("Its sealed record could not be read: {error}."),
    N_("Its sealed record is not there."),
    N_("Its sealed record is not the one the entry commits to."),
    N_("This key signed in the case but is not one you gave as trusted."),
    N_("{findings}; see below."),
    N_("It needs a second person's approval and is not in force without it."),
    N_("A second person refused it: it never came into force."),
    N_("The actor's key was not allowed to sign in this case."),
    N_("Its key was revoked or replaced by entry {n}."),
    N_("It was made outside the time its key was enrolled for."),
    N_("Its key has no right to {what} in this case."),
    N_("Its key may not act in that role."),
    N_("Its key was not valid any more: it covers an entry made later."),
    N_("Entry {seq} revokes its key from {since} on; it is not before that."),
    N_("Its key was enrolled by an act that entry {seq} makes void."),
    N_("A line is longer than an entry can be."),
    N_("The last line is incomplete: an act was interrupted, or it was cut."),
    N_("Its version or time does not have the prescribed form."),
    N_("The entry belongs to another manifest."),
    N_("The entry's type is not one of format version 1."),
    N_("The entry stands twice in the manifest."),
    N_("Two different entries have this number."),
    N_("The entry stands after later ones."),
    N_("The entry does not name the entry before it."),
    N_("It carries a signature by a key that is not the actor's."),
    N_("The signature does not match the entry: it was altered."),
    N_("The actor's own signature is missing."),
    N_("Its time is before that of the entry before it: a clock was set."),
    N_("Two entries claim to have acquired this exhibit."),
    N_("Exhibits are numbered without gaps; {exhibit} comes next."),
    N_("{n} further findings are not listed."),
    N_("The first entry does not open a case and name its founder's key."),
    N_("It is not in the manifest although later entries are."),
    N_("{what} is not well formed: {reason}."),
    N_("The list of second digests that an entry names is not there."),
    N_("The list of second digests could not be read: {error}."),
    N_("The list of second digests is not the one its entry names."),
    N_("The list of second digests has not its form: {reason}."),
    N_("{name} names it, but it is not there."),
    N_("{name} names it, but it could not be read."),
    N_("It has not the SHA-512 that {name} gives."),
    N_(
        "That nothing newer was cut off the end: the first {n} entries are "
        "countersigned; of what may have come after them only the case itself "
        "tells."
    ),
    N_(
        "That nothing was cut off the end: whoever can write to the only copy of "
        "a case can remove its newest acts with their checkpoints, and the holder"
        " of the key can rewrite all of it, as far as no checkpoint was kept "
        "outside the case (one was given and confirms the first {n} entries)."
    ),
)
