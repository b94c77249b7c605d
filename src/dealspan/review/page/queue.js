/** The queue: search, filters, and a list that holds only the rows in sight, however many documents there are. */

import * as api from "./api.js";
import { $, h, unseen, words } from "./dom.js";
import { CERTAINTIES, nameOf, percent, said, STAGES } from "./fields.js";

const PAGE = 100;
const ROW = 4.25; // rem, as in queue.css
const SPARE = 6;
const STATUS = { open: ["", "unreviewed"], done: ["✓", "done"], skipped: ["↷", "skipped"] };

export class Queue {
  /** @param {(id: string) => void} choose */
  constructor(choose) {
    this.choose = choose;
    this.list = $("#list");
    this.form = $("#filters");
    this.current = null;
    this.reset();
    fillSelect(
      "doubt",
      ["company", "amount", "round_type", "valuation", "investors", "stage", "certainty", "date", "deal", "none"],
      (value) => (value === "deal" || value === "none" ? value : nameOf(value)),
    );
    fillSelect("stage", STAGES, said);
    fillSelect("certainty", CERTAINTIES, said);
    this.list.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(this.list);
    this.list.addEventListener("click", (event) => this.clicked(event));
    this.list.addEventListener("keydown", (event) => this.pressed(event));
    let timer;
    const changed = () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.load(), 120);
    };
    this.form.addEventListener("input", changed);
    this.form.addEventListener("reset", () => setTimeout(changed));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    $("#search").addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === "ArrowDown") {
        event.preventDefault();
        this.focusRow(0);
      }
    });
  }

  reset() {
    this.items = new Map();
    this.asked = new Set();
    this.total = 0;
    this.load_ = (this.load_ ?? 0) + 1;
  }

  parameters() {
    const chosen = Object.fromEntries([...new FormData(this.form)].filter(([, value]) => value));
    const search = $("#search").value.trim();
    return search ? { ...chosen, search } : chosen;
  }

  /** Read the queue anew, from its top. @returns {Promise<object>} the first page */
  async load() {
    this.reset();
    this.list.scrollTop = 0;
    const chosen = Object.keys(this.parameters()).filter((name) => name !== "search").length;
    $("#filter-count").textContent = chosen ? `(${chosen})` : "";
    return this.fetch(0);
  }

  async fetch(page) {
    if (this.asked.has(page)) return null;
    this.asked.add(page);
    const load = this.load_;
    try {
      const answer = await api.queue({ ...this.parameters(), offset: page * PAGE, limit: PAGE });
      if (load !== this.load_) return answer;
      this.total = answer.total;
      answer.items.forEach((item, index) => this.items.set(page * PAGE + index, item));
      this.problem = null;
      this.draw();
      return answer;
    } catch (error) {
      if (!(error instanceof api.ApiError)) throw error;
      this.asked.delete(page);
      this.problem = error.message;
      this.draw();
      return null;
    }
  }

  /** Draw the rows in sight and read those that are missing. */
  draw() {
    const filtered = Object.keys(this.parameters()).length > 0;
    $("#found").textContent =
      this.problem ??
      (filtered
        ? `${this.total.toLocaleString("en")} found`
        : `${this.total.toLocaleString("en")} ${this.total === 1 ? "document" : "documents"}, least certain first`);
    if (!this.total) {
      this.list.replaceChildren(
        this.problem || this.asked.size === 0
          ? ""
          : h(
              "p",
              { class: "nothing" },
              filtered ? "Nothing matches. Clear the filter to see all." : "The queue is empty.",
            ),
      );
      return;
    }
    const row = ROW * parseFloat(getComputedStyle(document.documentElement).fontSize);
    const first = Math.max(0, Math.floor(this.list.scrollTop / row) - SPARE);
    const last = Math.min(
      this.total,
      Math.ceil((this.list.scrollTop + (this.list.clientHeight || innerHeight)) / row) + SPARE,
    );
    for (let page = Math.floor(first / PAGE); page <= Math.floor((last - 1) / PAGE); page += 1) this.fetch(page);
    const focused = document.activeElement?.closest?.("#list a")?.dataset.index;
    const rows = [];
    for (let index = first; index < last; index += 1) rows.push(this.row(index, row));
    const inner = h("ol", { class: "rows" }, rows);
    inner.style.height = `${this.total * row}px`;
    this.list.replaceChildren(inner);
    if (focused) this.list.querySelector(`a[data-index="${focused}"]`)?.focus({ preventScroll: true });
  }

  row(index, height) {
    const item = this.items.get(index);
    const element = h(
      "li",
      { "aria-setsize": this.total, "aria-posinset": index + 1 },
      item ? this.link(item, index) : h("span", { class: "waiting" }, "…"),
    );
    element.style.transform = `translateY(${index * height}px)`;
    return element;
  }

  link(item, index) {
    const [sign, status] = STATUS[item.status];
    const { doubt } = item;
    const field = doubt && (doubt.field === "deal" ? "the deal" : (nameOf(doubt.field) ?? doubt.field));
    return h(
      "a",
      {
        href: `#/${encodeURIComponent(item.id)}`,
        tabindex: item.id === this.current || (index === 0 && !this.current) ? "0" : "-1",
        class: item.status,
        "aria-current": item.id === this.current ? "page" : null,
        data: { index, id: item.id },
      },
      h("span", { class: "headline", title: item.id }, words(item.title ?? shortId(item.id))),
      h(
        "span",
        { class: "facts" },
        sign ? h("span", { class: "state" }, h("span", { "aria-hidden": "true" }, `${sign} `), status) : unseen(status),
        h("span", {}, item.deals === 1 ? "1 deal" : `${item.deals} deals`),
        doubt && item.status === "open" ? h("span", { class: "doubt" }, `${field} ${percent(doubt.confidence)}`) : null,
        item.audit
          ? h("span", { class: "audit", title: "drawn at random, to estimate how right the machine is" }, "audit")
          : null,
        item.published ? h("span", { class: "published" }, item.published) : null,
      ),
    );
  }

  clicked(event) {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.choose(link.dataset.id);
  }

  pressed(event) {
    const link = event.target.closest("a");
    if (!link || !["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    const at = Number(link.dataset.index);
    this.focusRow({ ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: this.total - 1 }[event.key]);
  }

  focusRow(index) {
    if (index < 0) return $("#search").focus();
    if (index >= this.total) return;
    this.reveal(index);
    this.draw();
    this.list.querySelector(`a[data-index="${index}"]`)?.focus({ preventScroll: true });
  }

  /** Mark the document that is on the desk. */
  show(id) {
    this.current = id;
    for (const [index, item] of this.items) if (item.id === id) this.reveal(index);
    this.draw();
  }

  /** Scroll a row into sight. */
  reveal(index) {
    const row = ROW * parseFloat(getComputedStyle(document.documentElement).fontSize);
    const top = index * row;
    if (top < this.list.scrollTop) this.list.scrollTop = top;
    else if (top + row > this.list.scrollTop + this.list.clientHeight)
      this.list.scrollTop = top + row - this.list.clientHeight;
  }

  /** A document's status as the page knows it, before the server is asked again. */
  mark(id, status) {
    for (const item of this.items.values()) if (item.id === id) item.status = status;
    this.draw();
  }
}

/** The end of a path, where a document has no title. */
const shortId = (id) => id.split("/").slice(-2).join("/");

function fillSelect(name, values, text) {
  $(`#filters select[name=${name}]`).append(...values.map((value) => h("option", { value }, text(value))));
}

/** How far the review has come, for the header. */
export function progress(element, { total, done, skipped, open }) {
  const bar = h("progress", { max: Math.max(total, 1), "aria-label": "documents done" });
  bar.value = done;
  element.replaceChildren(
    bar,
    h(
      "span",
      {},
      h("strong", {}, done.toLocaleString("en")),
      ` of ${total.toLocaleString("en")} done`,
      skipped ? `, ${skipped.toLocaleString("en")} skipped` : "",
      unseen(`, ${open} open`),
    ),
  );
}

const auditText = ({ right, deals, low, high }) =>
  right === null
    ? "Audit: no estimate yet; documents marked “audit” give it."
    : `Audit: ${percent(right)} of ${deals} deals right as the machine read them (95 %: ${percent(low)} to ${percent(high)}).`;

/** The estimate of how right the machine is (none in adjudication), and the suggestion to retrain. */
export function notes(element, { audit }, retrain, copy) {
  element.replaceChildren(
    ...(audit ? [h("p", { class: "quiet" }, auditText(audit))] : []),
    ...(retrain
      ? [
          h(
            "div",
            { class: "retrain" },
            h(
              "p",
              {},
              h("strong", {}, `${retrain.documents === 1 ? "1 document" : `${retrain.documents} documents`} reviewed.`),
              " Train on them:",
            ),
            h("pre", { tabindex: "0", role: "region", "aria-label": "command" }, h("code", {}, retrain.command)),
            h("button", { on: { click: () => copy(retrain.command) } }, "Copy the command"),
          ),
        ]
      : []),
  );
}
