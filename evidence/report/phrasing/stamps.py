"""What the verifier says of time stamps and countersignatures."""

from __future__ import annotations

from evidence.report.i18n import N_

SENTENCES = (
    N_("The first {size} of {entries} existed by {time}, according to {authority}."),
    N_("{n} time stamp holds."),
    N_("{n} time stamps hold."),
    N_("It claims to be an EU qualified one; the EU trusted list tells."),
    N_(
        "{stamps} found, but no authority's root was given (--tsa-root), so none "
        "is trusted."
    ),
    N_("Of {stamps} none counts: see the remarks."),
    N_("No time stamp stands over this list yet: 'custody seal' asks again."),
    N_("{files} there at that time are not in it."),
    N_(
        "It rests on {algorithms}, in its imprint or its signature: it renews "
        "nothing if that falls."
    ),
    N_(
        "An entry it covers states {time}, but existed by {latest}: its clock was"
        " wrong, or was set."
    ),
    N_(
        "Its authority's certificate ended on {time} and it was not renewed "
        "before: 'custody seal --renew' while the certificates of all tokens are "
        "valid."
    ),
    N_(
        "{list}: {files} and {n} entries by SHA-512, renewed by {time} according "
        "to {authority}."
    ),
    N_(
        "{list}: {files} and {n} entries by SHA-512; not checked by a time stamp:"
        " {why}."
    ),
    N_("none holds over it"),
    N_("no authority's root was given"),
    N_("The certificate of {name} was not valid at that time."),
    N_("{name} is not below a root you gave as trusted for time."),
    N_("The authority's certificate has ended since."),
    N_("It is over a digest that is none of SHA-256, SHA-384 and SHA-512."),
    N_("It is over other bytes than this file: it was moved or altered."),
    N_("Its signature does not say by which certificate it was made."),
    N_("It does not carry its authority's certificate, and none was given."),
    N_("The certificate beside its signature is not the one it names."),
    N_("It is signed over a digest weaker than SHA-256, or an unknown one."),
    N_("This tool cannot judge signatures by algorithm {algorithm}."),
    N_("This tool cannot judge signatures by a key of this kind."),
    N_("It is not a well-formed time stamp: {error}."),
    N_("its digest algorithms differ"),
    N_("Its signature does not match what it says."),
    N_("It is not by a time-stamping authority: {problem}."),
    N_("It is not by a time-stamping authority you trust: {problem}."),
    N_("This tool does not know its critical extension {extension}."),
    N_("Its signature is too weak: {weakness}."),
    N_("The chain of its certificates is too weak: {reason}."),
    N_("OpenSSL does not accept its chain or signature ({reason})."),
    N_("It is no time stamp but an authority's refusal."),
    N_("its certificate is for other purposes than time stamping"),
    N_("its certificate is not one for time stamping"),
    N_("its certificate does not mark its purpose as critical"),
    N_("its certificate's key is not for signing"),
    N_("a certificate in its chain may not issue certificates for this"),
    N_("an RSA key of {bits} bits"),
    N_("an elliptic-curve key of {bits} bits"),
    N_("a key of unknown kind"),
    N_("a certificate signed in an unknown way"),
    N_("a certificate signed over {digest}"),
    N_("No log key of your policy signed the newest checkpoint of this case."),
    N_("The first {size} of {entries} entries are countersigned by {by}."),
    N_("The policy asks for {quorum}; countersigned by: {named}."),
    N_("Countersigned by {keys} you do not know; give --witness or --policy."),
    N_("Your policy asks for no countersignature, and none is there."),
    N_("The countersignature of {name} does not hold."),
    N_(
        "{name} countersigned this checkpoint over {n} entries ({time}), and the "
        "manifest does not fit it."
    ),
    N_("Its time, {time}, is in the future: a clock is wrong."),
    N_("It is by a key of the case itself, so it witnesses nothing."),
    N_(
        "{name} countersigned at {time} what states a later time ({later}): a "
        "clock was wrong, or was set."
    ),
    N_("no time stated"),
)
