"""The offences of Regulation (EU) 2023/1543 Annex IV, by number, in short words."""

from __future__ import annotations

from typing import Final

OFFENCES: Final = (
    "participation in a criminal organisation",
    "terrorism",
    "trafficking in human beings",
    "sexual exploitation of children, child pornography",
    "illicit trafficking in narcotic drugs and psychotropic substances",
    "illicit trafficking in weapons, munitions and explosives",
    "corruption",
    "fraud, also against the financial interests of the Union",
    "laundering of the proceeds of crime",
    "counterfeiting of currency",
    "computer-related crime",
    "environmental crime",
    "facilitation of unauthorised entry and residence",
    "murder, grievous bodily injury",
    "illicit trade in human organs and tissue",
    "kidnapping, illegal restraint, hostage-taking",
    "racism and xenophobia",
    "organised or armed robbery",
    "illicit trafficking in cultural goods",
    "swindling",
    "racketeering and extortion",
    "counterfeiting and piracy of products",
    "forgery of administrative documents and trafficking therein",
    "forgery of means of payment",
    "illicit trafficking in hormonal substances and other growth promoters",
    "illicit trafficking in nuclear or radioactive materials",
    "trafficking in stolen vehicles",
    "rape",
    "arson",
    "crimes within the jurisdiction of the International Criminal Court",
    "unlawful seizure of aircraft or ships",
    "sabotage",
)


def offence(number: int) -> str:
    """Return an offence's number with its words, e.g. "3 trafficking in ...".

    A number outside the list, as another program may have recorded, stands alone.
    """
    known = 1 <= number <= len(OFFENCES)
    return f"{number} {OFFENCES[number - 1]}" if known else str(number)
