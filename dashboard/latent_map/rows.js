// What is selected and what is hidden. Only small steps are kept and sent, on a base that Python gave; it replays them to
// the same rows. Steps:
//   ["area", how, panel, [x, y, …]]  a polygon on the panel's grid      ["row", how, row]       how: "=", "+" or "-"
//   ["invert"]  ["clear"]  ["hide"]  ["only"]  ["show"]                 ["class", index, seen]  index -1: missing
// What is not seen is never selected.
const SELECTING = new Set(["area", "row", "invert", "clear"]);
const BASES_KEPT = 8; // as many as Python keeps
const UNDONE = 200; // steps that can be taken back

class Rows {
  constructor() { this.bases = new Map(); this.past = []; this.number = 0; this.steps = []; }

  // Begin at what Python says is selected (bit 1) and hidden (bit 2).
  adopt(token, flags, values, grids) {
    this.bases.set(token, { flags, values, grids });
    if (this.bases.size > BASES_KEPT) this.bases.delete(this.bases.keys().next().value);
    this.go(token, []);
  }

  go(token, steps) {
    const { flags, values, grids } = this.bases.get(token);
    this.token = token; this.values = values; this.grids = grids; this.steps = [];
    const n = flags.length;
    this.selected = new Uint8Array(n); this.hidden = new Uint8Array(n); this.off = new Set();
    for (let i = 0; i < n; i++) { this.selected[i] = flags[i] & 1; this.hidden[i] = (flags[i] >> 1) & 1; }
    for (const step of steps) this.take(step);
  }

  // Steps that are taken back as one.
  do(...steps) {
    this.past.push([this.token, this.steps.slice()]);
    if (this.past.length > UNDONE) this.past.shift();
    for (const step of steps) this.one(step);
  }

  // What a step makes void is not kept.
  one(step) {
    const anew = step[0] === "clear" || ((step[0] === "area" || step[0] === "row") && step[1] === "=");
    if (anew) while (this.steps.length && SELECTING.has(this.steps[this.steps.length - 1][0])) this.steps.pop();
    this.take(step);
  }

  undo() {
    while (this.past.length) {
      const [token, steps] = this.past.pop();
      if (this.bases.has(token)) { this.go(token, steps); return true; }
    }
    return false;
  }

  kind(i) { const v = this.values[i]; return v >= 0 ? v : -1; }
  seen(i) { return !this.hidden[i] && !(this.off.size && this.off.has(this.kind(i))); }

  take(step) {
    this.steps.push(step);
    const n = this.selected.length, [what, how] = step;
    if (what === "area") this.area(how, this.grids[step[2]], step[3]);
    else if (what === "row") {
      if (how === "=") this.selected.fill(0);
      if (this.seen(step[2])) this.selected[step[2]] = how === "-" ? 0 : 1;
    } else if (what === "clear") this.selected.fill(0);
    else if (what === "invert") for (let i = 0; i < n; i++) this.selected[i] = this.seen(i) && !this.selected[i] ? 1 : 0;
    else if (what === "hide") for (let i = 0; i < n; i++) { if (this.selected[i]) { this.hidden[i] = 1; this.selected[i] = 0; } }
    else if (what === "only") { if (this.selected.includes(1)) for (let i = 0; i < n; i++) if (!this.selected[i] && this.seen(i)) this.hidden[i] = 1; }
    else if (what === "show") { this.hidden.fill(0); this.off.clear(); }
    else if (what === "class") {
      if (step[2]) this.off.delete(how); else this.off.add(how);
      for (let i = 0; i < n; i++) if (this.selected[i] && !this.seen(i)) this.selected[i] = 0;
    }
  }

  area(how, grid, polygon) {
    const n = this.selected.length, corners = polygon.length / 2;
    let low = Infinity, high = -Infinity;
    for (let k = 0; k < corners; k++) { low = Math.min(low, polygon[2 * k + 1]); high = Math.max(high, polygon[2 * k + 1]); }
    for (let i = 0; i < n; i++) {
      const x = grid[2 * i], y = grid[2 * i + 1];
      let inside = false;
      if (y >= low && y <= high)
        for (let k = 0, j = corners - 1; k < corners; j = k++) {
          const ax = polygon[2 * k], ay = polygon[2 * k + 1], bx = polygon[2 * j], by = polygon[2 * j + 1];
          if ((ay > y) !== (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax) inside = !inside;
        }
      inside = inside && this.seen(i);
      if (how === "=") this.selected[i] = inside ? 1 : 0;
      else if (inside) this.selected[i] = how === "+" ? 1 : 0;
    }
  }

  sent() { this.number++; return { base: this.token, steps: this.steps, number: this.number }; }
}
