"""How rosters write diet needs: each word → kind and detail. What nobody knows is kept as a taste."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from canteen.values import DietKind

_KINDS: tuple[tuple[DietKind, str], ...] = (
    (DietKind.ALLERGY, r"过敏"),
    (DietKind.HALAL, r"清真|回民|回族|穆斯林|不吃猪肉|忌猪肉|忌大肉|不吃大肉"),
    (DietKind.DIABETIC, r"糖尿病|低糖|无糖|血糖|控糖|忌糖|少糖"),
    (DietKind.LOW_SALT, r"低盐|少盐|高血压|忌盐|低钠|清淡"),
    (DietKind.LOW_PURINE, r"嘌呤|痛风|尿酸"),
    (DietKind.LIQUID, r"流食|流质|鼻饲|匀浆"),
    (DietKind.MINCED, r"碎食|切碎|打碎|剁碎|糊状|糜"),
    (DietKind.SOFT, r"软食|软烂|牙口|无牙|少牙|软饭|半流|易嚼|假牙|煮烂"),
)


@dataclass(frozen=True)
class Need:
    """One diet need; `detail` names the food of an allergy or the taste."""

    kind: DietKind
    detail: str = ""

    @property
    def text(self) -> str:
        return self.detail or self.kind.value


def read_needs(words: Iterable[str]) -> list[Need]:
    """花生过敏 → allergy 花生; 低盐 → low salt; 不吃香菜 → taste. In their order, each once."""
    return list(dict.fromkeys(_need(word) for word in words))


def _need(word: str) -> Need:
    for kind, pattern in _KINDS:
        if re.search(pattern, word):
            if kind is DietKind.ALLERGY:
                return Need(kind, re.sub(r"^对|(食物)?过敏.*$|[::]", "", word) or "未注明")
            return Need(kind)
    return Need(DietKind.TASTE, word)
