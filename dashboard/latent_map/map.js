// Several maps of the same rows: what is selected in one lights up in all.
const instances = new WeakMap();
const WAIT = 80; // milliseconds the pointer rests before a row is asked about

function unpack(data) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return { header, rest: () => bytes.slice(4 + length).buffer };
}

function rgb(hex) { return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)); }
function counted(n) { return n.toLocaleString("en"); }

class LinkedMaps {
  constructor(root) {
    this.root = root;
    this.box = root.querySelector(".panels");
    this.hoverBox = root.querySelector(".hover");
    this.tool = "lasso";
    this.rows = new Rows();
    this.panels = [];
    this.hovered = -1;
    this.known = new Map();
    this.ended = new AbortController();
    for (const button of root.querySelectorAll(".tools button")) button.addEventListener("click", () => {
      if (button.dataset.tool) { this.tool = button.dataset.tool; this.say(); } else this.act(button.dataset.do);
    }, { signal: this.ended.signal });
  }

  header() { return this.now; }

  update(data, send) {
    this.send = send;
    const { header, rest } = unpack(data);
    if (this.now && this.now.id === header.id) return;
    const buffer = rest(), n = header.n;
    let at = 0;
    const next = (Kind, length) => { const out = new Kind(buffer, at, length); at += out.byteLength; return out; };
    const places = header.maps.map(() => next(Float32Array, 2 * n));
    const under = header.maps.map((map) => next(Float32Array, 2 * map.under));
    const values = next(Float32Array, n);
    const large = header.sized ? next(Uint8Array, n) : new Uint8Array(n).fill(64);
    const flags = next(Uint8Array, n);
    const before = this.now, first = !before, others = first || before.about !== header.about;
    if (others) this.known.clear();
    // The row under the pointer stays told while nothing moves: a page that is drawn anew around the maps takes it from nobody.
    if (others || before.maps.length !== header.maps.length || before.maps.some((map, i) => map.id !== header.maps[i].id)) this.hover(null, -1);
    this.now = header;
    this.values = values;
    while (this.panels.length > header.maps.length) { const gone = this.panels.pop(); gone.close(); gone.root.remove(); }
    while (this.panels.length < header.maps.length) {
      const panel = new Panel(this, this.panels.length);
      this.panels.push(panel);
      this.box.append(panel.root);
    }
    this.box.classList.toggle("one", this.panels.length === 1);
    this.panels.forEach((panel, i) => { panel.points(header.maps[i], places[i], under[i], header.height); panel.fill("large", large, DYNAMIC); });
    // What was selected here since Python looked is newer than what it sends, unless it comes from elsewhere.
    if (first || header.given !== this.given || header.answered >= this.rows.number)
      this.rows.adopt(header.base, flags, values, this.panels.map((panel) => panel.grid));
    this.given = header.given;
    this.colour();
    this.paint();
    for (const panel of this.panels) panel.resize();
  }

  // The colour of every point by its value, (4 bytes each); what is selected and hidden stands in the fourth.
  colour() {
    const { n, labels, low, high, colours } = this.now, { values } = this;
    const palette = colours.map(rgb), missing = rgb(this.now.missing), last = palette.length - 1, span = high > low ? high - low : 1;
    const out = this.colours = new Uint8Array(n * 4);
    for (let i = 0, at = 0; i < n; i++, at += 4) {
      const v = values[i];
      let from = missing, to = missing, f = 0;
      if (labels.length) { if (v >= 0) from = to = palette[v % palette.length]; }
      else if (Number.isFinite(v)) {
        const t = Math.min(1, Math.max(0, (v - low) / span)) * last, k = Math.min(last - 1, Math.floor(t));
        from = palette[k]; to = palette[k + 1]; f = t - k;
      }
      out[at] = from[0] + (to[0] - from[0]) * f; out[at + 1] = from[1] + (to[1] - from[1]) * f; out[at + 2] = from[2] + (to[2] - from[2]) * f;
    }
    this.lacking = values.some((v) => labels.length ? !(v >= 0) : !Number.isFinite(v));
  }

  // Whole where selected, half where not, nothing where hidden.
  paint() {
    const { n } = this.now, { rows, colours } = this, { selected, hidden } = rows, filtered = rows.off.size > 0;
    let any = 0, gone = 0;
    for (let i = 0, at = 3; i < n; i++, at += 4) {
      const seen = filtered ? rows.seen(i) : !hidden[i];
      colours[at] = !seen ? 0 : selected[i] ? 255 : 128;
      any += selected[i];
      if (!seen) gone++;
    }
    this.chosenCount = any;
    this.goneCount = gone;
    for (const panel of this.panels) { panel.fill("colour", colours, DYNAMIC); panel.draw(); }
    this.legend();
    this.say();
  }

