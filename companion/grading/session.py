"""What a reader has tried since the kernel was started."""

from dataclasses import dataclass, field

from companion.grading.judging import Outcome


@dataclass
class Tries:
    """The different wrong answers to one exercise, and whether a right one was among the answers."""

    wrong: list[str] = field(default_factory=list)
    right: bool = False

    def take(self, outcome: Outcome) -> int:
        """Note an answer; return how many different wrong ones there were up to it."""
        if outcome.name == "right":
            self.right = True
        elif outcome.name == "wrong":
            told = outcome.mistake or outcome.diagnosis
            seen = repr((outcome.case, outcome.given or outcome.answer, told))
            if seen not in self.wrong:
                self.wrong.append(seen)
            return self.wrong.index(seen) + 1
        return 0


TRIED: dict[str, Tries] = {}


def tries(exercise: str) -> Tries:
    """The tries at the exercise of this id."""
    return TRIED.setdefault(exercise, Tries())
