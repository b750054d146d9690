// Asks for the next drawing of a part that changes by itself: some seconds after the last drawing has arrived, and only
// while nothing else is, or was a moment ago, under way. A question that reaches the server while the page changes would
// empty the new page.
const TOUCHED = 1500; // milliseconds after a touch in which the server may not yet have begun to answer it
const LOOK = 100; // milliseconds between two looks
const STEADY = 500; // milliseconds that nothing must have run for: between two runs of one page change there is a pause
const LOST = 10_000; // milliseconds after which a question without an answer is given up
let touched = -Infinity;
let ran = -Infinity; // when a script was last seen to run
let asked = -Infinity; // of all parts together: one question at a time
for (const kind of ["pointerdown", "pointerup", "click", "keydown", "popstate"]) {
  window.addEventListener(kind, () => { touched = performance.now(); }, true);
}

setInterval(() => {
  const app = document.querySelector('[data-testid="stApp"]');
  if (app?.dataset.testScriptState !== "notRunning") ran = performance.now();
}, LOOK);

function atRest() {
  const now = performance.now();
  return now - ran > STEADY && now - touched > TOUCHED && now - asked > LOST;
}

const waiting = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const wait = (milliseconds) => waiting.set(parentElement, setTimeout(ask, milliseconds));
  const ask = () => {
    if (!atRest()) return wait(LOOK);
    asked = performance.now();
    setTriggerValue("due", data.drawn);
    wait(LOST);
  };
  asked = -Infinity; // what was asked last is answered
  clearTimeout(waiting.get(parentElement));
  wait(data.seconds * 1000);
  return () => clearTimeout(waiting.get(parentElement));
}
