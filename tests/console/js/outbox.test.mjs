// What is not sent yet: kept, sent in order, stopped where somebody else was there first.
import assert from "node:assert/strict";
import { test } from "node:test";
import { KEEP_FOR, Outbox, UNDO_FOR } from "../../../ix/console/static/js/review/outbox.js";

/** A service that answers as it is told, a store, and a clock that stands still until it is moved. */
function bench(answers = {}, left = {}) {
  const world = { time: 1_000_000, sent: [], heard: [], timers: [], kept: new Map(Object.entries(left)), answers };
  const answer = (what, ix_id, version, more) => {
    world.sent.push([what, ix_id, version, structuredClone(more)]);
    const told = world.answers[ix_id]?.shift?.() ?? { ok: true };
    return Promise.resolve(told.ok ? { ok: true, served: { version: version + 1 } } : told);
  };
  const service = {
    patch: (ix_id, version, changes) => answer("patch", ix_id, version, changes),
    decide: (ix_id, version, decision) => answer("decide", ix_id, version, decision.state),
  };
  const store = {
    get: key => world.kept.get(key) ?? null,
    set: (key, value) => world.kept.set(key, structuredClone(value)),
    drop: key => world.kept.delete(key),
    keys: () => [...world.kept.keys()],
  };
  const by = { service, store, now: () => world.time, later: (act, wait) => world.timers.push({ act, wait }),
    hear: (what, entry, more) => world.heard.push([what, entry.ix_id, more]) };
  world.again = (more = {}) => new Outbox({ ...by, ...more });
  world.box = world.again();
  world.settle = async () => { while (world.box.running) await world.box.running; };
  return world;
}
const change = (path, value = "x") => ({ path, value, evidence: null });
const offline = { ok: false, status: 0, problem: null };

test("changes go in order, what comes meanwhile goes next with the version that came back", async () => {
  const world = bench();
  world.box.add("a", 1, [change("p")]);
  world.box.add("a", 1, [change("q"), change("r")]);
  await world.settle();
  assert.deepEqual(world.sent.map(([, , version, changes]) => [version, changes.map(one => one.path)]), [[1, ["p"]], [2, ["q", "r"]]]);
  assert.equal(world.kept.size, 0, "nothing stays on the device once it is sent");
});

test("without a connection all is kept, and sent in order when there is one again", async () => {
  const world = bench({ a: [offline] });
  world.box.add("a", 1, [change("p")]);
  world.box.add("b", 5, [change("q")]);
  await world.settle();
  assert.deepEqual(world.heard.map(([what]) => what).at(-1), "offline");
  assert.deepEqual(world.sent.map(([, id]) => id), ["a"], "another document's turn would fail as well");
  assert.equal(world.kept.get("review.a").changes.length, 1);
  assert.equal(world.timers.length, 1, "one try is waited for, not one a change");
  world.timers[0].act();
  await world.settle();
  assert.deepEqual(world.sent.slice(1).map(([, id]) => id), ["a", "b"]);
  assert.deepEqual(world.heard.map(([what]) => what).filter(what => what === "online"), ["online"]);
  assert.equal(world.kept.size, 0);
});

test("a decision waits until it cannot be taken back, behind the changes", async () => {
  const world = bench();
  world.box.add("a", 1, [change("p")]);
  world.box.decide("a", 1, "approved", "");
  await world.settle();
  assert.deepEqual(world.sent.map(([what]) => what), ["patch"]);
  assert.equal(world.timers[0].wait, UNDO_FOR);
  world.time += UNDO_FOR;
  world.timers[0].act();
  await world.settle();
  assert.deepEqual(world.sent.at(-1), ["decide", "a", 2, "approved"]);
  assert.equal(world.kept.size, 0);
});

test("an approval that is taken back is not sent", async () => {
  const world = bench();
  world.box.decide("a", 1, "approved", "");
  assert.equal(world.box.undecide("a"), true);
  world.time += UNDO_FOR;
  world.timers[0].act();
  await world.settle();
  assert.deepEqual(world.sent, []);
  assert.equal(world.box.undecide("a"), false);
});

test("somebody else's change stops that document alone, until a person has seen it", async () => {
  const world = bench({ a: [{ ok: false, status: 412, problem: { detail: "Anna" } }] });
  world.box.add("a", 1, [change("p")]);
  world.box.add("b", 1, [change("q")]);
  await world.settle();
  assert.deepEqual(world.heard[0].slice(0, 2), ["conflict", "a"]);
  assert.deepEqual(world.sent.map(([, id]) => id), ["a", "b"]);
  world.box.add("a", 1, [change("r")]);
  await world.settle();
  assert.equal(world.sent.length, 2, "it waits");
  world.box.resume("a", 7, world.box.of("a").changes);
  await world.settle();
  assert.deepEqual(world.sent.at(-1), ["patch", "a", 7, [change("p"), change("r")]]);
});

test("a change that is refused does not keep the others", async () => {
  const refused = { ok: false, status: 422, problem: { detail: "no date" } };
  const world = bench({ a: [{ ok: true }, refused, { ok: true }, refused] });
  world.box.add("a", 1, [change("o")]);
  world.box.add("a", 1, [change("p"), change("bad"), change("q")]);
  await world.settle();
  assert.deepEqual(world.heard.filter(([what]) => what === "refused").map(([, , more]) => more.change.path), ["bad"]);
  assert.deepEqual(world.sent.map(([, , , changes]) => changes.map(one => one.path)),
    [["o"], ["p", "bad", "q"], ["p"], ["bad"], ["q"]]);
});

test("a document that was erased is forgotten", async () => {
  const world = bench({ a: [{ ok: false, status: 404, problem: null }] });
  world.box.add("a", 1, [change("p")]);
  world.box.decide("a", 1, "approved", "", 0);
  await world.settle();
  assert.equal(world.heard.at(-1)[0], "gone");
  assert.equal(world.kept.size, 0);
  assert.equal(world.sent.length, 1);
});

test("drafts are there after a reload, and gone after seven days", async () => {
  const world = bench({ a: [offline, offline, offline] });
  world.box.typing("a", 3, "grand_total", "12,");
  world.box.add("a", 3, [change("p")]);
  await world.settle();
  const later = world.again();
  await later.restored;
  assert.deepEqual(later.of("a").texts, { grand_total: "12," });
  assert.equal(later.of("a").version, 3);
  world.time += KEEP_FOR;
  const latest = world.again();
  await latest.restored;
  assert.equal(latest.of("a"), null);
  assert.equal(world.kept.size, 0);
});

test("drafts of somebody else are dropped, those that another tab has are left to it", async () => {
  const entry = { ix_id: "a", saved: 1_000_000, version: 1, changes: [change("p")], texts: {}, decision: null, owner: "anna" };
  const world = bench({}, { "review.a": entry, "review.b": { ...entry, ix_id: "b", owner: "" }, other: 1 });
  const mine = world.again({ claim: async id => id !== "b" });
  await mine.restored;
  assert.deepEqual([...mine.entries.keys()], []);
  assert.deepEqual([...world.kept.keys()], ["review.b", "other"]);
  const next = world.again();
  await next.restored;
  assert.deepEqual([...next.entries.keys()], ["b"]);
});
