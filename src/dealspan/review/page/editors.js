/** Editing the value of a field in its place. */

import * as api from "./api.js";
import { h, words } from "./dom.js";
import { amountText, CERTAINTIES, dateOf, nameOf, ROLES, ROUNDS, said, slotAt, STAGES, VALUATIONS } from "./fields.js";
import { addCompany, nameSlot, setField } from "./edits.js";

const hand = (value, evidence, more = {}) => ({ value, confidence: null, evidence, origin: "hand", ...more });

/** @returns {HTMLSelectElement} */
function select(label, values, current, empty = false) {
  const option = (value, text) => h("option", { value, selected: value === current }, text);
  return h(
    "select",
    { "aria-label": label },
    empty && option("", "not said"),
    values.map((value) => option(value, said(value))),
  );
}

/**
 * Open the editor of a field inside its cell. `done(event|null)` gets an edit, or null when it was given up.
 * @param {object} desk @param {string} id @param {string} field @param {(event: any) => void} done
 * @returns {HTMLElement}
 */
export function editor(desk, id, field, done) {
  const [name] = field.split("/");
  const make = { round_type: round, stage: choice, certainty: choice, amount, valuation, date }[name] ?? text;
  const deal = desk.state.deals[id];
  const { controls, read } = make({ desk, id, deal, field, name, slot: slotAt(deal, field) });
  let closed = false;
  let byMouse = false;
  const close = (event) => {
    if (!closed) {
      closed = true;
      done(event);
    }
  };
  const problem = h("span", { class: "problem", role: "alert" });
  const commit = () =>
    desk.inTurn(async () => {
      const event = closed ? null : await read();
      if (typeof event === "string") problem.textContent = event;
      else close(event);
    });
  const form = h(
    "form",
    {
      class: "editor",
      on: {
        submit: (event) => {
          event.preventDefault();
          commit();
        },
        keydown: (event) => {
          // Enter in a list would open it.
          if (event.key === "Enter" && event.target.tagName === "SELECT") commit();
          else if (event.key === "Escape") close(null);
          else return;
          event.preventDefault();
          event.stopPropagation();
        },
        pointerdown: () => (byMouse = true),
        // A list that stands alone is set by choosing with the mouse; with the keys every arrow would set it.
        change: ({ target }) => byMouse && target.tagName === "SELECT" && controls.length === 1 && commit(),
        focusout: (event) => {
          if (!form.contains(event.relatedTarget) && form.isConnected && document.hasFocus()) desk.page.afterPress(commit);
        },
      },
    },
    controls,
    h("button", { class: "small", title: "Enter" }, "Set"),
    problem,
  );
  return form;
}

function choice({ desk, id, field, name, slot }) {
  const list = select(nameOf(field), name === "stage" ? STAGES : CERTAINTIES, slot?.value);
  return {
    controls: [list],
    read: () =>
      list.value === slot?.value ? null : setField(desk.state, id, field, hand(list.value, slot?.evidence ?? [])),
  };
}

function round({ desk, id, deal, slot }) {
  const list = select("round type", ROUNDS, slot?.value ?? "", true);
  const box = h("input", { type: "checkbox", checked: deal.extension });
  return {
    controls: [list, h("label", { class: "inline" }, box, " extension")],
    read: () => {
      const extension = box.checked && list.value !== "";
      if (list.value === (slot?.value ?? "") && extension === deal.extension) return null;
      const next = list.value === slot?.value ? slot : list.value ? hand(list.value, slot?.evidence ?? []) : null;
      return setField(desk.state, id, "round_type", next, { extension });
    },
  };
}

/** Words, with how they are read as a sum beside them. */
function sum(label, value) {
  const input = h("input", { type: "text", "aria-label": label, value, dir: "auto", size: 16, autocomplete: "off" });
  const shown = h("output", { class: "parsed" });
  let timer;
  const show = async () => {
    const asked = input.value.trim();
    const parsed = asked ? await api.amount(asked).catch(() => null) : null;
    if (asked === input.value.trim())
      shown.textContent = !asked ? "empty: not said" : parsed ? `→ ${amountText(parsed)}` : "no sum";
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 120);
  });
  show();
  return { input, shown };
}

