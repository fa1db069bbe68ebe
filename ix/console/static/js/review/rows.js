// @ts-check
// What a person does to the rows of a table: moves, removes, pastes, takes the value above, moves a whole column.
import { lang, t } from "../i18n.js";
import { toast } from "../shell.js";
import { cellsOf, pasted, shifted } from "./lines.js";

/**
 * @typedef {import("./form-model.js").Change} Change
 * @typedef {import("./form-model.js").Field} Field
 * @typedef {import("./form-model.js").Table} Table
 */

export class RowActs {
  /** @param {import("./view.js").DocumentView} view @param {import("./acts.js").Acts} acts */
  constructor(view, acts) {
    this.view = view;
    this.acts = acts;
  }

  /** The value of the row above. */
  above() {
    const field = this.view.current;
    if (!field?.row) return false;
    const { rows } = field.row.table, row = rows[rows.indexOf(field.row) - 1];
    if (!row) return undefined;
    const from = row.cells[field.row.cells.indexOf(field)];
    this.view.review.drop(field);
    this.acts.send(this.view.review.set(field, from.value, null, false));
    return this.view.look(field);
  }

  /** @param {-1 | 1} by */
  moveRow(by) {
    const field = this.view.current;
    if (!field?.row) return false;
    const { table } = field.row, at = table.rows.indexOf(field.row), to = at + by;
    if (!table.rows[to]) return undefined;
    return this.change(table, [{ path: table.shape.path, op: "move", at, to }], field);
  }

  removeRow() {
    const field = this.view.current;
    if (!field?.row) return false;
    const { table } = field.row, at = table.rows.indexOf(field.row), column = field.row.cells.indexOf(field);
    this.view.review.drop(field);
    const near = table.rows[at + 1] ?? table.rows[at - 1];
    this.change(table, [{ path: table.shape.path, op: "remove", at }], near?.cells[column] ?? null, field);
    toast(t("rv.row.removed"), { undo: () => this.acts.undo() });
    return undefined;
  }

  /** Changes of rows: the table is drawn anew. @param {Table} table @param {Change[]} changes
   * @param {Field | null} focus @param {Field} [was] where a person was before */
  change(table, changes, focus, was) {
    const { view } = this;
    this.acts.send(this.view.review.do(changes, was ?? focus ?? this.view.review.model.scalars[0]));
    view.form.rebuild(table);
    view.form.current = null;
    view.draw();
    if (focus) view.look(focus);
    else view.walk();
  }

  /** @param {Table} table @param {number} column @param {1 | -1} by */
  shift(table, column, by) {
    const changes = shifted(this.view.review.model, table, column, by, this.view.numbers);
    if (!changes.length) return;
    this.acts.send(this.view.review.do(changes, table.rows[0].cells[column + by]));
    this.view.look(table.rows[0].cells[column + by]);
    toast(t("rv.shifted"), { undo: () => this.acts.undo() });
  }

  /** Cells of a spreadsheet fill rows. @param {Field} field @param {ClipboardEvent} event */
  paste(field, event) {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!field.row || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    const { row } = field, { table } = row;
    const { changes, left } = pasted(this.view.review.model, row, row.cells.indexOf(field), cellsOf(text), lang);
    this.view.review.drop(field);
    this.change(table, changes, field);
    if (left) toast(t("rv.pasted.left", { n: left }));
  }
}
