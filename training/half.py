"""A working copy of a net in bfloat16 runs forwards and backwards; the master in float32 learns.

Autocast casts every weight again at each pass, and casts its gradient back: with an encoder of 11
million weights and batches of a few thousand tokens that was most of a step.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn


class WorkingCopy:
    """A net in bfloat16 beside its master.

    Args:
        master: in float32; what does not require a gradient is not learned.
        limit: the norm to which gradients are clipped.
    """

    def __init__(self, master: nn.Module, limit: float = 1.0) -> None:
        self.net = copy.deepcopy(master).bfloat16().train()
        self._limit = limit
        both = zip(master.parameters(), self.net.parameters(), strict=True)
        learned = [(one, work) for one, work in both if one.requires_grad]
        self._master: list[Tensor] = [one for one, _ in learned]
        self._work: list[Tensor] = [work for _, work in learned]

    def learn(self, optimiser: torch.optim.Optimizer) -> None:
        """One step of the master along the copy's gradients; the copy then follows it."""
        for one, work in zip(self._master, self._work, strict=True):
            one.grad = None if work.grad is None else work.grad.float()
            work.grad = None
        nn.utils.clip_grad_norm_(self._master, self._limit)
        optimiser.step()
        optimiser.zero_grad()
        with torch.no_grad():
            torch._foreach_copy_(self._work, self._master)


def halves(*tensors: Tensor) -> tuple[Tensor, ...]:
    """Tensors of numbers as the copy takes them; ids stay whole."""
    return tuple(each.bfloat16() if each.is_floating_point() else each for each in tensors)
