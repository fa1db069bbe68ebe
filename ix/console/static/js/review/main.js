// @ts-check
// The view of reviews: a document of the queue, with its keys.
import { t } from "../i18n.js";
import { bind } from "../keys.js";
import { shell } from "../shell.js";
import { subscribe } from "../stream.js";
import { Desk } from "./desk.js";

const { main, me } = await shell(t("nav.review"));
const desk = new Desk(main, me);

/** Nothing without a document.
 * @param {(view: import("./view.js").DocumentView) => unknown} act @returns {() => unknown} */
const on = act => () => (desk.view ? act(desk.view) : false);

bind("review", {
  confirm: on(view => void view.acts.confirm()),
  previousPoint: on(view => void view.walk(-1)),
  next: () => false,
  previous: () => false,
  down: on(view => view.acts.step(1)),
  up: on(view => view.acts.step(-1)),
  // an open menu is closed by it
  asRead: on(view => (document.querySelector(":popover-open") ? false : void view.acts.asRead())),
  pick: on(view => view.acts.onPage(picks => picks.value())),
  place: event => on(view => {
    const place = view.form.places[Number(event.code.slice(-1)) - 1];
    view.acts.onPage(picks => picks.place(place));
  })(),
  line: on(view => {
    const table = view.current?.row?.table ?? view.form.tables[0]?.table;
    return table ? view.acts.onPage(picks => picks.line(table)) : false;
  }),
  absent: on(view => view.acts.absent()),
  undo: on(view => void view.acts.undo()),
  approve: on(view => void view.acts.approve()),
  reject: on(view => void view.acts.reject()),
  skip: on(() => desk.skip()),
  pageOn: on(view => view.turn(1)),
  pageBack: on(view => view.turn(-1)),
  boxes: on(view => view.viewer.toggleBoxes()),
  fit: on(view => view.viewer.toggleFit()),
  above: on(view => view.acts.onRow(rows => rows.above())),
  rowUp: on(view => view.acts.onRow(rows => rows.moveRow(-1))),
  rowDown: on(view => view.acts.onRow(rows => rows.moveRow(1))),
  removeRow: on(view => view.acts.onRow(rows => rows.removeRow())),
});

// letters on the page come before what is typed
addEventListener("keydown", event => {
  desk.active();
  if (!desk.view?.acts.picks?.letter(event)) return;
  event.preventDefault();
  event.stopPropagation();
}, true);
addEventListener("pagehide", () => desk.bye());
// a page that comes back as it was left has given its document back
addEventListener("pageshow", event => { if (event.persisted) location.reload(); });
addEventListener("popstate", () => void desk.start());
addEventListener("online", () => void desk.outbox.retry());

subscribe({
  event(name, data) {
    if (!desk.view || desk.view.id !== data.ix_id) return;
    if (name === "erased") desk.back.heard("gone", /** @type {any} */ ({ ix_id: data.ix_id }), null);
    else if (name === "review" && data.version > desk.view.version) void desk.back.newer(data);
  },
  state({ state }) {
    if (state === "live" && desk.outbox.offline) void desk.outbox.retry();
  },
});

void desk.start();
