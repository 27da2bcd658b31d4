"""Errors of the network and of time-stamping authorities."""

from __future__ import annotations

from manifests.errors import TrustError


class NetworkError(TrustError):
    """An outside service could not be asked, or did not answer as it should."""

    code = "NETWORK_FAILED"
    exit_code = 27
    template = "The service at {host} could not be used: {reason}."
    advice = "Check the connection and the service's address."
    safe = "Nothing of the case was changed by the attempt."


class NetworkUnavailableError(NetworkError):
    """No connection, or no whole answer in time."""

    code = "NETWORK_UNAVAILABLE"
    template = "The service at {host} could not be reached: {reason}."
    advice = "Check the connection and run the command again."


class NetworkRefusedError(NetworkError):
    """An address is not one this tool asks."""

    code = "NETWORK_REFUSED"
    exit_code = 28
    template = "An address ({host}) is not used: {reason}."
    safe = "Nothing was sent and nothing was changed."
    advice = "Give an http or https address without user name and password."


class NetworkAnswerError(NetworkError):
    """A service answered, but not as it should."""

    code = "NETWORK_ANSWER"
    template = "The service at {host} answered oddly: {reason}."
    advice = "Check the service's address with whoever runs it."


class StampRefusedError(TrustError):
    """A time-stamping authority said no."""

    code = "STAMP_REFUSED"
    exit_code = 25
    template = "The time-stamping authority {name} refused: {reason}."
    safe = "The checkpoint is safe; the request is kept in manifest/pending."
    advice = "Ask whoever runs the authority, or another one with --tsa NAME=URL."


class StampAnswerError(TrustError):
    """What came as a time stamp is not one over this checkpoint, for this request."""

    code = "STAMP_ANSWER"
    exit_code = 26
    template = "What came from {name} is not stored: {reason}."
    safe = "The checkpoint is safe; nothing was stored as a time stamp."
    advice = "Ask again; if it happens again, ask another authority."