  legend() {
    const box = this.root.querySelector(".legend"), { labels, colours, missing, title } = this.now;
    box.replaceChildren();
    box.setAttribute("aria-label", `Colours: ${title}`);
    const add = (text, kind = "span") => { const s = document.createElement(kind); s.textContent = text; box.append(s); return s; };
    const dot = (item, colour) => { const s = document.createElement("span"); s.className = "swatch"; s.style.background = colour; item.prepend(s); };
    const { lacking } = this;
    add(title + ":").style.fontWeight = "600";
    const entries = labels.length ? labels.map((label, i) => [label, i, colours[i % colours.length]]) : [];
    if (!labels.length) {
      const [low, high] = this.now.ends || [this.now.low.toPrecision(3), this.now.high.toPrecision(3)];
      add(low);
      const scale = add("");
      scale.className = "scale";
      scale.style.background = `linear-gradient(to right, ${colours.join(",")})`;
      add(high);
      if (lacking) dot(add(this.now.lacking), missing);
    } else if (lacking) entries.push([this.now.lacking, -1, missing]);
    for (const [label, index, colour] of entries) {
      const item = add(label, "button");
      item.type = "button";
      item.title = "Click: hide or show these. Shift-click: select them.";
      item.setAttribute("aria-pressed", String(!this.rows.off.has(index)));
      dot(item, colour);
      item.addEventListener("click", (event) => event.shiftKey ? this.step(["kind", index]) : this.step(["class", index, this.rows.off.has(index) ? 1 : 0]));
    }
    const behind = this.behind();
    if (behind) {
      const item = add(behind);
      dot(item, this.now.muted);
      item.firstChild.classList.add("muted");
      item.title = "Drawn behind the others; they can't be selected.";
    }
    clearTimeout(this.counting);  // it takes a moment, of which the picture must not wait
    this.counting = setTimeout(() => this.table(entries), WAIT);
  }

  // What is said of the points behind; nothing where there are none.
  behind() {
    const most = Math.max(...this.now.maps.map((map) => map.under));
    return most ? `behind: ${counted(most)} ${this.now.under_are}` : "";
  }

  // The same as the picture, for who can't see it: how many rows each colour has, and how many of them are selected.
  table(entries) {
    const table = this.root.querySelector(".aloud table"), { n, low, high, title } = this.now, { rows, values } = this;
    const fifths = [0, 1, 2, 3, 4].map((k) => [low + (high - low) * k / 5, low + (high - low) * (k + 1) / 5]);
    const base = this.now.logarithms_of, said = (v) => Number((base ? base ** v : v).toPrecision(3)).toLocaleString("en", { maximumSignificantDigits: 3 });
    const names = entries.length ? entries.map(([label]) => label) : fifths.map(([from, to]) => `${said(from)} to ${said(to)}`);
    if (!entries.length && this.lacking) names.push(this.now.lacking);
    const place = new Map(entries.map(([, index], k) => [index, k])), span = high > low ? high - low : 1;
    const counts = names.map(() => [0, 0, 0]);
    for (let i = 0; i < n; i++) {
      const k = entries.length ? place.get(rows.kind(i)) : Number.isFinite(values[i]) ? Math.max(0, Math.min(4, Math.floor((values[i] - low) / span * 5))) : 5;
      if (!(k >= 0)) continue;
      counts[k][0]++; counts[k][1] += rows.selected[i]; counts[k][2] += rows.seen(i) ? 0 : 1;
    }
    table.replaceChildren();
    table.createCaption().textContent = `${counted(n)} ${this.now.points_are} by ${title}`;
    const line = (cells, scope) => {
      const row = table.insertRow();
      cells.forEach((text, k) => {
        const cell = document.createElement(scope === "col" || k === 0 ? "th" : "td");
        if (cell.tagName === "TH") cell.scope = scope;
        cell.textContent = text;
        row.append(cell);
      });
    };
    line(["value", "all", "selected", "hidden"], "col");
    names.forEach((name, k) => line([name, ...counts[k].map(counted)], "row"));
  }

  say() {
    const { n, points_are: what, title } = this.now, lost = Math.max(...this.panels.map((panel) => panel.lost));
    let words = this.chosenCount ? `${counted(this.chosenCount)} of ${counted(n)} selected` : `${counted(n)} ${what}`;
    if (this.goneCount) words += `, ${counted(this.goneCount)} hidden`;
    if (lost) words += `, ${counted(lost)} without a place`;
    this.root.querySelector(".count").textContent = words;
    for (const panel of this.panels) {
      const behind = this.behind();
      panel.canvas.setAttribute("aria-label", `${this.now.maps[panel.place].title}: map of ${counted(n)} ${what}, coloured by ${title}${behind ? `; ${behind}` : ""}`);
      panel.canvas.style.cursor = this.tool === "move" ? "grab" : "crosshair";
    }
    for (const button of this.root.querySelectorAll(".tools button")) {
      const { tool, do: act } = button.dataset;
      if (tool) button.setAttribute("aria-pressed", String(tool === this.tool));
      if (["clear", "only", "hide", "zoom"].includes(act)) button.disabled = !this.chosenCount;
      if (act === "show") button.disabled = !this.goneCount;
      if (act === "undo") button.disabled = !this.rows.past.length;
    }
  }

  step(step) {
    if (step[0] === "kind") return this.selectKind(step[1]);
    this.rows.do(step);
    this.told();
  }

