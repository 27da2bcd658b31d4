"""What `VERIFY.txt` inside a report tells who has nothing but the report."""

from __future__ import annotations

VERIFY = """\
HOW TO CHECK WHAT THIS REPORT CARRIES, WITHOUT THE PROGRAM THAT MADE IT

1. Take the attachments out, into an empty folder (poppler's tools; most viewers can
   do it, too, where they show a paper clip):
     pdfdetach -saveall -o . REPORT.pdf

2. Compare the digest of each with the report's table "Attachments of this file":
     sha256sum *

3. Put them where the record has them:
     mkdir -p manifest/checkpoints
     mv entries.jsonl manifest/
     mv *.note *.tsr *.cosig *.p7s manifest/checkpoints/
   (mv complains of kinds of which there are none; that does no harm.)

4. Run the commands of the report's chapter "How to check this by hand". Those that
   name exhibits/ or private/ need the case itself; the others do not. They show that
   the log is the one whose root the report prints, and by which key it was signed.

entries.jsonl   the signed log, one entry a line, as far as the report covers it
*.note          a signed head of the log: number of entries, Merkle root (RFC 6962)
*.tsr           an RFC 3161 time stamp of the head of the same number:
                  openssl ts -verify -token_in -in X.tsr -data X.note -CAfile TSA.pem
*.cosig         countersignatures of the head of the same number
*.p7s           a signature with a certificate, over the head of the same number:
                  openssl cms -verify -inform DER -in X.p7s -content X.note -CAfile CA
*.sha512        second digests of what the case holds, made by a renewal
keys.json       public keys of those who acted; a key id is the SHA-256 of the key

What this does not show: that the content of the exhibits is true, whose keys these
are, or what was done and not recorded.
"""
