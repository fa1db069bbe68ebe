// @ts-check
// What words on pages and rows of tables are worked with: loaded once the document is drawn.
export { Picks } from "./picks.js";
export { RowActs } from "./rows.js";
