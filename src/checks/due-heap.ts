/** A binary heap of things with a due time: thousands of checks cost one timer and a few comparisons per run. */
export interface DueHeap<T> {
  push(due: number, item: T): void;
  /** The earliest due time; undefined when empty. */
  nextDue(): number | undefined;
  /** Takes out the earliest item. */
  pop(): { readonly due: number; readonly item: T } | undefined;
  readonly size: number;
}

/** Makes an empty heap. Items with the same due time come out in any order. */
export function createDueHeap<T>(): DueHeap<T> {
  const heap: { due: number; item: T }[] = [];

  function swap(a: number, b: number): void {
    const kept = heap[a]!;
    heap[a] = heap[b]!;
    heap[b] = kept;
  }

  function up(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]!.due <= heap[at]!.due) return;
      swap(at, parent);
      at = parent;
    }
  }

  function down(): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      let least = at;
      if (left < heap.length && heap[left]!.due < heap[least]!.due) least = left;
      if (right < heap.length && heap[right]!.due < heap[least]!.due) least = right;
      if (least === at) return;
      swap(at, least);
      at = least;
    }
  }

  return {
    push(due, item) {
      heap.push({ due, item });
      up(heap.length - 1);
    },
    nextDue: () => heap[0]?.due,
    pop() {
      const first = heap[0];
      const last = heap.pop();
      if (!first || !last) return undefined;
      if (heap.length > 0) {
        heap[0] = last;
        down();
      }
      return first;
    },
    get size() {
      return heap.length;
    },
  };
}
