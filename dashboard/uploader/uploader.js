// The browser's side of an upload: pieces to the server one after the other, and on again after a lost connection.
const SMALLEST = 256 * 1024, LARGEST = 8 * 1024 * 1024; // bytes of a piece: about a second's worth
const PIECE_MS = 60_000, GIVE_UP_MS = 300_000, LAST_WAIT_MS = 60_000;
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

// Uploads outlive the component: its reader may look at other pages meanwhile. By the component's key.
const uploads = (window.hourglassUploads ??= new Map());
const views = new WeakMap();

class Refused extends Error {
  constructor(record) { super(record.what); this.record = record; }
}

class Upload {
  constructor(file, address) {
    this.file = file;
    this.address = address;
    this.name = file.name.replace(HIDDEN, "\u{fffd}");
    this.mark = `hourglass-upload ${address} ${file.size} ${file.lastModified} ${file.name}`;
    this.id = null;
    this.offset = 0;
    this.state = "going"; // going, waiting, done, failed, cancelled
    this.words = "";
    this.watch = () => {};
    this.stop = new AbortController();
    this.pace = { since: 0, from: null, rate: 0 };
  }

  say(state, words = "") { this.state = state; this.words = words; this.watch(); }

  async run() {
    this.pace = { since: 0, from: null, rate: 0 };
    this.size = 1024 * 1024;
    this.moved = performance.now();
    this.say("going");
    let wait = 500, lost = false;
    for (;;) {
      try {
        if (!this.id) await this.begin();
        else if (lost) await this.ask();
        if (lost) { lost = false; this.pace.from = null; }
        while (this.state !== "done") { await this.next(); wait = 500; }
        return;
      } catch (error) {
        if (this.stop.signal.aborted) return this.say("cancelled");
        if (error instanceof Refused) {
          if (error.record.type === "NotFound") this.startOver();
          return this.fail(error.record);
        }
        if (!(await this.readable()))
          return this.fail({ what: "the file was changed or moved, so that the browser can't read it any more", where: "", fix: "choose it again" });
        if (performance.now() - this.moved > GIVE_UP_MS)
          return this.fail({ what: "the server can't be reached", where: "", fix: "check the connection, then press “Try again”: what has arrived is kept" });
        lost = true;
        this.say("waiting", "The connection is lost. It goes on by itself where it stopped.");
        await this.pause(wait);
        wait = Math.min(wait * 2, 10_000);
      }
    }
  }

  // A file that this browser began to send before, perhaps before a reload, goes on where it stopped.
  async begin() {
    const known = remembered(this.mark);
    if (known) {
      this.id = known;
      try { return await this.ask(); } catch (error) {
        if (!(error instanceof Refused)) throw error;
        this.startOver();
      }
    }
    const body = JSON.stringify({ name: this.file.name, size: this.file.size });
    this.take(await this.call("POST", this.address, body, "application/json"));
    remember(this.mark, this.id);
  }

  startOver() {
    this.id = null;
    this.offset = 0;
    forget(this.mark);
  }

  async ask() {
    const answer = await this.call("HEAD", `${this.address}/${this.id}`);
    this.take(answer);
  }

  async next() {
    const piece = this.file.slice(this.offset, this.offset + this.size);
    const began = performance.now();
    // As a Blob, not its bytes: the browser then reads it by itself, ten times as fast.
    this.take(await this.call("PUT", `${this.address}/${this.id}?offset=${this.offset}`, piece));
    const seconds = Math.max(0.001, (performance.now() - began) / 1000);
    this.size = Math.round(Math.min(LARGEST, Math.max(SMALLEST, piece.size / seconds, this.size / 2)));
  }

  take(answer) {
    this.id = answer.id ?? this.id;
    if (answer.offset > this.offset) this.moved = performance.now();
    this.offset = answer.offset;
    this.say(answer.complete ? "done" : "going");
  }

