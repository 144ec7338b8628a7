// Gives an element of the page the focus, once: the safe answer of a question.
export default function (component) {
  const { data, parentElement } = component;
  const box = /** @type {any} */ (parentElement);
  if (box.__raptFocused) return;
  const found = document.querySelector(data.on);
  if (!(found instanceof HTMLElement)) return;
  box.__raptFocused = true;
  // the dialog takes the focus itself when it has opened
  setTimeout(() => found.focus(), 120);
}
