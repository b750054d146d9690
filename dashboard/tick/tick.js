// Asks for the next drawing of a part that changes by itself: some seconds after the last drawing has arrived, and only
// while nothing else is, or was a moment ago, under way. A question that reaches the server while the page changes would
// empty the new page, one that is asked of no server is lost. With an address of news the server's script is asked only where
// what stands there is no longer what was drawn: to look costs a few bytes, and nothing is drawn anew for nothing.
const TOUCHED = 1500; // milliseconds after a touch in which the server may not yet have begun to answer it
const PRESSED = 8000; // milliseconds after which nothing is expected any more of a press that no script ran for
const FOLLOWED = 30_000; // likewise, of a link to another page: for that a script does run
const PRESSABLE = "button, input, textarea, label, a, summary, [role]";
const LOOK = 100; // milliseconds between two looks
const STEADY = 500; // milliseconds that nothing must have run for: between two runs of one page change there is a pause
const LOST = 10_000; // milliseconds after which a question without an answer is given up
let touched = -Infinity;
let pressed = -Infinity; // when something was touched that a script may run for
let patience = PRESSED;
let ran = -Infinity; // when a script was last seen to run, or the server to be away
let running = false;
let began = -Infinity; // when a script was last seen to begin: one that ran before a press is no answer to it
let asked = -Infinity; // of all parts together: one question at a time
for (const kind of ["pointerdown", "pointerup", "click", "keydown", "popstate"]) {
  window.addEventListener(kind, (event) => {
    touched = performance.now();
    if (kind !== "keydown" && kind !== "popstate" && !event.target.closest?.(PRESSABLE)) return;
    pressed = touched;
    patience = event.target.closest?.('[data-testid="stPageLink"]') ? FOLLOWED : PRESSED;
  }, true);
}

function look() {
  const app = document.querySelector('[data-testid="stApp"]')?.dataset;
  const now = performance.now();
  if (app?.testScriptState !== "notRunning" || app.testConnectionState !== "CONNECTED") {
    if (!running) began = now;
    ran = now;
    running = true;
  } else running = false;
}
setInterval(look, LOOK);
new MutationObserver(look).observe(document.documentElement, {
  subtree: true, attributeFilter: ["data-test-script-state", "data-test-connection-state"],
}); // a script may be done between two looks

function atRest() {
  const now = performance.now();
  const answered = began > pressed || now - pressed > patience; // a busy server may take long to begin
  return now - ran > STEADY && now - touched > TOUCHED && answered && now - asked > LOST;
}

async function unlike(address, seen) {
  try {
    const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(LOST) });
    return answer.ok && (await answer.text()) !== seen;
  } catch {
    return false; // the server is away: there is no news until it is back
  }
}

const parts = new WeakMap(); // what is under way in each part
const watchers = new Set(); // parts that look for news: on their pages rows are decided on by keys

// A held key is one press: the row after the one that it was meant for is not decided on by it.
window.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, [contenteditable]");
  if (event.repeat && watchers.size && !typing && /^[a-z]$/i.test(event.key)) event.stopImmediatePropagation();
}, true);

export default function ({ data, parentElement, setTriggerValue }) {
  const mine = {};
  const wait = (milliseconds, then) => {
    if (parts.get(parentElement) === mine) mine.timer = setTimeout(then, milliseconds);
  };
  const lookForNews = async () => {
    if (!data.news || (await unlike(data.news, data.seen))) wait(0, ask);
    else wait(data.seconds * 1000, lookForNews);
  };
  const ask = () => {
    if (!atRest()) return wait(LOOK, ask);
    asked = performance.now();
    setTriggerValue("due", data.drawn);
    wait(LOST, ask);
  };
  asked = -Infinity; // what was asked last is answered
  clearTimeout(parts.get(parentElement)?.timer);
  parts.set(parentElement, mine);
  if (data.news) watchers.add(parentElement);
  wait(data.seconds * 1000, lookForNews);
  return () => {
    if (parts.get(parentElement) !== mine) return;
    clearTimeout(mine.timer);
    parts.delete(parentElement);
    watchers.delete(parentElement);
  };
}