  // All rows of a colour: the others are hidden for a moment, and everything that is seen then is selected.
  selectKind(index) {
    const others = [...this.now.labels.keys(), -1].filter((k) => k !== index && !this.rows.off.has(k));
    this.rows.do(...others.map((k) => ["class", k, 0]), ["clear"], ["invert"], ...others.map((k) => ["class", k, 1]));
    this.told();
  }

  told() { this.paint(); this.send(this.rows.sent()); }

  act(what) {
    if (what === "undo") { if (this.rows.undo()) this.told(); return; }
    if (what === "reset" || what === "zoom") {
      for (const panel of this.panels) { panel.fit(what === "zoom" ? this.rows.selected : null); panel.draw(); panel.marks(); }
      return;
    }
    if (what === "clear" && !this.chosenCount) return;
    this.step([what]);
  }

  key(panel, event) {
    if (event.ctrlKey || event.metaKey) { if (event.key.toLowerCase() !== "z") return; }
    const far = 0.2 / panel.view.zoom, { view } = panel, key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const moves = { ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowUp: [0, far], ArrowDown: [0, -far] };
    const tools = { l: "lasso", b: "box", m: "move" };
    const acts = { i: "invert", Escape: "clear", z: "undo", o: "only", h: "hide", s: "show", f: "zoom", 0: "reset" };
    if (moves[key]) { view.x += moves[key][0]; view.y += moves[key][1]; }
    else if (key === "+" || key === "=") panel.zoomBy(1.3);
    else if (key === "-") panel.zoomBy(1 / 1.3);
    else if (tools[key]) this.tool = tools[key];
    else if (acts[key]) { event.preventDefault(); return this.act(acts[key]); }
    else if (key === "v") panel.choose(panel.seen(), event.shiftKey ? "+" : "=");
    else if (key === "n") this.walk(panel, event.shiftKey ? -1 : 1);
    else if (key === " ") { if (this.hovered >= 0) this.step(["row", this.rows.selected[this.hovered] ? "-" : "+", this.hovered]); }
    else return;
    event.preventDefault();
    this.say(); panel.draw(); panel.marks();
  }

  // The next point in view, in the rows' order.
  walk(panel, by) {
    const half = 1 / panel.scale(), { n } = this.now;
    for (let tried = 1, i = this.hovered; tried <= n; tried++) {
      i = ((i + by) % n + n) % n;
      const x = panel.grid[2 * i] / GRID - panel.view.x, y = panel.grid[2 * i + 1] / GRID - panel.view.y;
      if (Math.abs(x) <= half && Math.abs(y) <= half && this.rows.seen(i)) {
        const box = panel.canvas.getBoundingClientRect(), ratio = box.width / panel.over.width;
        const [px, py] = panel.pixel(panel.grid[2 * i], panel.grid[2 * i + 1]);
        return this.hover(panel, i, { clientX: box.left + px * ratio, clientY: box.top + py * ratio });
      }
    }
  }

  hover(panel, row, event) {
    this.hoverBox.hidden = row < 0;
    if (row !== this.hovered) {
      this.hovered = row;
      this.neighbours = null;
      clearTimeout(this.asking);
      if (row >= 0) this.about(row);
      for (const each of this.panels) each.marks();
    }
    if (row < 0) return;
    const box = this.root.querySelector(".maps").getBoundingClientRect();
    const x = event.clientX - box.left, y = event.clientY - box.top;
    this.hoverBox.style.left = Math.max(0, Math.min(x + 14, box.width - this.hoverBox.offsetWidth - 4)) + "px";
    this.hoverBox.style.top = y + 14 + "px";
  }

  about(row) {
    this.hoverBox.textContent = `row ${counted(row + 1)}`;
    if (this.now.thumbs) {
      const image = new Image(96, 96);
      image.alt = "";
      image.src = `${this.now.thumbs}/${row}`;
      this.hoverBox.prepend(image);
    }
    const show = (told) => {
      if (this.hovered !== row) return;
      this.hoverBox.lastChild.textContent = told.text;
      this.root.querySelector(".told").textContent = told.text;
      this.neighbours = told.neighbours;
      for (const each of this.panels) each.marks();
    };
    if (this.known.has(row)) return show(this.known.get(row));
    if (!this.now.about) return;
    this.asking = setTimeout(async () => {
      const [path, query] = this.now.about.split("?");
      const answer = await fetch(`${path}/${row}${query ? "?" + query : ""}`);
      if (!answer.ok) return;
      const told = await answer.json();
      this.known.set(row, told);
      show(told);
    }, WAIT);
  }

  // Nothing stays: what stands around the maps may be used again by the next ones.
  close() {
    this.ended.abort();
    clearTimeout(this.counting);
    clearTimeout(this.asking);
    for (const panel of this.panels) { panel.close(); panel.root.remove(); }
  }
}

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  let maps = instances.get(parentElement);
  if (!maps) {
    maps = new LinkedMaps(parentElement);
    instances.set(parentElement, maps);
  }
  maps.update(data, (selection) => setStateValue("selection", selection));
  return () => { maps.close(); instances.delete(parentElement); };
}
