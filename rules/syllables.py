"""Decides whether a word can be Vietnamese."""

import re
from unicodedata import normalize

from rules.numbers import TONES

_RIMES = """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
    i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu y yêm yên yêng yêt yêu
    o oc oi om on ong oong op ot oa oac oach oai oam oan oang oanh oao oap oat oay
    oăc oăm oăn oăng oăt oe oen oeo oet ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uc ui um un ung up ut uân uâng uât uây uê uêch uênh uơ uôc uôi uôm uôn uông uôt
    uy uya uych uynh uyt uyu uyên uyêt
    ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
"""
_SYLLABLE = re.compile(
    r"(?:gi|qu|[kc]h|g(?=[^ieêy])|gh(?=[ieê])|ngh(?=[ieê])|ng(?=[^ieêy])|nh|ph|t[hr]"
    r"|k(?=[ieêy])|c(?=[^ieêy])|[bdđhlmnrstvx])?"
    rf"(?:{'|'.join(sorted(_RIMES.split(), key=len, reverse=True))})|gi(?:n|êng|ên|êt|êu|êm|êp)?"
)
_STOPPED = ("c", "p", "t", "ch")
_OF_STOPPED = {"\u0301", "\u0323"}


def is_syllable(word: str) -> bool:
    """Whether the word is spelt as one Vietnamese syllable, its tone one that it can have."""
    spread = normalize("NFD", word.lower())
    tones = TONES.findall(spread)
    bare = normalize("NFC", TONES.sub("", spread))
    if len(tones) > 1 or not _SYLLABLE.fullmatch(bare):
        return False
    return not bare.endswith(_STOPPED) or bool(tones and tones[0] in _OF_STOPPED)