function amount({ desk, id, slot }) {
  const { input, shown } = sum("amount, as written", slot?.value.text ?? "");
  return {
    controls: [input, shown],
    read: async () => {
      const asked = input.value.trim();
      if (asked === (slot?.value.text ?? "")) return null;
      if (!asked) return setField(desk.state, id, "amount", null);
      const value = await api.amount(asked).catch(() => undefined);
      if (value === undefined) return "The server cannot be reached.";
      if (!value) return "This cannot be read as a sum with a currency.";
      return setField(desk.state, id, "amount", hand({ ...value, text: asked }, desk.moneyOf(asked, slot)));
    },
  };
}

function valuation({ desk, id, slot }) {
  const before = slot ? `${slot.value.amount} ${slot.value.currency}` : "";
  const { input, shown } = sum("valuation", before);
  const list = select("pre or post", VALUATIONS, slot?.value.kind ?? "unspecified");
  return {
    controls: [input, list, shown],
    read: async () => {
      const asked = input.value.trim();
      if (!asked) return slot ? setField(desk.state, id, "valuation", null) : null;
      if (asked === before) {
        if (list.value === slot.value.kind) return null;
        return setField(desk.state, id, "valuation", hand({ ...slot.value, kind: list.value }, slot.evidence));
      }
      const value = await api.amount(asked).catch(() => undefined);
      if (value === undefined) return "The server cannot be reached.";
      if (!value) return "This cannot be read as a sum with a currency.";
      const next = { amount: value.min ?? value.max, currency: value.currency, kind: list.value };
      return setField(desk.state, id, "valuation", hand(next, desk.moneyOf(asked, slot)));
    },
  };
}

function date({ desk, id, slot }) {
  const picked = desk.picked();
  const guess = slot?.value ?? (picked ? dateOf(desk.reading.slice(picked.start, picked.end)) : "");
  const input = h("input", {
    type: "text",
    "aria-label": "date: a day, a month or a year",
    value: guess,
    size: 11,
    placeholder: "2024-10-14",
    autocomplete: "off",
  });
  return {
    controls: [input],
    read: () => {
      const value = input.value.trim();
      if (value === (slot?.value ?? "")) return null;
      if (!value) return setField(desk.state, id, "date", null);
      const [, month, day] = /^\d{4}(?:-(\d\d)(?:-(\d\d))?)?$/.exec(value) ?? [null, "99"];
      if (Number(month ?? 1) < 1 || Number(month ?? 1) > 12 || (day && Number.isNaN(Date.parse(value))))
        return "Write 2024, 2024-10 or 2024-10-14.";
      const evidence = slot?.evidence ?? (picked ? [[picked.start, picked.end]] : []);
      return setField(desk.state, id, "date", hand(value, evidence));
    },
  };
}

/** Names: of companies, investors and sources. */
function text({ desk, id, field, name, slot }) {
  const known = name === "attribution" ? [] : desk.names();
  const list = h(
    "datalist",
    { id: "names" },
    known.map((each) => h("option", { value: each })),
  );
  const input = h("input", {
    type: "text",
    "aria-label": nameOf(field),
    value: slot?.value ?? "",
    dir: "auto",
    list: known.length ? "names" : null,
    autocomplete: "off",
  });
  const role = name === "investors" ? select("role", ROLES, slot?.role ?? "participant") : null;
  return {
    controls: [input, role, known.length ? list : null],
    read: () => {
      const value = input.value.trim();
      if (value === (slot?.value ?? "") && (!role || !slot || role.value === slot.role)) return null;
      if (!value) return slot ? setField(desk.state, id, field, null) : null;
      if (name === "attribution") {
        const place = desk.reading.occurrences(value)[0];
        if (!place) return "A source is named in the text; these words are not there.";
        return setField(desk.state, id, field, { value, ...place, confidence: null, origin: "hand" });
      }
      const more = role ? { role: role.value } : {};
      if (field === "companies/+") return addCompany(desk.state, id, nameSlot(desk.state, desk.reading, value));
      const same = slot && value === slot.value;
      return setField(
        desk.state,
        id,
        field,
        same ? { ...slot, ...more, confidence: null, origin: "hand" } : nameSlot(desk.state, desk.reading, value, more),
      );
    },
  };
}

/** The words of a piece of evidence, short. */
export function quote(reading, start, end) {
  const text = reading.slice(start, end).replace(/\s+/g, " ");
  return words(text.length > 48 ? `${text.slice(0, 45)}…` : text);
}
