"""What a package tells people: how to check it by hand, and how to answer it."""

from __future__ import annotations

VERIFY = """\
HOW TO CHECK THIS PACKAGE WITHOUT ANY PROGRAM OF THE SENDER

1. In this folder's parent (where bagit.txt is):
     sha256sum --check --strict tagmanifest-sha256.txt
     sha512sum --check --strict tagmanifest-sha512.txt
     sha256sum --check --strict manifest-sha256.txt
     sha512sum --check --strict manifest-sha512.txt
   or:  sh custody/verify.sh      or:  bagit.py --validate .
   Every line has to say OK. That shows that the files are those on the lists.
   In a list, %25 in a name stands for %, %0A and %0D for line breaks.

2. Compare the number that names the package with the sender, by telephone or in
   person, not by the message that brought it:
     sha256sum tagmanifest-sha256.txt

3. With the custody program, offline:  custody verify FOLDER
   It also checks that what is here belongs to the sender's record, and by which key
   that record was signed. Whose key it is only its holder can tell you.

4. What ends in .age below data/ is encrypted to the receiver and nobody else. The
   steps above compare it as it is. The receiver opens it with the age program:
     age -d -i MINE data/EX-0001.key.age > KEY      (keep KEY secret, destroy it)
     age -d -i KEY data/EX-0001.payload.age
     age -d -i KEY data/EX-0001.inventory.jsonl.age
   and chosen records, where there are such:
     age -d -i MINE data/EX-0001.records.jsonl.age
   or checks what is inside with:  custody verify FOLDER --as NAME

custody/transmission-manifest.json  who sends what to whom, on which order, until when
custody/offer.json                  the sender's signed entry with its proof
custody/checkpoint.note             the signed head of the sender's record
custody/request.txt                 the same with proofs, for your countersignature
custody/proofs/                     where somebody outside signed or stamped an earlier
                                    head: proofs of the exhibits over that one, each to
                                    be checked with:  custody verify FILE
custody/report.pdf                  where it is there: the report the offer names;
                                    custody verify custody/report.pdf

What this does not show: that the content is true, or that the sender keeps no copy.
"""

RECEIPT = """\
HOW TO ANSWER

The sender needs your signed answer, whatever it is. In a case of your own:

  custody -C CASE transfer accept FOLDER -o RECEIPT
      hashes everything again, lists every difference, takes the exhibits into your
      case, countersigns the sender's record, and writes the receipt.

  custody -C CASE transfer decline FOLDER --reason WORD -o RECEIPT
      takes nothing and says why.

Send RECEIPT back, on paper, a stick or by e-mail: it holds no evidence and no names.
The key to answer with is that of custody/recipient.identity.json and no other.
Please answer before the time named as "available_until" in
custody/transmission-manifest.json.
"""

SCRIPT = """\
#!/bin/sh
# Checks a package with sha256sum and sha512sum alone. Exit 0: every file is as listed.
set -eu
cd "$(dirname "$0")/.."
bad=0
for kind in tagmanifest manifest; do
  for sum in sha256 sha512; do
    "${sum}sum" --check --strict --quiet "$kind-$sum.txt" || bad=1
  done
done
here=$(find data -type f | wc -l)
listed=$(wc -l < manifest-sha256.txt)
if [ "$here" -ne "$listed" ]; then
  echo "data holds $here files, the list names $listed" >&2
  bad=1
fi
here=$(find . -path ./data -prune -o -type f ! -name 'tagmanifest-*.txt' -print | wc -l)
listed=$(wc -l < tagmanifest-sha256.txt)
if [ "$here" -ne "$listed" ]; then
  echo "beside data there are $here files, the list names $listed" >&2
  bad=1
fi
if [ -n "$(find . ! -type f ! -type d)" ]; then
  echo "there is a link or device in it" >&2
  bad=1
fi
sha256sum tagmanifest-sha256.txt
[ "$bad" -eq 0 ] && echo "All files are as listed." || echo "NOT as listed." >&2
exit "$bad"
"""

REMINDER = """\
REMINDER OF AN OFFER OF EVIDENCE

To the holder of the key   {recipient}
Record                     {log}
Offer                      {number}, entry {entry}, of {time}
Named by                   {leaf}
Exhibits                   {exhibits}
To be had until            {until}
State today ({today})      {state}

No signed answer has come. Please answer with 'custody transfer accept' or 'custody
transfer decline' and send the receipt back. A refusal is an answer, too: it needs one
word of reason.
"""