  async call(method, address, body, type = "application/octet-stream") {
    const last = body instanceof Blob && this.offset + body.size === this.file.size;
    const limit = AbortSignal.timeout(last ? PIECE_MS + LAST_WAIT_MS : PIECE_MS);
    const answer = await fetch(address, {
      method, body, headers: body === undefined ? {} : { "Content-Type": type },
      signal: AbortSignal.any([this.stop.signal, limit]), credentials: "same-origin", cache: "no-store",
    });
    if (method === "HEAD" && answer.ok)
      return { offset: Number(answer.headers.get("Upload-Offset")), complete: answer.headers.get("Upload-Complete") === "1" };
    if (method === "HEAD" && answer.status === 404)
      throw new Refused({ type: "NotFound", what: "this upload is not on the server any more", where: "", fix: "choose the file again" });
    const content = await answer.json(); // what is no JSON is no answer of ours: tried again
    if (answer.ok || answer.status === 409) return content;
    if (content.what === undefined) throw new Error(`status ${answer.status}`);
    throw new Refused(content);
  }

  // A file that changed since it was chosen can't be read; fetch doesn't tell that from a lost connection.
  async readable() {
    try { await this.file.slice(this.offset, this.offset + 1).arrayBuffer(); return true; } catch { return false; }
  }

  fail(record) {
    const first = record.what.charAt(0).toUpperCase() + record.what.slice(1);
    this.say("failed", `${first}.` + (record.fix ? `\nWhat to do: ${record.fix}.` : ""));
  }

  pause(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      const now = () => { clearTimeout(timer); resolve(); };
      this.stop.signal.addEventListener("abort", now, { once: true });
      window.addEventListener("online", now, { once: true });
    });
  }

  // Bytes in a second, smoothed over some five seconds.
  rate() {
    const now = performance.now(), pace = this.pace;
    if (pace.from === null) { pace.from = this.offset; pace.since = now; return pace.rate; }
    const seconds = (now - pace.since) / 1000;
    if (seconds < 0.5) return pace.rate;
    const fresh = (this.offset - pace.from) / seconds, share = Math.min(1, seconds / 5);
    pace.rate = pace.rate ? pace.rate + (fresh - pace.rate) * share : fresh;
    pace.from = this.offset;
    pace.since = now;
    return pace.rate;
  }

  cancel() {
    this.stop.abort();
    forget(this.mark);
    if (this.id) fetch(`${this.address}/${this.id}`, { method: "DELETE", keepalive: true }).catch(() => {}); // swept later
  }
}

// Storage may be switched off in a browser: uploads then work, but don't outlive a reload.
function remembered(mark) { try { return localStorage.getItem(mark); } catch { return null; } }
function remember(mark, id) { try { localStorage.setItem(mark, id); } catch { /* see above */ } }
function forget(mark) { try { localStorage.removeItem(mark); } catch { /* see above */ } }

function megabytes(bytes) {
  const all = bytes / 1e6;
  return all.toLocaleString("en", { maximumFractionDigits: all < 10 ? 1 : 0, minimumFractionDigits: all < 10 ? 1 : 0 });
}

function size(bytes) { return bytes < 100_000 ? `${bytes.toLocaleString("en")} bytes` : `${megabytes(bytes)} MB`; }

