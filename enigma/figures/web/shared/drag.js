// Dragging with one pointer: mouse, finger or pen.

/**
 * Calls `move` where a drag begins and as long as it goes on.
 * @param {HTMLElement | SVGElement} element
 * @param {object} steps
 * @param {(event: PointerEvent) => unknown} [steps.start] returns false to leave this drag alone
 * @param {(event: PointerEvent) => void} steps.move
 * @param {() => void} [steps.end]
 */
export function onDrag(element, { start = () => true, move, end = () => {} }) {
  /** @type {number | null} */
  let pointer = null;
  const listen = /** @type {HTMLElement} */ (element);
  listen.addEventListener("pointerdown", (event) => {
    const held = pointer !== null && element.hasPointerCapture(pointer);
    if (event.button > 0 || held || start(event) === false) return;
    pointer = event.pointerId;
    capture(element, pointer);
    move(event);
  });
  listen.addEventListener("pointermove", (event) => event.pointerId === pointer && move(event));
  /** @param {PointerEvent} event */
  const release = (event) => {
    if (event.pointerId !== pointer) return;
    pointer = null;
    end();
  };
  listen.addEventListener("pointerup", release);
  listen.addEventListener("pointercancel", release);
}

/**
 * Keeps a drag going outside its element; a pointer that is already gone cannot be captured, and need not be.
 * @param {Element} element
 * @param {number} pointer
 */
export function capture(element, pointer) {
  try {
    element.setPointerCapture(pointer);
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== "NotFoundError") throw error;
  }
}
