// Prints what the console's form makes of each schema that comes in: [[path, kind, type], …], tables' columns behind.
import { shapeOf } from "../../../ix/console/static/js/review/shape.js";

let text = "";
for await (const chunk of process.stdin) text += chunk;
const said = Object.fromEntries(Object.entries(JSON.parse(text)).map(([name, schema]) => {
  const { leaves, tables } = shapeOf(schema);
  const columns = tables.flatMap(table => table.columns.map(one => [`${table.path}.${one.path}`, one.kind, one.type]));
  return [name, [...leaves.map(one => [one.path, one.kind, one.type]), ...columns]];
}));
console.log(JSON.stringify(said));
