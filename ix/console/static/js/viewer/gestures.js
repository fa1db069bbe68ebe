// @ts-check
// Ctrl with the wheel, and two fingers: both scale the pages and keep the point under them.

/** How much one notch of the wheel scales. */
const NOTCH = 1.1;

/** @param {HTMLElement} stage @param {(factor: number, around: {clientX: number, clientY: number}) => void} scale
 * @param {AbortSignal} signal ends it */
export function scaleByGestures(stage, scale, signal) {
  stage.addEventListener("wheel", event => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    scale(event.deltaY < 0 ? NOTCH : 1 / NOTCH, event);
  }, { passive: false, signal });
  let apart = 0;
  stage.addEventListener("touchmove", event => {
    if (event.touches.length !== 2) return;
    event.preventDefault();
    const [a, b] = event.touches, now = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    if (apart) scale(now / apart, { clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 });
    apart = now;
  }, { passive: false, signal });
  stage.addEventListener("touchend", () => { apart = 0; }, { signal });
  stage.addEventListener("touchcancel", () => { apart = 0; }, { signal });
}
