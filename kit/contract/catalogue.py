"""Every operation by name: a new capability is a module and one line here."""

from typing import Final

from kit.contract import people, tasks
from kit.contract.operation import Capability, Operation

OPERATIONS: Final[dict[str, Operation]] = {
    operation.name: operation for module in (tasks, people) for operation in module.OPERATIONS
}


def served_by(capability: Capability) -> tuple[Operation, ...]:
    """Return the operations of *capability*, in the contract's order."""
    return tuple(each for each in OPERATIONS.values() if each.capability is capability)
