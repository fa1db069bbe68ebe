// @ts-check
// What is asked for, under a name: chosen from what was saved, or saved for the next time and for programs.
import { ApiError, get, send, tagged } from "../api.js";
import { fill, h, theirs } from "../dom.js";
import { t } from "../i18n.js";
import { toast } from "../shell.js";

/** As many as a list to choose from has. */
const MOST = 200;

export class Saved {
  /** @type {any} what was chosen: the configuration with its options */
  chosen = null;

  /**
   * @param {import("./choice.js").Choice} choice
   * @param {{client: string, maySave: boolean, changed: () => void}} given `client`: whose they are
   */
  constructor(choice, { client, maySave, changed }) {
    this.choice = choice;
    this.client = client;
    this.changed = changed;
    this.etag = "";
    this.list = h("select", { class: "in", id: "try-saved", onchange: () => this._choose(this.list.value) });
    this.name = h("input", { class: "in", id: "try-save-as", autocomplete: "off", maxlength: 64,
      pattern: "[A-Za-z0-9][A-Za-z0-9._\\-]*", placeholder: "supplier-invoices" });
    this.said = h("p", { class: "small", role: "status" });
    this.node = h("details", { class: "try-more" }, h("summary", { class: "second" }, t("try.saved")),
      h("div", { class: "row" }, h("label", { for: "try-saved" }, t("try.saved_choose")), this.list),
      maySave ? h("div", { class: "row" }, h("label", { for: "try-save-as" }, t("try.save_as")), this.name,
        h("button", { class: "b sm", type: "button", onclick: () => this._save() }, t("try.save"))) : null,
      this.said);
    this._offer([]);
  }

  /** Asks what there is; without an answer there is nothing to choose from. */
  async load() {
    try {
      const query = { client_id: this.client, limit: MOST };
      this._offer((await get("/configurations", { query })).configurations);
    } catch (error) {
      this._say(error);
    }
  }

  /** What a submission says: what was chosen by its name, with the options that are others by now, as long as it is of
   * the same use case. */
  get asked() {
    const options = this.choice.options(), { name, version, use_case: use, options: kept } = this.chosen ?? {};
    if (use !== this.choice.name) return { configuration: "", options };
    const changed = Object.entries(options).filter(([option, value]) => !same(value, kept[option]));
    return { configuration: `${name}@${version}`, options: Object.fromEntries(changed) };
  }

  /** @param {any[]} found */
  _offer(found) {
    const none = h("option", { value: "" }, t("try.saved_none"));
    const options = found.map(one =>
      h("option", { value: one.name, selected: one.name === this.chosen?.name }, theirs(`${one.name}@${one.version}`)));
    fill(this.list, [none, ...options]);
  }

  /** @param {string} name */
  async _choose(name) {
    this.said.replaceChildren();
    this.chosen = null;
    try {
      if (name) {
        const { body, etag } = await tagged(`/configurations/${name}`, { query: { client_id: this.client } });
        this.chosen = body;
        this.etag = body.shared ? "" : etag;
        this.name.value = name;
        this.choice.take(body);
      }
    } catch (error) {
      this._say(error);
    }
    this.changed();
  }

  /** Saves what is asked for; of what was chosen, what this page does not show stays as it is. */
  async _save() {
    if (!this.name.reportValidity() || !this.name.value || !this.choice.isValid()) return;
    const name = this.name.value, before = this.chosen?.name === name && !this.chosen.shared ? this.chosen : null;
    const kept = before?.use_case === this.choice.name ? before.options : {};
    const body = {
      use_case: this.choice.name, options: { ...kept, ...this.choice.options() },
      callback_url: before?.callback_url ?? null, priority: before?.priority ?? 0,
    };
    // what somebody else saved meanwhile is not overwritten unseen
    /** @type {Record<string, string>} */
    const headers = before ? { "if-match": this.etag } : { "if-none-match": "*" };
    try {
      const query = { client_id: this.client };
      this.chosen = await send("PUT", `/configurations/${name}`, body, { query, headers });
      this.etag = `"v${this.chosen.version}"`;
      toast(t("try.saved_as", { name: `${name}@${this.chosen.version}` }));
      await this.load();
    } catch (error) {
      this._say(error);
    }
    this.changed();
  }

  /** @param {any} error */
  _say(error) {
    const text = error instanceof ApiError && error.status === 412 ? t("try.saved_meanwhile") : error.message;
    fill(this.said, [theirs(text, 400)]);
  }
}

/** Whether two JSON values say the same, whatever the order of their members. @param {any} a @param {any} b */
const same = (a, b) => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

/** @param {any} value @returns {any} */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map(name => [name, sorted(value[name])]));
}
