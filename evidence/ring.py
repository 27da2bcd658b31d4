"""A ring of re-used buffers between one filling thread and its workers."""

from __future__ import annotations

import mmap
import threading
from collections.abc import Callable
from queue import SimpleQueue


class Block:
    """One buffer, page aligned; `length` bytes of `view` are filled."""

    __slots__ = ("holders", "length", "view")

    def __init__(self, size: int) -> None:
        # Private memory: only touched pages exist, so small payloads stay small.
        memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.view = memoryview(memory)
        self.length = 0
        self.holders = 0  # workers that still need it; guarded by the ring's lock


Work = Callable[[Block], None]


class Ring:
    """Blocks handed to every worker in order, and back when all are done.

    A worker that raises is not called again; its thread goes on giving blocks back,
    so the filling thread never waits for ever and meets the error in its next call.

    Args:
        block_bytes: size of each block, a multiple of the page size.
        blocks: how many there are at most; made when first needed.
        workers: each runs in a thread of its own, started with the first block.
    """

    def __init__(self, block_bytes: int, blocks: int, *, workers: list[Work]) -> None:
        self.block_bytes = block_bytes
        self.failure: Exception | None = None
        self._unmade = blocks
        self._workers = workers
        self._free: SimpleQueue[Block] = SimpleQueue()
        self._queues: list[SimpleQueue[Block | None]] = []
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    @property
    def running(self) -> bool:
        """True once the threads were started."""
        return bool(self._threads)

    def take(self) -> Block:
        """Return an empty block, waiting until one is free."""
        if self._unmade and self._free.empty():
            self._unmade -= 1
            return Block(self.block_bytes)
        block = self._free.get()
        block.length = 0
        return block

    def hand_over(self, block: Block) -> None:
        """Give a filled block to all workers."""
        if not self._threads:
            self._start()
        block.holders = len(self._queues)
        for queue in self._queues:
            queue.put(block)

    def stop(self) -> None:
        """Let the workers finish what they were given and end their threads."""
        for queue in self._queues:
            queue.put(None)
        for thread in self._threads:
            thread.join()
        self._queues, self._threads = [], []

    def _start(self) -> None:
        for work in self._workers:
            queue: SimpleQueue[Block | None] = SimpleQueue()
            thread = threading.Thread(
                target=self._serve, args=(queue, work), daemon=True
            )
            thread.start()
            self._queues.append(queue)
            self._threads.append(thread)

    def _serve(self, queue: SimpleQueue[Block | None], work: Work) -> None:
        while (block := queue.get()) is not None:
            if self.failure is None:
                try:
                    work(block)
                except Exception as error:  # noqa: BLE001 - raised again by the owner
                    self.failure = error
            with self._lock:
                block.holders -= 1
                idle = block.holders == 0
            if idle:
                self._free.put(block)
