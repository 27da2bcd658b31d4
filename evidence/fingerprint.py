"""Key ids as words, so that two people can read them to each other.

Every byte of the key id is one of 256 words: 32 words in 8 groups of 4. All of the id
is read, not a part of it: keys whose ids agree in a short beginning can be made. Any
two words differ in at least three letters, so one misheard letter gives no other word.
"""

from __future__ import annotations

from evidence.key_errors import FingerprintRefusedError
from manifests.keys import KeyId

WORDS = tuple(  # their order is part of the format: never change it
    """
    acorn album alley amber anchor angle arena artist autumn avocado badge bagpipe
    bakery balcony bamboo banana banjo barrel basket beacon beaver bedroom bicycle
    biscuit blizzard blossom bottle broccoli bronze brother buffalo bundle butter
    cabin cactus camera canal captain carpet castle cedar ceiling cherry chicken
    chimney cinema circus clover cobalt cobweb coconut coffee comet compass copper
    cotton cousin coyote cradle crystal cucumber cushion daffodil dancer denim
    dentist desert diamond doctor dolphin donkey dragon driver dynamo echo eclipse
    elbow elephant elevator engine envelope evening fabric family feather fiddle
    finger flamingo forest fortune fountain frozen galaxy garden garlic giraffe
    glacier gorilla granite guitar gymnast hammock harvest hedgehog helmet horizon
    hotel husband iceberg igloo indigo inkwell insect island ivory jaguar jasmine
    jersey jigsaw journey juggler jukebox kangaroo kayak kennel ketchup kingdom
    kiosk kitchen koala ladder lagoon lantern laptop lemon leopard library lilac
    lobster locket lunch magnet mailbox maple meadow mermaid meteor mirror mitten
    morning mosaic muffin museum mustard napkin needle nephew notebook nugget nutmeg
    oasis ocean octopus office olive omelette onion opera orange orchid ostrich
    oxcart oxygen padlock painter palace pancake panda paper parrot passport pasture
    peanut pebble pelican pencil penguin piano picnic pigeon pillow pirate plastic
    potato prairie pretzel pumpkin puppet purple pyramid quilt rabbit radish raven
    ribbon rodeo rubber sailor salmon saturn sausage school scooter sheriff silver
    skeleton soccer spider spinach squirrel stadium station summer sunset sunshine
    sweater tadpole teacup temple tennis thunder tornado tractor trolley trumpet
    tulip turkey tuxedo umbrella unicorn vampire vanilla village violin vitamin
    volcano voyage wallaby walnut whistle yogurt yonder zebra zeppelin zigzag
    zucchini
    """.split()  # noqa: SIM905 - 256 lines would hide what is in it
)
_NUMBERS = {word: number for number, word in enumerate(WORDS)}
_GROUP = 4
_BYTES = 32


def words(key: KeyId) -> list[str]:
    """Return the 32 words of a key id (64 hex digits)."""
    return [WORDS[byte] for byte in bytes.fromhex(key)]


def groups(key: KeyId) -> list[str]:
    """Return the words in 8 groups of 4, to be read out group by group."""
    spelled = words(key)
    return [" ".join(spelled[i : i + _GROUP]) for i in range(0, _BYTES, _GROUP)]


def parse(text: str) -> KeyId:
    """Read a fingerprint: 32 words, or the 64 hex digits of the key id.

    Case, white space, hyphens and commas between the words do not matter.

    Raises:
        FingerprintRefusedError: it is neither.
    """
    told = text.casefold().replace("-", " ").replace(",", " ").split()
    joined = "".join(told)
    if len(joined) == 2 * _BYTES and not set(joined) - set("0123456789abcdef"):
        return KeyId(joined)
    unknown = [word for word in told if word not in _NUMBERS]
    if unknown:
        reason = f"{unknown[0][:20]!r} is none of the words"
        raise FingerprintRefusedError(reason=reason)
    if len(told) != _BYTES:
        reason = f"it has {len(told)} words, not {_BYTES}"
        raise FingerprintRefusedError(reason=reason)
    return KeyId(bytes(_NUMBERS[word] for word in told).hex())