function duration(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

class View {
  constructor(root) {
    this.root = root;
    this.at = (selector) => root.querySelector(selector);
    this.input = this.at("input");
    this.told = null;
    this.watch = () => this.show();
    this.listen();
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    this.at(".label").textContent = data.label;
    this.at("#hint").textContent = `or drop it here. Up to ${(data.limit / 1e6).toLocaleString("en")} MB.`;
    const now = this.upload;
    if (now?.id && data.used.includes(now.id)) { forget(now.mark); uploads.delete(data.key); }
    this.attach();
    if (!this.upload && !this.refused && this.input.files.length) this.start(this.input.files[0]); // chosen before this code ran
  }

  get upload() { return uploads.get(this.data.key); }

  attach() {
    const upload = this.upload;
    if (upload) upload.watch = this.watch;
    this.show();
  }

  // The next view may have come before this one goes.
  detach() { if (this.upload?.watch === this.watch) this.upload.watch = () => {}; }

  listen() {
    const drop = this.at(".drop"), area = this.at("textarea"), take = this.at('[data-do="take"]');
    this.input.addEventListener("change", () => { if (this.input.files.length) this.start(this.input.files[0]); });
    for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      const { files } = event.dataTransfer;
      if (files.length > 1) this.refuse("One file at a time, please.");
      else if (files.length) this.start(files[0]);
    });
    area.addEventListener("input", () => { take.disabled = !area.value.trim(); this.at(".paste .hint").textContent = ""; });
    take.addEventListener("click", () => this.pasted(area.value));
    this.at('[data-do="again"]').addEventListener("click", () => { this.upload.run(); this.input.focus(); });
    this.at('[data-do="cancel"]').addEventListener("click", () => this.clear());
  }

  pasted(text) {
    const file = new File([text], "pasted.csv", { type: "text/csv", lastModified: Date.now() });
    if (file.size > this.data.paste) {
      this.at(".paste .hint").textContent = `This is ${megabytes(file.size)} MB, the limit here is ${(this.data.paste / 1e6).toLocaleString("en")} MB: save it as a file and upload that.`;
      return;
    }
    this.at("textarea").value = "";
    this.at('[data-do="take"]').disabled = true;
    this.at(".paste").open = false;
    this.start(file);
  }

  start(file) {
    const busy = this.upload && !["done", "failed", "cancelled"].includes(this.upload.state);
    if (busy) return;
    this.forget();
    this.refused = "";
    if (file.size > this.data.limit)
      return this.refuse(`The file has ${megabytes(file.size)} MB, the limit is ${(this.data.limit / 1e6).toLocaleString("en")} MB. Upload a part of it, or have the limit raised (HOURGLASS_UPLOAD_LIMIT_MB).`);
    const upload = new Upload(file, this.data.address), focused = this.root.activeElement;
    uploads.set(this.data.key, upload);
    this.attach();
    upload.run();
    if (focused) this.at('[data-do="cancel"]').focus();
  }

  refuse(words) { this.refused = words; this.show(); }

  clear() {
    this.forget();
    this.refused = "";
    this.show();
    this.input.focus();
  }

  forget() {
    this.input.value = "";
    const upload = this.upload;
    if (!upload) return;
    upload.watch = () => {};
    if (upload.state !== "cancelled") upload.cancel();
    uploads.delete(this.data.key);
    this.tell(null);
  }

  // What Python is told of: the id of what is whole, or nothing.
  tell(id) {
    if (this.told === id) return;
    this.told = id;
    this.send(id);
  }

  show() {
    const upload = this.upload, state = upload?.state;
    const figures = this.at(".figures"), words = this.at(".words"), cancel = this.at('[data-do="cancel"]');
    const asks = !upload;
    this.at(".choose").hidden = !asks;
    this.at(".now").hidden = asks && !this.refused;
    this.at(".paste").hidden = !asks;
    this.at(".now").classList.toggle("failed", state === "failed" || (asks && Boolean(this.refused)));
    this.at(".name").textContent = upload ? upload.name : "";
    this.at("progress").hidden = asks || state === "done";
    this.at('[data-do="again"]').hidden = state !== "failed";
    cancel.hidden = asks;
    cancel.textContent = ["done", "failed"].includes(state) ? "Choose another" : "Cancel";
    put(words, asks ? this.refused || "" : upload.words);
    if (asks) { figures.textContent = ""; this.speak(""); return this.tell(null); }
    this.at("progress").value = upload.file.size ? upload.offset / upload.file.size : 1;
    figures.textContent = this.figures(upload);
    this.speak(upload);
    this.tell(state === "done" ? upload.id : null);
  }

  figures(upload) {
    if (upload.state === "done") return `${size(upload.file.size)}, uploaded`;
    const done = `${megabytes(upload.offset)} of ${megabytes(upload.file.size)} MB`;
    const rate = upload.rate();
    return upload.state === "going" && rate > 0 ? `${done}, about ${duration((upload.file.size - upload.offset) / rate)} left` : done;
  }

  // For screen readers: each quarter, and the end; not every piece.
  speak(upload) {
    const quarter = upload ? Math.floor((upload.file.size ? upload.offset / upload.file.size : 1) * 4) * 25 : 0;
    const text = !upload || upload.state === "failed" ? "" : upload.state === "done" ? `${upload.name} is uploaded` : `Uploading ${upload.name}: ${quarter} %`;
    put(this.at(".spoken"), text);
  }
}

function put(element, text) { if (element.textContent !== text) element.textContent = text; }

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  let view = views.get(parentElement);
  if (!view) {
    view = new View(parentElement);
    views.set(parentElement, view);
  }
  view.update(data, (id) => setStateValue("upload", id));
  return () => { view.detach(); views.delete(parentElement); };
}
