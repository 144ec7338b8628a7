"""Scripts that browser tests and benchmarks run in a page: axe-core, and what has the focus."""

from __future__ import annotations

from pathlib import Path
from typing import Final

AXE: Final = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"

#: Runs axe-core; each serious or critical fault by its rule, where it is, and whether it is ours:
#: inside markup or a component of this project, not one of Streamlit's own elements.
FIND: Final = """
async () => {
  const found = await axe.run(document, {resultTypes: ['violations'], elementRef: true});
  const kin = (one) => one.parentElement ?? one.getRootNode().host;
  const place = (one) => {
    const role = one.getAttribute('role');
    const own = one.tagName.toLowerCase() + (role ? `[role=${role}]` : '');
    for (let up = one; up; up = kin(up)) {
      const id = up.dataset?.testid;
      if (id) return up === one ? `${id} (${own})` : `${id} ${own}`;
    }
    return own;
  };
  const ours = (one) => {
    for (let up = one; up; up = kin(up)) {
      const id = up.dataset?.testid;
      if (id) return id === 'stHtml' || id.startsWith('stBidi');
    }
    return true;
  };
  return found.violations
    .filter((one) => ['serious', 'critical'].includes(one.impact))
    .flatMap((one) => one.nodes.map((node) => ({
      rule: one.id, place: place(node.element), ours: ours(node.element),
      said: node.failureSummary, html: node.html.slice(0, 300),
    })));
}
"""

#: What has the focus, inside components too: its place in the window, and what it is called.
FOCUSED: Final = """
() => {
  let one = document.activeElement;
  while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  if (!one || one === document.body) return null;
  one.scrollIntoView({block: 'nearest'});
  const label = one.getAttribute('aria-label') ?? one.labels?.[0]?.innerText ?? one.innerText;
  const box = one.getBoundingClientRect();
  return {
    tag: one.tagName.toLowerCase(), name: (label || one.title || '').trim().slice(0, 60),
    x: box.x, y: box.y, width: box.width, height: box.height,
  };
}
"""
