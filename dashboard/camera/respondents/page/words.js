// The page's texts in the respondent's language: looked up by the English that stands in the code.

/** @type {Record<string, string>} */
let words = {};

/** @param {Record<string, string>} [dictionary] */
export function speak(dictionary) {
  words = dictionary ?? {};
}

/**
 * A text in the respondent's language; `{name}` in it becomes the value of that name.
 *
 * @param {string} text
 * @param {Record<string, string | number>} [values]
 */
export function t(text, values = {}) {
  const found = words[text] ?? text;
  return found.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** Put what stands in the page's markup into the respondent's language. */
export function translate(root) {
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode;
    const text = node.nodeValue ?? "";
    const said = text.trim();
    if (said && said in words) node.nodeValue = text.replace(said, words[said]);
  }
}
