/** Start, the address, and the parts of the page put together. */

import * as api from "./api.js";
import { Adjudication } from "./adjudicate.js";
import { Cards } from "./cards.js";
import { Desk } from "./desk.js";
import * as dialogs from "./dialogs.js";
import { $, h } from "./dom.js";
import { evidenceOf, nameOf, slotAt } from "./fields.js";
import * as frame from "./frame.js";
import { ADJUDICATION, KEYS, listen } from "./keys.js";
import { notes, progress, Queue } from "./queue.js";
import { Saver } from "./saving.js";
import { Selecting } from "./selecting.js";
import { usesOf } from "./state.js";
import { Article } from "./text.js";
import { dock } from "./tools.js";

const WIDE = matchMedia("(min-width: 75rem)");

class Page {
  constructor(session) {
    this.session = session;
    this.adjudicates = session.mode === "adjudicate";
    this.closed = new Set();
    this.table = this.adjudicates ? ADJUDICATION : KEYS;
    this.saver = new Saver({
      status: (state, count, problem) => frame.saved(state, count, problem, () => this.saver.retry()),
      saved: (id, answer) => this.saved(id, answer),
      conflict: (found) => dialogs.conflict(found, found.id === this.desk.id ? this.desk.reading : null),
      state: (id, state) => id === this.desk.id && state && this.desk.replace(state),
      refused: (id, message) => this.say(`Not saved: ${message}`),
    });
    this.dialogs = { help: () => dialogs.help(this.table), guidelines: dialogs.guidelines, history: dialogs.history };
    this.desk = new (this.adjudicates ? Adjudication : Desk)(this.saver, this);
    this.article = new Article($("#text"));
    this.cards = this.adjudicates ? this.desk.choices($("#cards")) : new Cards($("#cards"), this.desk);
    this.queue = new Queue((id) => this.go(id));
    this.selecting = new Selecting(this.desk, this.article, $("#popover"), $("#handles"));
    listen(() => ({ table: this.table, desk: this.desk }));
    for (const element of [$("header"), $("#dock"), $("#popover"), $("#finish"), $("#heading")])
      element.addEventListener("click", (event) => this.clicked(event));
    $("#queue-button").addEventListener("click", () => this.openQueue(!document.body.classList.contains("queue-open")));
    $("#main").addEventListener("pointerdown", () => this.openQueue(false));
    $("#queue").addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.openQueue(false);
      $("#article").focus({ preventScroll: true });
    });
    window.addEventListener("hashchange", () => this.route());
    this.watchPresses();
    document.body.classList.toggle("adjudicates", this.adjudicates);
    frame.theme(0);
  }

  clicked({ target }) {
    const button = target.closest("[data-action]");
    if (!button) return;
    const argument = button.dataset.with ? JSON.parse(button.dataset.with) : undefined;
    if (this.desk.id || ["help", "guidelines", "theme", "undo", "redo"].includes(button.dataset.action))
      this.desk.do(button.dataset.action, argument);
    $("#popover").hidden = true;
  }

  async start() {
    this.progress(this.session.progress);
    frame.saved("saved");
    const first = this.queue.load();
    if (location.hash.length > 2) return this.route();
    const open = await opening;
    const id = open ?? (await first)?.items[0]?.id;
    if (id) this.go(id);
    else this.nothing();
  }

  /** Go to a document by the address, so that Back comes back. */
  go(id) {
    const hash = `#/${encodeURIComponent(id)}`;
    if (location.hash === hash) return this.route();
    return new Promise((resolve) => {
      this.arrived = resolve;
      location.hash = hash;
    });
  }

  async route() {
    const arrived = this.arrived;
    this.arrived = null;
    const id = decodeURIComponent(location.hash.slice(2));
    this.openQueue(false);
    try {
      const answer = await api.read(id).finally(() => this.desk.quiet());
      if (decodeURIComponent(location.hash.slice(2)) !== id) return;
      this.desk.open(answer);
      this.article.open(this.desk.reading, frame.titleOf(this.desk.document, this.desk.reading));
      frame.head(this.desk);
      this.draw();
      this.queue.show(id);
      $("#article").scrollTop = 0;
      $("#cards").scrollTop = 0;
      if (this.desk.view.deal || this.adjudicates) this.focusCard(this.desk.view.deal);
      else $("#article").focus({ preventScroll: true });
    } catch (error) {
      if (!(error instanceof api.ApiError)) throw error;
      this.failed(id, error);
    } finally {
      arrived?.();
    }
  }

  /** Have everything drawn once the action that asks for it is over. */
  draw() {
    if (this.dirty) return;
    this.dirty = true;
    queueMicrotask(() => this.drawn());
  }

  /** Draw everything from the state and what is in focus, if it is not what is seen. */
  drawn() {
    if (!this.dirty || this.pressing) return;
    this.dirty = false;
    const { desk, article } = this;
    const { view, state } = desk;
    article.sync(state);
    const slot = view.field && view.deal ? slotAt(state.deals[view.deal], view.field) : null;
    const evidence = evidenceOf(slot, state.mentions);
    article.light(
      "lit",
      evidence.map(({ mention }, index) => mention ?? `${view.deal}:${view.field}:${index}`),
    );
    article.light("focused", view.mention ? [view.mention] : []);
    article.highlight(
      "evidence",
      evidence.filter(({ mention }) => !mention).map(({ start, end }) => [start, end]),
    );
    article.highlight("stated", view.deal ? (state.deals[view.deal]?.evidence ?? []) : []);
    article.highlight("picked", view.selection ? [[view.selection.start, view.selection.end]] : []);
    this.cards.sync();
    dock($("#dock"), desk);
    frame.finish(this.desk, this.adjudicates);
    this.measured(() => this.selecting.place());
    $("#document-checks").replaceChildren(
      ...desk.checks
        .filter(({ deal }) => !deal)
        .map(({ severity, message, span }) =>
          h(
            "p",
            { class: `check ${severity}` },
            `${severity === "error" ? "✗" : "⚠"} ${message}`,
            span && [" ", h("button", { class: "link", on: { click: () => desk.goTo(...span) } }, "show")],
          ),
        ),
    );
  }

  /** What needs to know where things stand on the screen is done once before the next frame, when all is drawn. */
  measured(action) {
    this.waiting ??= [];
    if (!this.waiting.length) {
      requestAnimationFrame(() => {
        const actions = this.waiting;
        this.waiting = [];
        this.drawn();
        for (const each of actions) each();
      });
    }
    this.waiting.push(action);
  }

  /** While the mouse is down nothing is drawn: a click must find at its end what was there at its beginning. */
  watchPresses() {
    const over = () => {
      this.pressing = false;
      this.drawn();
    };
    document.addEventListener("mousedown", ({ button }) => (this.pressing = button === 0), true);
    document.addEventListener("click", () => (this.pressing = false), true);
    document.addEventListener("mouseup", () => setTimeout(over), true);
    for (const event of ["dragend", "blur"]) window.addEventListener(event, over);
  }

  /** Do something at once, or at the end of the press that is going on, before the click that it makes. */
  afterPress(action) {
    if (this.pressing) document.addEventListener("mouseup", action, { capture: true, once: true });
    else action();
  }

  offerFinish() {
    this.drawn();
    $('#finish [data-focus="finish"]')?.focus({ preventScroll: true });
    this.say(`${$("#said").textContent} That was the last one: Enter finishes the document.`);
  }

  /** Leave a document for the next one: of those that the filter shows, else the open one that was known already. */
  async goOn(id, next) {
    this.queue.mark(id, this.desk.state.status);
    this.closed.add(id);
    let to = next;
    const { search, ...chosen } = this.queue.parameters(); // a search finds one document, a filter those to work on
    const filtered = Object.keys(chosen).length > 0;
    if (filtered || !to || this.closed.has(to)) {
      await this.saver.settled();
      to = await api.next(id, chosen).catch(() => null);
    }
    if (to && to !== id) return this.go(to);
    if (filtered) return this.say("No other document is left that the filter of the queue shows.");
    this.nothing();
  }

  nothing() {
    const dialog = this.session.retrain;
    $("#finish strong")?.remove();
    $("#finish").prepend(
      h(
        "strong",
        {},
        dialog ? "All documents are reviewed: see the command below the queue. " : "All documents are reviewed. ",
      ),
    );
    this.say("No document is left to review.");
    if (!this.desk.id) {
      $("#title").textContent = "No document is left to review";
      $("#title").classList.remove("unseen");
    }
  }

  failed(id, error) {
    this.desk.id = null;
    $("#title").classList.remove("unseen");
    $("#title").textContent = error.status === 404 ? "No such document" : "The document cannot be shown";
    $("#source").textContent = id;
    $("#text").replaceChildren(
      h("p", { class: "problem" }, error.message),
      h("button", { on: { click: () => this.route() } }, "Try again"),
    );
    for (const part of ["#cards", "#finish", "#dock"]) $(part).replaceChildren();
    this.say(error.message);
  }

  say(message) {
    $("#said").textContent = message;
  }

  sayMention(id) {
    const { state, reading } = this.desk;
    const { start, end, label } = state.mentions[id];
    const uses = usesOf(state, id).map(({ field }) => nameOf(field));
    this.say(
      `“${reading.slice(start, end)}”, ${label.toLowerCase()}; ${uses.length ? `used by ${[...new Set(uses)].join(", ")}` : "no field uses it"}.`,
    );
  }

  async saved(id, answer) {
    this.progress(answer.progress);
    if (id !== this.desk.id) return;
    if (!this.saver.pending.some((event) => event.id === id)) {
      this.desk.checks = answer.checks;
      this.draw();
    }
    this.queue.mark(id, this.desk.state.status);
  }

  async progress(counts) {
    const finished = this.counts && counts.done !== this.counts.done;
    this.counts = counts;
    progress($("#progress"), counts);
    if (finished) this.session.retrain = (await api.session().catch(() => this.session)).retrain;
    notes($("#notes"), counts, this.session.retrain, async (command) => this.say(await frame.copy(command)));
  }

  theme() {
    this.say(`Colours: ${frame.theme()}.`);
  }

  openQueue(open) {
    if (WIDE.matches && !open) return;
    document.documentElement.style.setProperty("--header", `${$("header").offsetHeight}px`);
    document.body.classList.toggle("queue-open", open);
    $("#queue-button").setAttribute("aria-expanded", String(open));
    this.queue.draw();
  }

  search() {
    this.openQueue(true);
    $("#search").focus();
    $("#search").select();
  }

  // What the desk asks of the page

  show(start, end, insist) {
    this.measured(() => this.article.show(start, end, insist));
  }

  focusCard(deal, field = null) {
    this.drawn();
    this.cards.focus(deal, field);
  }

  edit(deal, field) {
    this.drawn();
    this.cards.editField(deal, field);
  }

  clearSelection() {
    this.selecting.clear();
  }

  selectText(span) {
    this.selecting.select(span);
  }

  topOfText() {
    const box = $("#article").getBoundingClientRect();
    const line = this.article.lines.find(({ element }) => element.getBoundingClientRect().bottom > box.top + 8);
    return line?.start ?? 0;
  }

  chooseDeal(id, others) {
    return dialogs.chooseDeal(this.desk.state, id, others);
  }

  chooseFields(id) {
    return dialogs.chooseFields(this.desk.state, id);
  }
}

// Asked at once: what is shown first need not wait for the rest.
const opening = api.next("").catch(() => null);
try {
  const session = await api.session();
  api.signAs(session.reviewer);
  const page = new Page(session);
  await page.start();
} catch (error) {
  $("#title").textContent = "The page cannot start";
  $("#text").replaceChildren(h("p", { class: "problem" }, error.message));
  throw error;
}
