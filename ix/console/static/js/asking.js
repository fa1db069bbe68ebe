// @ts-check
// Dialogs, which few visits need: they are loaded with the first.

/** Asks before something is done: see `dialogs.js`. @param {Parameters<typeof import("./dialogs.js").ask>[0]} what */
export const ask = async what => (await import("./dialogs.js")).ask(what);

/** Every key that works here. */
export const help = async () => (await import("./dialogs.js")).help();
