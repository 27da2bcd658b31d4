"""Errors of looking at content, and of referring instead of copying."""

from __future__ import annotations

from manifests.errors import InputError, IntegrityError


class NoConversationError(InputError):
    """A transcript of something that holds no message was asked for."""

    code = "NO_CONVERSATION"
    exit_code = 37
    template = "{exhibit} holds no message this version could read."
    safe = "The consultation is recorded; nothing was shown."
    advice = "See 'custody show EXHIBIT' for what the exhibit is."


class InventoryAlteredError(IntegrityError):
    """An inventory is not the one its acquire entry commits to."""

    code = "INVENTORY_ALTERED"
    exit_code = 10
    template = "The inventory of {exhibit} is not the one that was recorded."
    safe = "Nothing of it was shown as evidence; nothing was changed."
    advice = "Run 'custody verify' and restore the exhibit from another copy."


class ReferralRefusedError(InputError):
    """Something cannot be referred as it was asked for."""

    code = "REFERRAL_REFUSED"
    exit_code = 34
    template = "This cannot be referred: {reason}."
    safe = "Nothing was recorded, and no content was written anywhere."
    advice = "See 'custody refer --help'; give regular files, one by one."


class TimeRangeRefusedError(InputError):
    """The range of times of an export is none."""

    code = "TIME_RANGE_REFUSED"
    exit_code = 34
    template = "The time range is none: {reason}."
    safe = "Nothing was written and nothing was recorded."
    advice = "Give times of RFC 3339 with their zone, or dates (UTC), from before to."
