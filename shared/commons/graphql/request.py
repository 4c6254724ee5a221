"""What one GraphQL request carries: the circumstances, the pool for writing, its batch loaders."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from strawberry.dataloader import DataLoader

from commons.context import Ctx
from commons.database import Pool

BATCH_SIZE_MAX: Final = 500  # keys in one call of a loader

Load = Callable[..., Awaitable[Sequence[Any]]]


class Request:
    """The context value of an execution: resolvers use nothing else of strawberry's info."""

    __slots__ = ("_loaders", "ctx", "write")

    def __init__(self, ctx: Ctx[Any], write: Pool) -> None:
        self.ctx = ctx
        self.write = write
        self._loaders: dict[tuple[object, str], DataLoader[Any, Any]] = {}

    def loader(self, load: Load, arguments: dict[str, object]) -> DataLoader[Any, Any]:
        """The one loader of this request for a function and its arguments: all places share a call."""
        name = (load, repr(arguments) if arguments else "")
        if name not in self._loaders:

            async def fetch(keys: list[Any]) -> Sequence[Any]:
                return await load(self.ctx, keys, **arguments)

            self._loaders[name] = DataLoader(fetch, max_batch_size=BATCH_SIZE_MAX)
        return self._loaders[name]
