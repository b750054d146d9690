// Asks for the next drawing of a part that changes by itself: some seconds after the last drawing has arrived, and only
// while the page is at rest. A question that is under way while the page changes would empty the new page.
const QUIET = 500; // milliseconds in which nobody touched the page and no part asked
const LOOK = 100; // milliseconds between two looks whether the page is at rest
const LOST = 10_000; // milliseconds after which a question without an answer is asked again
let stirred = 0;
for (const kind of ["pointerdown", "pointerup", "click", "keydown", "popstate"]) {
  window.addEventListener(kind, () => { stirred = performance.now(); }, true);
}

function atRest() {
  const app = document.querySelector('[data-testid="stApp"]');
  return app?.dataset.testScriptState === "notRunning" && performance.now() - stirred > QUIET;
}

const waiting = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const wait = (milliseconds) => waiting.set(parentElement, setTimeout(ask, milliseconds));
  const ask = () => {
    if (!atRest()) return wait(LOOK);
    stirred = performance.now();
    setTriggerValue("due", data.drawn);
    wait(LOST);
  };
  clearTimeout(waiting.get(parentElement));
  wait(data.seconds * 1000);
  return () => clearTimeout(waiting.get(parentElement));
}
