// Reads [name, kind, source] of scripts as JSON, and prints a line for each thing that a phone of
// 2020 (Chrome 80, Safari 13.1) does not know. `kind` is "module" or "script".
const { parse } = require("acorn");
const { full } = require("acorn-walk");

// Methods and properties that came later, whatever they are called on.
const LATER = new Set([
  "at",
  "replaceAll",
  "replaceChildren",
  "hasOwn",
  "findLast",
  "findLastIndex",
  "toSorted",
  "toReversed",
  "toSpliced",
  "groupBy",
  "checkVisibility",
  "requestSubmit",
  "showPicker",
  "randomUUID",
  "withResolvers",
  "canParse",
  "fromAsync",
  "submitter",
  "requestIdleCallback",
  "isSubsetOf",
  "togglePopover",
  "showPopover",
  "hidePopover",
]);
const LATER_OF = { AbortSignal: new Set(["timeout", "any"]), Promise: new Set(["any", "try"]) };
const LATER_NAMES = new Set([
  "structuredClone",
  "WeakRef",
  "FinalizationRegistry",
  "AggregateError",
  "BigInt",
  "CompressionStream",
]);
const LATER_SELECTORS = /:(has|is|where)\(|:focus-visible|:modal/;

const mentions = (tree, name) => {
  let found = false;
  full(tree, (node) => {
    found = found || (node.type === "MemberExpression" && node.property.name === name);
  });
  return found;
};

// A newer name may stand where its absence is expected: `window.x || y`, `x && …`, `a.b?.()`, and
// where a condition asked for it.
function isGuarded(node, above) {
  const { name } = node.property;
  return above.some((outer, depth) => {
    const inner = depth ? above[depth - 1] : node;
    if (outer.type === "CallExpression") return outer.optional && outer.callee === node;
    if (outer.type === "LogicalExpression") return mentions(outer.left, name);
    const isCondition = ["IfStatement", "ConditionalExpression"].includes(outer.type);
    return isCondition && (outer.test === inner || mentions(outer.test, name));
  });
}

// Some names are as good for a property as for the method that came later.
const isProperty = ({ property }, [outer]) =>
  property.name === "at" &&
  !(outer.type === "CallExpression" && outer.callee.property === property);

function faultsOf(source, sourceType) {
  let tree;
  try {
    tree = parse(source, { ecmaVersion: 2020, sourceType, locations: true });
  } catch (error) {
    return [`cannot be read: ${error.message}`];
  }
  const faults = [];
  const say = (node, words) => faults.push(`${node.loc.start.line}: ${words}`);
  const above = [];
  (function visit(node) {
    if (node.type === "MemberExpression" && !node.computed) {
      const { name } = node.property;
      const isLater = LATER.has(name) || (LATER_OF[node.object.name] || new Set()).has(name);
      if (isLater && !isProperty(node, above) && !isGuarded(node, above)) say(node, `.${name}`);
    }
    if (node.type === "ObjectPattern") {
      const names = node.properties.map(({ key }) => key && key.name);
      if (names.includes("submitter")) say(node, "{ submitter }");
    }
    if (node.type === "Identifier" && LATER_NAMES.has(node.name)) say(node, node.name);
    if (node.type === "ImportExpression") say(node, "import()");
    if (node.type === "MetaProperty" && node.meta.name === "import") say(node, "import.meta");
    if (
      node.type === "NewExpression" &&
      node.callee.name === "FormData" &&
      node.arguments.length > 1
    )
      say(node, "FormData of a button");
    if (node.regex && /\(\?<[=!]/.test(node.regex.pattern)) say(node, "a look behind");
    if (node.regex && /[dv]/.test(node.regex.flags)) say(node, `the flags ${node.regex.flags}`);
    const words = node.type === "TemplateElement" ? node.value.raw : node.value;
    if (typeof words === "string" && LATER_SELECTORS.test(words)) say(node, words);
    above.unshift(node);
    for (const part of Object.values(node)) {
      for (const child of Array.isArray(part) ? part : [part])
        if (child && typeof child.type === "string") visit(child);
    }
    above.shift();
  })(tree);
  return faults;
}

let input = "";
process.stdin.on("data", (part) => {
  input += part;
});
process.stdin.on("end", () => {
  for (const [name, kind, source] of JSON.parse(input)) {
    for (const fault of faultsOf(source, kind)) console.log(`${name}: ${fault}`);
  }
});
